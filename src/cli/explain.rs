//! `explain`: the help text of one type, or of one of its keys.

use std::io::Write;

use clap::Args;
use l2_adapter_schema::{Peer, Table, help, help_of_key};

use super::{
    exit::{Exit, Failure},
    lmcache::OneLmcacheArgs,
};
use crate::registry::Registry;

/// Describe an adapter type or one of its keys: defaults, rules, an example
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  l2-adapter explain pd | less
  l2-adapter explain pd buffer_size
  l2-adapter explain pd timing/lease_seconds")]
pub(super) struct ExplainArgs {
    /// The adapter type, one of those that `l2-adapter types` lists
    #[arg(value_name = "TYPE")]
    adapter_type: String,
    /// Only this key: its name, or its path as in faults
    #[arg(value_name = "KEY")]
    key: Option<String>,
    #[command(flatten)]
    lmcache: OneLmcacheArgs,
}

pub(super) fn run(args: &ExplainArgs, registry: &Registry, out: &mut dyn Write) -> Result<Exit, Failure> {
    let table = registry.look_up(&args.adapter_type)?.table();
    let peer = args.lmcache.peer();
    let help = match &args.key {
        None => help(table, peer.as_ref()),
        Some(key) => help_of_key(table, key, peer.as_ref())
            .map_err(|suggestion| unknown_key(table, key, peer.as_ref(), suggestion))?,
    };
    writeln!(out, "{}", help.trim_end())?;
    Ok(Exit::Success)
}

/// The error for a name that no key has.
fn unknown_key(table: &'static Table, key: &str, peer: Option<&Peer<'_>>, suggestion: Option<String>) -> Failure {
    let (type_name, key) = (table.adapter.unwrap_or(table.name), key.to_owned());
    match peer {
        Some(peer) if help_of_key(table, &key, None).is_ok() => {
            Failure::KeyOfOtherVersion { type_name, key, peer: peer.to_string() }
        }
        _ => Failure::UnknownKey { type_name, key, suggestion },
    }
}
