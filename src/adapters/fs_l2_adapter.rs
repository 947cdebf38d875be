//! `fs`: keeps KV chunks as files. Configuration only.

use std::path::PathBuf;

use crate::{CommonConfig, L2AdapterConfig, RuleError, adapters::paths};

/// Keeps KV chunks as files in a directory.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "fs")]
#[config(also_known_as(
    names = ["disk", "local_disk", "local_disk_backend", "local", "file", "filesystem", "folder", "directory", "posix", "nfs", "ssd", "lustre", "gpfs", "weka", "wekafs"],
    advice = "`fs_native` has threads of its own and a capacity"
))]
#[config(machine_rule(
    name = "direct_io_at_the_path",
    doc = "The file system of `base_path` takes `O_DIRECT`, if `use_odirect` is true.",
    reads(use_odirect, base_path),
    check = crate::adapters::paths::direct_io,
))]
#[config(rule(
    name = "tmp_dir_inside",
    doc = "`relative_tmp_dir` is relative and has no `..`.",
    reads(relative_tmp_dir),
    check = tmp_dir_inside,
))]
pub struct FsL2AdapterConfig {
    /// The directory that holds the files. It is created if it does not exist.
    #[config(required, min_length = 1, access = create, example = "/var/cache/lmcache")]
    #[config(also_known_as = ["path", "dir", "directory", "folder", "root", "root_path", "cache_dir"])]
    #[config(also_known_as = ["storage_path", "local_disk", "local_disk_path"])]
    pub base_path: PathBuf,
    /// A directory for files that are being written, relative to `base_path` and without `..`. Absent or null: next to the
    /// finished files.
    #[config(example = "tmp")]
    #[config(also_known_as = ["tmp_dir", "temp_dir", "tmp_path"])]
    pub relative_tmp_dir: Option<PathBuf>,
    /// The size of the first read of a file, which makes the file system read ahead.
    #[config(min = 1, unit = bytes, example = 65536)]
    #[config(also_known_as = ["read_ahead"])]
    pub read_ahead_size: Option<u64>,
    /// Whether files are read and written without the page cache (`O_DIRECT`).
    #[config(default = false)]
    #[config(also_known_as = ["direct_io", "use_direct_io", "o_direct"])]
    pub use_odirect: bool,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

fn tmp_dir_inside(relative_tmp_dir: &Option<PathBuf>) -> Result<(), RuleError> {
    relative_tmp_dir.as_deref().map_or(Ok(()), paths::relative_tmp_dir)
}
