//! `fs_native`: keeps KV chunks as files, written by native threads. Configuration only.

use std::path::PathBuf;

use crate::{L2AdapterConfig, RuleError, SharedConfig};

/// Keeps KV chunks as files, read and written by native threads.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "fs_native")]
#[config(warning(
    name = "capacity_without_eviction",
    doc = "`max_capacity_gb` has no effect without `eviction`.",
    reads(max_capacity_gb, shared),
    check = capacity_is_enforced,
))]
pub struct FsNativeL2AdapterConfig {
    /// The directory that holds the files.
    #[config(required, min_length = 1, example = "/var/cache/lmcache")]
    pub base_path: PathBuf,
    /// Threads that read and write.
    #[config(default = 4, min = 1)]
    pub num_workers: u32,
    /// A directory for files that are being written, relative to `base_path`. Empty: next to the finished files, with names
    /// that end in `.tmp`.
    #[config(default = "")]
    pub relative_tmp_dir: PathBuf,
    /// Whether files are read and written without the page cache (`O_DIRECT`).
    #[config(default = false)]
    pub use_odirect: bool,
    /// The size of the first read of a file, which makes the file system read ahead.
    #[config(min = 1, unit = bytes, example = 65536)]
    pub read_ahead_size: Option<u64>,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}

fn capacity_is_enforced(max_capacity_gb: &f64, shared: &SharedConfig) -> Result<(), RuleError> {
    if *max_capacity_gb > 0.0 && shared.eviction.is_none() {
        return Err(RuleError::new("bounds nothing without `eviction`: files go on being added"));
    }
    Ok(())
}
