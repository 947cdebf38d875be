//! `blkio`: keeps KV chunks on a block device. Configuration only.

use std::path::PathBuf;

use crate::{CommonConfig, L2AdapterConfig};

/// Keeps KV chunks on a block device.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "blkio")]
#[config(machine_rule(
    name = "direct_io_at_the_path",
    doc = "The file system of `device_path` takes `O_DIRECT`, if `direct_io` is true.",
    reads(direct_io, device_path),
    check = crate::adapters::paths::direct_io,
))]
pub struct BlkioL2AdapterConfig {
    /// The block device. Everything on it is overwritten.
    #[config(required, min_length = 1, exists = [device, file], access = write, example = "/dev/nvme1n1")]
    #[config(also_known_as = ["device", "dev", "path"])]
    pub device_path: PathBuf,
    /// Threads that read and write.
    #[config(default = 4, min = 1)]
    #[config(also_known_as = ["num_threads", "threads", "max_workers", "io_threads"])]
    pub num_workers: u32,
    /// Whether the page cache is bypassed (`O_DIRECT`).
    #[config(default = true)]
    pub direct_io: bool,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
