//! `mooncake_store`: keeps KV chunks in a Mooncake store. Configuration only.

use std::collections::BTreeMap;

use crate::{L2AdapterConfig, SharedConfig};

/// Keeps KV chunks in a Mooncake store.
///
/// The settings of Mooncake's client, such as `local_hostname`, `metadata_server` or `protocol`, are further keys of the spec.
/// LMCache passes them on without validation.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "mooncake_store")]
pub struct MooncakeStoreL2AdapterConfig {
    /// Threads that read and write.
    #[config(default = 4, min = 1)]
    pub num_workers: u32,
    /// Separate threads for some operations. Absent or null: all operations use those of `num_workers`.
    #[config(keys(allowed = ["lookup", "retrieve", "store", "delete"]), each(min = 1))]
    #[config(example = {"lookup": 2})]
    pub per_op_workers: Option<BTreeMap<String, u32>>,
    /// A setting of Mooncake's client. Numbers and switches are written as strings, as Mooncake reads them.
    #[config(rest)]
    pub setup_config: BTreeMap<String, String>,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
