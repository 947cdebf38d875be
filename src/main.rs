//! The program `l2-adapter`: the command line for the types of this package.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    l2_adapter::cli::main()
}
