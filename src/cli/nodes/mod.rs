//! Two PD nodes on this machine: what `demo` and `bench` share.
//!
//! The sender runs in the process that was started, the receiver in a second one: the same program with a hidden command, which
//! gets its commands over standard input.
//!
//! ```text
//! peer, receiver        the receiver's process, seen from the sender's; its hidden command
//! neighbours            processes that keep cores busy during a measurement
//! messages              the messages between the two processes
//! specs, workload       the specs of the two nodes; their chunks
//! free_ports            ports for nodes of one machine
//! completion, latency   waiting for results; measured times
//! ```

mod completion;
mod free_ports;
mod latency;
mod messages;
pub(super) mod neighbours;
mod peer;
pub(super) mod receiver;
mod specs;
mod workload;

pub(super) use self::{
    completion::{TaskFailed, store},
    latency::Latencies,
    messages::{Answer, Ask, LoadReport},
    neighbours::Neighbours,
    peer::{PeerError, ReceiverProcess, set_launcher},
    specs::{NodeSpecs, package_folders, sender_context, set_package_folders},
    workload::Workload,
};
