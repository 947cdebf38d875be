//! `docs`: the Markdown reference of one type, or of all.

use clap::Args;
use l2_adapter_schema::{markdown, markdown_all};

use super::{
    exit::{Exit, Failure},
    generated::{Destination, deliver},
    streams::Streams,
};
use crate::registry::Registry;

/// Print the reference documentation of one adapter type, or of all types
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  l2-adapter docs pd
  l2-adapter docs --output docs/l2-adapters.md
  l2-adapter docs --check docs/l2-adapters.md")]
pub(super) struct DocsArgs {
    /// The adapter type; omit it for all types
    #[arg(value_name = "TYPE")]
    adapter_type: Option<String>,
    #[command(flatten)]
    destination: Destination,
}

pub(super) fn run(args: &DocsArgs, registry: &Registry, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let text = match &args.adapter_type {
        Some(name) => markdown(registry.look_up(name)?.table()),
        None => markdown_all(&registry.tables()),
    };
    let text = format!("{}\n", text.trim_end());
    deliver(&text, &args.destination, "docs", args.adapter_type.as_deref(), streams)
}
