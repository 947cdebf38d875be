//! `nixl_store_dynamic`: keeps each KV chunk in a file that NIXL opens when it is needed. Configuration only.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;

use crate::{ConfigChoice, ConfigSection, L2AdapterConfig, SharedConfig};

/// Keeps each KV chunk in a file that NIXL opens when it is needed.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "nixl_store_dynamic")]
pub struct NixlStoreDynamicL2AdapterConfig {
    /// How NIXL reaches the files.
    #[config(required, example = "POSIX")]
    pub backend: NixlFileBackend,
    /// What the adapter and the backend are set up with.
    #[config(required)]
    pub backend_params: NixlStoreDynamicParams,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}

/// The storage backends of NIXL that store files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum NixlFileBackend {
    /// By GPUDirect Storage.
    #[config(name = "GDS")]
    Gds,
    /// By GPUDirect Storage with several threads.
    #[config(name = "GDS_MT")]
    GdsMt,
    /// By the system's own calls.
    #[config(name = "POSIX")]
    Posix,
    /// In a 3FS file system.
    #[config(name = "HF3FS")]
    Hf3fs,
    /// In an IBM Storage Scale file system.
    #[config(name = "IBM_SCALE")]
    IbmScale,
}

/// What `nixl_store_dynamic` and its backend are set up with. LMCache asks for the three keys when it creates the adapter.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub struct NixlStoreDynamicParams {
    /// The directory that holds the files.
    #[config(required, min_length = 1, example = "/var/cache/lmcache")]
    pub file_path: PathBuf,
    /// Whether files are read and written past the page cache, as a string. LMCache takes any other one for `false`.
    #[config(required, example = "false")]
    pub use_direct_io: DirectIo,
    /// How much may be stored.
    #[config(required, above = 0.0, unit = gib, example = 64.0)]
    pub max_capacity_gb: f64,
    /// A parameter of the backend, passed on as it is.
    #[config(rest)]
    pub others: BTreeMap<String, Value>,
}

/// A switch that is written as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
#[config(ignore_case)]
pub enum DirectIo {
    /// Past the page cache.
    True,
    /// Through the page cache.
    False,
}
