//! `fs_native`: keeps KV chunks as files, written by native threads. Configuration only.

use std::path::PathBuf;

use crate::{CommonConfig, L2AdapterConfig, RuleError};

/// Keeps KV chunks as files, read and written by native threads.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "fs_native")]
#[config(also_known_as = ["native_fs"])]
#[config(warning(
    name = "capacity_without_eviction",
    doc = "`max_capacity_gb` has no effect without `eviction`.",
    reads(max_capacity_gb, common),
    check = capacity_is_enforced,
))]
#[config(warning(
    name = "tmp_dir_inside",
    doc = "`relative_tmp_dir` is relative and has no `..`.",
    reads(relative_tmp_dir),
    check = crate::adapters::paths::relative_tmp_dir,
))]
#[config(warning(
    name = "budget_without_readers",
    doc = "`read_max_bytes_in_flight` bounds nothing if `num_read_workers` is 0.",
    reads(read_max_bytes_in_flight, num_read_workers),
    check = budget_counts,
    since = "LMCache 0.5.7",
))]
#[config(machine_rule(
    name = "direct_io_at_the_path",
    doc = "The file system of `base_path` takes `O_DIRECT`, if `use_odirect` is true.",
    reads(use_odirect, base_path),
    check = crate::adapters::paths::direct_io,
))]
pub struct FsNativeL2AdapterConfig {
    /// The directory that holds the files.
    #[config(required, min_length = 1, access = create, example = "/var/cache/lmcache")]
    #[config(also_known_as = ["path", "dir", "directory", "folder", "root", "root_path", "cache_dir"])]
    #[config(also_known_as = ["storage_path", "local_disk", "local_disk_path"])]
    pub base_path: PathBuf,
    /// Threads that read and write.
    #[config(default = 4, min = 1)]
    #[config(also_known_as = ["num_threads", "threads", "max_workers", "io_threads"])]
    pub num_workers: u32,
    /// A directory for files that are being written, relative to `base_path`. Empty: next to the finished files, with names
    /// that end in `.tmp`.
    #[config(default = "")]
    #[config(also_known_as = ["tmp_dir", "temp_dir", "tmp_path"])]
    pub relative_tmp_dir: PathBuf,
    /// Whether files are read and written without the page cache (`O_DIRECT`).
    #[config(default = false)]
    #[config(also_known_as = ["direct_io", "use_direct_io", "o_direct"])]
    pub use_odirect: bool,
    /// The size of the first read of a file, which makes the file system read ahead.
    #[config(min = 1, unit = bytes, example = 65536)]
    #[config(also_known_as = ["read_ahead"])]
    pub read_ahead_size: Option<u64>,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    #[config(also_known_as = ["max_size_gb", "capacity_gb", "max_capacity", "capacity", "max_size", "max_local_disk_size"])]
    pub max_capacity_gb: f64,
    /// Threads that only read, and so the reads that are in flight at most. 0: `num_workers` threads read, too.
    #[config(default = 256, since = "LMCache 0.5.7")]
    pub num_read_workers: u32,
    /// How many bytes of reads may be in flight. 0: 1536 MiB. It counts for nothing if `num_read_workers` is 0.
    #[config(default = 0, unit = bytes, since = "LMCache 0.5.7")]
    pub read_max_bytes_in_flight: u64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

fn capacity_is_enforced(max_capacity_gb: &f64, common: &CommonConfig) -> Result<(), RuleError> {
    if *max_capacity_gb > 0.0 && common.eviction.is_none() {
        return Err(RuleError::new("bounds nothing without `eviction`: files go on being added"));
    }
    Ok(())
}

fn budget_counts(read_max_bytes_in_flight: &u64, num_read_workers: &u32) -> Result<(), RuleError> {
    if *read_max_bytes_in_flight > 0 && *num_read_workers == 0 {
        return Err(RuleError::new("bounds nothing while `num_read_workers` is 0"));
    }
    Ok(())
}
