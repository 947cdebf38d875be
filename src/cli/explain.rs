//! `explain`: the help text of one type.

use std::io::Write;

use clap::Args;
use l2_adapter_schema::help_for;

use super::{
    exit::{Exit, Failure},
    lmcache::OneLmcacheArgs,
};
use crate::registry::Registry;

/// Describe an adapter type: keys, defaults, rules, an example
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  l2-adapter explain pd | less")]
pub(super) struct ExplainArgs {
    /// The adapter type, one of those that `l2-adapter types` lists
    #[arg(value_name = "TYPE")]
    adapter_type: String,
    #[command(flatten)]
    lmcache: OneLmcacheArgs,
}

pub(super) fn run(args: &ExplainArgs, registry: &Registry, out: &mut dyn Write) -> Result<Exit, Failure> {
    let registration = registry.look_up(&args.adapter_type)?;
    writeln!(out, "{}", help_for(registration.table(), args.lmcache.peer().as_ref()).trim_end())?;
    Ok(Exit::Success)
}
