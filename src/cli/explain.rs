//! `explain`: the help text of one type.

use std::io::Write;

use clap::Args;
use l2_adapter_schema::help;

use super::exit::{Exit, Failure};
use crate::registry::Registry;

/// Describe an adapter type: keys, defaults, rules, an example
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  l2-adapter explain pd | less")]
pub(super) struct ExplainArgs {
    /// The adapter type, one of those that `l2-adapter types` lists
    #[arg(value_name = "TYPE")]
    adapter_type: String,
}

pub(super) fn run(args: &ExplainArgs, registry: &Registry, out: &mut dyn Write) -> Result<Exit, Failure> {
    let registration = registry.look_up(&args.adapter_type)?;
    writeln!(out, "{}", help(registration.table()).trim_end())?;
    Ok(Exit::Success)
}
