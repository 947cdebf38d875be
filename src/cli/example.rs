//! `example`: an example spec.

use std::io::Write;

use clap::Args;
use l2_adapter_schema::{Extent, example_text};

use super::{
    exit::{Exit, Failure},
    lmcache::OneLmcacheArgs,
};
use crate::registry::Registry;

/// Print an example spec of an adapter type
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  l2-adapter example pd --full > pd.json")]
pub(super) struct ExampleArgs {
    /// The adapter type, one of those that `l2-adapter types` lists
    #[arg(value_name = "TYPE")]
    adapter_type: String,
    /// Show every key, not only the required ones
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    lmcache: OneLmcacheArgs,
}

pub(super) fn run(args: &ExampleArgs, registry: &Registry, out: &mut dyn Write) -> Result<Exit, Failure> {
    let table = registry.look_up(&args.adapter_type)?.table();
    let extent = if args.full { Extent::Full } else { Extent::Minimal };
    writeln!(out, "{}", example_text(table, extent, args.lmcache.peer().as_ref()).trim_end())?;
    Ok(Exit::Success)
}
