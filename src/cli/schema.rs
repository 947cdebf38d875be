//! `schema`: the JSON Schema of one type, or of any spec.

use clap::Args;
use l2_adapter_schema::{editor_schema_of, schema_of};

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
  l2-adapter schema --editor --output l2-adapter.schema.json
  l2-adapter schema pd > pd.schema.json
  l2-adapter schema --check l2-adapter.schema.json")]
pub(super) struct SchemaArgs {
    /// The adapter type; omit it for any spec, or a list of specs
    #[arg(value_name = "TYPE")]
    adapter_type: Option<String>,
    /// Add keywords for editors that use VS Code's JSON language service: Markdown, snippets, error messages
    #[arg(long)]
    editor: bool,
    #[command(flatten)]
    destination: Destination,
}

pub(super) fn run(args: &SchemaArgs, registry: &Registry, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let schema = match &args.adapter_type {
        Some(name) if args.editor => editor_schema_of(registry.look_up(name)?.table(), &registry.tables(), None),
        Some(name) => schema_of(registry.look_up(name)?.table(), &registry.tables(), None),
        None if args.editor => registry.editor_spec_schema(None),
        None => registry.spec_schema(None),
    };
    // A schema is already JSON, and writing to memory cannot fail.
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n";
    let command = if args.editor { "schema --editor" } else { "schema" };
    deliver(&text, &args.destination, command, args.adapter_type.as_deref(), streams)
}
