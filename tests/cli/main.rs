//! The program `l2-adapter`, run as its users run it: exit code, standard output and standard error together.
//!
//! ```text
//! check_anything, check_bounds, check_inputs, check_streams   `check`: any bytes, endless and odd files, forms of inputs, streams
//! check_human, check_json, check_services                     its reports: for people, for programs, for services
//! check_machine, check_pairs                                  `--on-this-machine`; the specs of a deployment
//! check_versions, check_names, check_folders                  versions of LMCache; names of other systems; folders
//! check_suggestions                                           what is suggested can be pasted
//! types, generated, size, nodes                               the other commands
//! help, logs, secrets                                         help, the log of nodes, secrets in any output
//! program                                                     runs the program in an empty folder
//! ```
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod check_anything;
mod check_bounds;
mod check_folders;
mod check_human;
mod check_inputs;
mod check_json;
mod check_machine;
mod check_names;
#[cfg(feature = "pd")]
mod check_pairs;
mod check_services;
mod check_streams;
mod check_suggestions;
mod check_versions;
#[cfg(any(feature = "pd", target_os = "linux"))]
#[path = "../../src/cli/nodes/free_ports.rs"]
mod free_ports;
mod generated;
mod help;
#[cfg(feature = "pd")]
mod logs;
#[cfg(all(feature = "pd", target_os = "linux"))]
mod nodes;
mod program;
mod secrets;
#[cfg(all(feature = "pd", target_os = "linux"))]
mod size;
mod types;
