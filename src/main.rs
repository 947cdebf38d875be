//! The program `l2-adapter`: the command line over the types this package declares.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    l2_adapter::cli::main()
}
