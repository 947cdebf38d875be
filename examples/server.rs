//! A server that takes `--l2-adapter`: it parses every spec, reports every fault of all of them before anything starts, creates the
//! adapters and closes them.
//!
//! Run it with
//! `cargo run --example server -- --l2-adapter '{"type": "mock", "max_size_gb": 1, "mock_bandwidth_gb": 10}'`, and see an invalid
//! spec with `--l2-adapter '{"type": "pdd"}'`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints to its user")]

use std::{
    error::Error,
    hash::{BuildHasher, RandomState},
    iter,
    process::ExitCode,
    sync::Arc,
};

use clap::Parser;
use l2_adapter::{
    adapter::{CreationContext, L2Adapter, SystemClock},
    registry,
    specs::L2AdapterArgs,
};

/// A server that would keep KV chunks in L2 adapters.
#[derive(Parser)]
struct ServerArgs {
    #[command(flatten)]
    l2_adapters: L2AdapterArgs,
}

fn main() -> ExitCode {
    match serve(&ServerArgs::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // An error that `main` returns would be printed in Rust's debug form.
        Err(error) => {
            let causes = iter::successors(Some(&*error), |&error| error.source());
            eprintln!("{}", causes.map(ToString::to_string).collect::<Vec<_>>().join(": "));
            ExitCode::from(2)
        }
    }
}

fn serve(args: &ServerArgs) -> Result<(), Box<dyn Error>> {
    let specs = args.l2_adapters.parse()?;
    for warning in specs.iter().flat_map(|spec| &spec.warnings) {
        eprintln!("warning: {warning}");
    }
    // A new seed at every start.
    let context = CreationContext::new(Arc::new(SystemClock::new()), RandomState::new().hash_one(()));
    let registry = registry::global()?;
    let adapters: Vec<Box<dyn L2Adapter>> =
        specs.iter().map(|spec| registry.create(&spec.value, &context)).collect::<Result<_, _>>()?;
    for adapter in &adapters {
        println!("{adapter}: {:?}", adapter.report_status());
        adapter.close();
    }
    Ok(())
}
