//! `raw_block`: keeps KV chunks in slots of a raw block device. Configuration only.

mod rules;

use std::path::PathBuf;

use crate::{CommonConfig, ConfigChoice, L2AdapterConfig};

/// Keeps KV chunks in slots of a raw block device.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "raw_block")]
#[config(also_known_as = ["block", "block_device", "nvme"])]
#[config(forbidden(key = "per_tp_device_paths", reason = "a multiprocess server has one device: write `device_path`"))]
#[config(common_key(
    name = "persist_enabled",
    allowed = [true],
    reason = "chunks are kept on the device when the server stops"
))]
#[config(rule(
    name = "whole_blocks",
    doc = "`slot_bytes`, `header_bytes` and `meta_total_bytes` are multiples of `block_align`.",
    reads(slot_bytes, header_bytes, meta_total_bytes, block_align),
    check = rules::whole_blocks,
))]
#[config(rule(
    name = "slot_beyond_header",
    doc = "`slot_bytes` is larger than `header_bytes`.",
    reads(slot_bytes, header_bytes),
    check = rules::slot_beyond_header,
))]
#[config(rule(
    name = "room_for_the_index",
    doc = "`meta_total_bytes` is at least four times `block_align`, and `capacity_bytes`, unless it is 0, larger than that.",
    reads(meta_total_bytes, block_align, capacity_bytes),
    check = rules::room_for_the_index,
))]
#[config(rule(
    name = "ascii_magic",
    doc = "`meta_magic` has ASCII characters only.",
    reads(meta_magic),
    check = rules::ascii_magic,
))]
#[config(rule(
    name = "one_io_engine",
    doc = "`use_iouring` and `use_uring` are not given together with `io_engine`, which overrides them.",
    reads(io_engine, use_iouring, use_uring),
    check = rules::one_io_engine,
))]
#[config(rule(
    name = "uring_cmd_by_io_uring",
    doc = "`use_uring_cmd` needs `io_engine` \"io_uring\".",
    reads(use_uring_cmd, io_engine, use_iouring, use_uring),
    check = rules::uring_cmd_by_io_uring,
))]
#[config(rule(
    name = "namespace_for_uring_cmd",
    doc = "With `use_uring_cmd`, `device_path` names an NVMe namespace, such as `/dev/ng0n1`, and `max_data_transfer_size` \
           above 0 is a multiple of `block_align`.",
    reads(use_uring_cmd, device_path, max_data_transfer_size, block_align),
    check = rules::namespace_for_uring_cmd,
))]
#[config(rule(
    name = "placement_by_uring_cmd",
    doc = "`fdp_enabled` needs `use_uring_cmd`.",
    reads(fdp_enabled, use_uring_cmd),
    check = rules::placement_by_uring_cmd,
))]
#[config(rule(
    name = "policies_of_placement",
    doc = "`fdp_data_placement_policy` and `fdp_slot_reuse_policy` other than \"none\" need `fdp_enabled`.",
    reads(fdp_data_placement_policy, fdp_slot_reuse_policy, fdp_enabled),
    check = rules::policies_of_placement,
))]
#[config(rule(
    name = "index_placed_apart",
    doc = "`meta_checkpoint_placement_id` is none of `fdp_placement_ids`.",
    reads(meta_checkpoint_placement_id, fdp_placement_ids),
    check = rules::index_placed_apart,
))]
#[config(machine_rule(
    name = "direct_io_at_the_path",
    doc = "The file system of `device_path` takes `O_DIRECT`, if `use_odirect` is true.",
    reads(use_odirect, device_path),
    check = crate::adapters::paths::direct_io,
))]
pub struct RawBlockL2AdapterConfig {
    /// The block device, or an existing file that is large enough. Everything on it is overwritten. With `use_uring_cmd` it is
    /// an NVMe namespace, such as `/dev/ng0n1`.
    #[config(required, min_length = 1, exists = [device, file], access = write)]
    #[config(example = "/dev/nvme0n1", example = "/dev/ng0n1")]
    #[config(also_known_as = ["device", "dev", "path", "block_device"])]
    pub device_path: PathBuf,
    /// The size of a slot; each holds one chunk and its header.
    #[config(required, min = 1, unit = bytes, example = 2097152)]
    pub slot_bytes: u64,
    /// How much of the device is used. 0: all of it.
    #[config(default = 0, unit = bytes)]
    #[config(also_known_as = ["capacity", "size_bytes", "device_size"])]
    pub capacity_bytes: u64,
    /// Whether the page cache is bypassed (`O_DIRECT`). With `use_uring_cmd` it always is.
    #[config(default = true)]
    pub use_odirect: bool,
    /// The alignment of reads and writes.
    #[config(default = 4096, power_of_two, unit = bytes)]
    pub block_align: u32,
    /// How much of a slot is kept for its header.
    #[config(default = 4096, min = 24, unit = bytes)]
    pub header_bytes: u64,
    /// The part of the device that is reserved for two copies of the index.
    #[config(default = 268435456, unit = bytes)]
    pub meta_total_bytes: u64,
    /// The eight ASCII characters that the index begins with.
    #[config(default = "LMCIDX01", min_length = 8, max_length = 8)]
    pub meta_magic: String,
    /// The version of the index.
    #[config(default = 1, min = 1)]
    pub meta_version: u32,
    /// The interval between writes of the index. 0 counts as 1.
    #[config(default = 60, unit = seconds)]
    pub meta_checkpoint_interval_sec: u32,
    /// How long no chunk must have been stored before the index is written.
    #[config(default = 100, unit = milliseconds)]
    pub meta_idle_quiet_ms: u32,
    /// Whether the index is written while the server runs, not only when it stops.
    #[config(default = true)]
    pub meta_enable_periodic: bool,
    /// Whether the index is read when the server starts.
    #[config(default = true)]
    pub load_checkpoint_on_init: bool,
    /// Whether the header of each slot is compared with the index when the index is read.
    #[config(default = true)]
    pub meta_verify_on_load: bool,
    /// Whether aligned chunks are written to the device without a copy.
    #[config(default = true)]
    pub enable_zero_copy: bool,
    /// The engine for reads and writes. Absent or null: `posix`, unless an older key selects `io_uring`.
    #[config(example = "io_uring")]
    pub io_engine: Option<RawBlockIoEngine>,
    /// An older way to choose `io_uring`.
    #[config(deprecated = "write `\"io_engine\": \"io_uring\"`")]
    pub use_iouring: Option<bool>,
    /// Another older way to choose `io_uring`; one of the two is enough.
    #[config(deprecated = "write `\"io_engine\": \"io_uring\"`")]
    pub use_uring: Option<bool>,
    /// How many requests the ring of `io_uring` holds.
    #[config(default = 256, min = 1)]
    pub iouring_queue_depth: u32,
    /// Whether NVMe commands are sent through the ring.
    #[config(default = false)]
    pub use_uring_cmd: bool,
    /// The largest transfer of one request. 0 or -1: with `use_uring_cmd` the device's limit, otherwise no limit.
    #[config(default = 0, min = -1, unit = bytes)]
    pub max_data_transfer_size: i64,
    /// Whether chunks are placed on the device by NVMe Flexible Data Placement (FDP).
    #[config(default = false)]
    pub fdp_enabled: bool,
    /// The placement identifiers for chunks. Absent or null: all that the device has, but 0 and that of the index.
    #[config(forbidden_unless(fdp_enabled = true, reason = "it is ignored otherwise"))]
    #[config(min_items = 1, unique, each(min = 1))]
    pub fdp_placement_ids: Option<Vec<u16>>,
    /// The placement of chunks. Absent or null: `cache_salt_prefix` if `fdp_enabled`, else `none`.
    #[config(example = "none")]
    pub fdp_data_placement_policy: Option<FdpDataPlacementPolicy>,
    /// Which of the free slots is used first. Absent or null: `pid_affinity` if `fdp_enabled`, else `none`.
    #[config(example = "none")]
    pub fdp_slot_reuse_policy: Option<FdpSlotReusePolicy>,
    /// The placement identifier of the index. Absent or null: the device's default.
    #[config(min = 1, forbidden_unless(use_uring_cmd = true, reason = "it needs NVMe commands"))]
    pub meta_checkpoint_placement_id: Option<u16>,
    /// Threads that store.
    #[config(default = 2, min = 1)]
    pub num_store_workers: u32,
    /// Threads that look up.
    #[config(default = 1, min = 1)]
    pub num_lookup_workers: u32,
    /// Threads that load.
    #[config(default = 4, min = 1)]
    pub num_load_workers: u32,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// How a raw block device is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
#[config(ignore_case)]
pub enum RawBlockIoEngine {
    /// One system call a request.
    Posix,
    /// Requests through a ring that is shared with the kernel.
    #[config(name = "io_uring")]
    IoUring,
}

/// The placement of chunks, with FDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
#[config(ignore_case)]
pub enum FdpDataPlacementPolicy {
    /// Nothing.
    None,
    /// The part of the cache salt before its first colon.
    CacheSaltPrefix,
    /// The cache salt's rank.
    CacheSaltRank,
}

/// Which of the free slots is used first, with FDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
#[config(ignore_case)]
pub enum FdpSlotReusePolicy {
    /// Any.
    None,
    /// One that had the same placement identifier.
    PidAffinity,
}
