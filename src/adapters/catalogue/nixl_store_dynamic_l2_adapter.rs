//! `nixl_store_dynamic`: keeps each KV chunk in a file that NIXL opens when it is needed. Configuration only.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{CommonConfig, ConfigChoice, ConfigSection, L2AdapterConfig, Machine, RuleError};

/// Keeps each KV chunk in a file that NIXL opens when it is needed.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "nixl_store_dynamic")]
pub struct NixlStoreDynamicL2AdapterConfig {
    /// How NIXL reaches the files.
    #[config(required, example = "POSIX")]
    #[config(also_known_as = ["nixl_backend", "storage_backend", "plugin"])]
    pub backend: NixlFileBackend,
    /// The settings of adapter and backend. NIXL gets all of them and accepts strings only.
    #[config(required)]
    pub backend_params: NixlStoreDynamicParams,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// The storage backends of NIXL that store files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum NixlFileBackend {
    /// Files, by GPUDirect Storage.
    #[config(name = "GDS")]
    Gds,
    /// Files, by GPUDirect Storage with several threads.
    #[config(name = "GDS_MT")]
    GdsMt,
    /// Files, by system calls.
    #[config(name = "POSIX")]
    Posix,
    /// Files of a 3FS file system.
    #[config(name = "HF3FS")]
    Hf3fs,
    /// Files of an IBM Storage Scale file system.
    #[config(name = "IBM_SCALE")]
    IbmScale,
}

/// The settings of `nixl_store_dynamic` and its backend. LMCache requires the first three when it creates the adapter.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(machine_rule(
    name = "direct_io_at_the_path",
    doc = "The file system of `file_path` takes `O_DIRECT`, if `use_direct_io` is \"true\".",
    reads(use_direct_io, file_path),
    check = direct_io,
))]
pub struct NixlStoreDynamicParams {
    /// The directory that holds the files. It is created if it does not exist.
    #[config(required, min_length = 1, access = create, example = "/var/cache/lmcache")]
    pub file_path: PathBuf,
    /// Whether files are read and written without the page cache. LMCache reads any other string as `false`.
    #[config(required, example = "false")]
    pub use_direct_io: SwitchAsText,
    /// How much may be stored, a number written as a string.
    #[config(required, pattern = "^[0-9.]*[1-9][0-9.]*$", example = "64")]
    pub max_capacity_gb: String,
    /// Whether files are spread over folders of two levels. LMCache reads any other string as `false`.
    #[config(default = "false")]
    pub shard_dirs: SwitchAsText,
    /// A parameter of the backend, passed on unchanged.
    #[config(rest)]
    pub others: BTreeMap<String, String>,
}

/// A switch that is written as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
#[config(ignore_case)]
pub enum SwitchAsText {
    /// On.
    True,
    /// Off.
    False,
}

fn direct_io(machine: &dyn Machine, use_direct_io: &SwitchAsText, path: &Path) -> Result<(), RuleError> {
    crate::adapters::paths::direct_io(machine, &(*use_direct_io == SwitchAsText::True), path)
}
