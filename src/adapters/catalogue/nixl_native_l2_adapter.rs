//! `nixl_native`: keeps KV chunks in a storage backend of NIXL, through LMCache's native connector. Configuration only.

use std::collections::BTreeMap;

use crate::{CommonConfig, L2AdapterConfig};

/// Keeps KV chunks in a storage backend of NIXL, through LMCache's native connector.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "nixl_native")]
#[config(forbidden(
    key = "storage_type",
    reason = "the abilities of the backend determine whether files or objects are stored"
))]
#[config(machine_rule(
    name = "directory_of_files",
    doc = "`file_path` in `backend_params` is a directory that is writable or can be created, and its file system takes \
           `O_DIRECT`, if `use_direct_io` is \"true\".",
    reads(backend_params),
    check = crate::adapters::paths::directory_of_files,
))]
pub struct NixlNativeL2AdapterConfig {
    /// The NIXL plugin, in capital letters.
    #[config(required, pattern = "^[A-Z][A-Z0-9_]*$", example = "POSIX")]
    #[config(also_known_as = ["nixl_backend", "storage_backend", "plugin"])]
    pub backend: String,
    /// The settings of the plugin, passed on unchanged. Backends that store files need `file_path` here, and accept
    /// `use_direct_io`.
    #[config(default_with = BTreeMap::new, default_doc = "nothing")]
    #[config(example = {"file_path": "/var/cache/lmcache"})]
    #[config(also_known_as(
        names = ["path", "base_path", "file_path", "directory"],
        advice = "the folder is `file_path` inside it"
    ))]
    pub backend_params: BTreeMap<String, String>,
    /// Threads that read and write, each with a NIXL agent of its own.
    #[config(default = 4, min = 1)]
    pub num_workers: u32,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
