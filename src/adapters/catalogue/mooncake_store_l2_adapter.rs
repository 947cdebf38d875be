//! `mooncake_store`: keeps KV chunks in a Mooncake store. Configuration only.

use std::collections::BTreeMap;

use crate::{L2AdapterConfig, SharedConfig};

/// Keeps KV chunks in a Mooncake store.
///
/// What Mooncake's client is set up with, such as `local_hostname`, `metadata_server` or `protocol`, is written beside the
/// other keys. LMCache passes it on without a check.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "mooncake_store")]
pub struct MooncakeStoreL2AdapterConfig {
    /// Threads that read and write.
    #[config(default = 4, min = 1)]
    pub num_workers: u32,
    /// Threads of their own for some operations. Absent or null: all use those of `num_workers`.
    #[config(keys(allowed = ["lookup", "retrieve", "store", "delete"]), each(min = 1))]
    #[config(example = {"lookup": 2})]
    pub per_op_workers: Option<BTreeMap<String, u32>>,
    /// A setting of Mooncake's client. Numbers and switches are written as strings, as Mooncake reads them.
    #[config(rest)]
    pub setup_config: BTreeMap<String, String>,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
