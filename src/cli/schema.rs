//! `schema`: the JSON Schema of one type, or of any spec.

use clap::Args;
use l2_adapter_schema::{editor_schema_of, schema_of};

use super::{
    exit::{Exit, Failure},
    generated::{Destination, deliver},
    lmcache::LmcacheArgs,
    streams::Streams,
};
use crate::registry::Registry;

/// Print the JSON Schema (2020-12) of one adapter type, or of any spec
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  l2-adapter schema --editor --output l2-adapter.schema.json
  l2-adapter schema --lmcache 0.5.7 > l2-adapter.schema.json
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
    lmcache: LmcacheArgs,
    #[command(flatten)]
    destination: Destination,
}

pub(super) fn run(args: &SchemaArgs, registry: &Registry, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let lmcache = args.lmcache.peer();
    let peer = Some(&lmcache);
    let schema = match &args.adapter_type {
        Some(name) if args.editor => editor_schema_of(registry.look_up(name)?.table(), &registry.tables(), peer),
        Some(name) => schema_of(registry.look_up(name)?.table(), &registry.tables(), peer),
        None if args.editor => registry.editor_spec_schema(peer),
        None => registry.spec_schema(peer),
    };
    // A schema is already JSON, and writing to memory cannot fail.
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n";
    let editor = if args.editor { " --editor" } else { "" };
    let command = format!("schema{editor}{}", args.lmcache);
    deliver(&text, &args.destination, &command, args.adapter_type.as_deref(), streams)
}
