//! How a server takes `--l2-adapter`: one argument group, every fault of every spec before anything starts.
//!
//! Run it with
//! `cargo run --example server -- --l2-adapter '{"type": "fs", "base_path": "/cache"}' --l2-adapter '{"type": "pdd"}'`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints to its user")]

use std::process::ExitCode;

use clap::Parser;
use l2_adapter::specs::L2AdapterArgs;

/// A server that would keep KV chunks in L2 adapters.
#[derive(Parser)]
struct ServerArgs {
    #[command(flatten)]
    l2_adapters: L2AdapterArgs,
}

fn main() -> ExitCode {
    match ServerArgs::parse().l2_adapters.parse() {
        Ok(specs) => {
            for parsed in &specs {
                println!("{}: {}", parsed.value.type_name(), serde_json::Value::Object(parsed.value.to_dict()));
                for warning in &parsed.warnings {
                    println!("  warning: {warning}");
                }
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
