//! `phx`: keeps KV chunks in files through the phx library. Configuration only.

use std::path::PathBuf;

use crate::{CommonConfig, L2AdapterConfig};

/// Keeps KV chunks in files through the phx library.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "phx")]
#[config(machine_rule(
    name = "direct_io_at_the_path",
    doc = "The file system of `base_path` takes `O_DIRECT`, if `use_direct_io` is true.",
    reads(use_direct_io, base_path),
    check = crate::adapters::paths::direct_io,
))]
pub struct PhxL2AdapterConfig {
    /// The directory that holds the files.
    #[config(required, min_length = 1, access = create, example = "/mnt/nvme0/kv")]
    #[config(also_known_as = ["path", "dir", "directory", "folder", "root", "root_path", "cache_dir", "storage_path"])]
    pub base_path: PathBuf,
    /// The devices to use, by number. Absent, null or empty: none, and files are read by system calls.
    #[config(example = [0, 1])]
    pub device_ids: Option<Vec<u32>>,
    /// The size of the buffer of each device.
    #[config(default = 2048, min = 1, unit = mib)]
    pub buffer_size_mb: u64,
    /// Whether files are read and written without the page cache.
    #[config(default = true)]
    pub use_direct_io: bool,
    /// How much may be stored. 0: no limit.
    #[config(default = 0, unit = bytes)]
    #[config(also_known_as = ["capacity_bytes", "max_size_bytes", "max_capacity"])]
    pub max_capacity_bytes: u64,
    /// A directory for records of the durations of operations. Absent or null: no records.
    #[config(access = create, example = "/var/log/phx")]
    pub perf_log_dir: Option<PathBuf>,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
