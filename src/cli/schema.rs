//! `schema`: the JSON Schema of one type, or of any spec.

use clap::Args;
use l2_adapter_schema::schema_of;

use super::{
    exit::{Exit, Failure},
    generated::{Destination, deliver},
    streams::Streams,
};
use crate::registry::Registry;

/// Print the JSON Schema (2020-12) of one adapter type, or of any spec
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  l2-adapter schema --output l2-adapter.schema.json
  l2-adapter schema pd > pd.schema.json
  l2-adapter schema --check l2-adapter.schema.json")]
pub(super) struct SchemaArgs {
    /// The adapter type; without it any spec, or a list of them
    #[arg(value_name = "TYPE")]
    adapter_type: Option<String>,
    #[command(flatten)]
    destination: Destination,
}

pub(super) fn run(args: &SchemaArgs, registry: &Registry, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let schema = match &args.adapter_type {
        Some(name) => schema_of(registry.look_up(name)?.table(), &registry.tables()),
        None => registry.spec_schema(),
    };
    // A schema is JSON already, and memory is there to be written to: this cannot fail.
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n";
    deliver(&text, &args.destination, "schema", args.adapter_type.as_deref(), streams)
}
