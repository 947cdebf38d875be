//! `nixl_store`: keeps KV chunks in a pool of files or objects that NIXL opens at the start. Configuration only.

use std::collections::BTreeMap;

use crate::{CommonConfig, ConfigChoice, L2AdapterConfig, RuleError};

/// Keeps KV chunks in a pool of files or objects that NIXL opens at the start.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "nixl_store")]
#[config(also_known_as(
    names = ["nixl", "gds", "cufile", "gpudirect", "gpu_direct_storage", "nixl_storage_backend", "nixl_backend"],
    advice = "`nixl_store_dynamic` has a file for each chunk, `nixl_native` is LMCache's own; between nodes there is `pd`"
))]
#[config(rule(
    name = "file_backend_params",
    doc = "A backend that stores files needs `file_path`, a directory, and `use_direct_io`, \"true\" or \"false\", in \
           `backend_params`; `file_size`, if present, is a number of bytes.",
    reads(backend_params, backend),
    check = file_backend_params,
))]
#[config(machine_rule(
    name = "directory_of_files",
    doc = "`file_path` in `backend_params` is a directory that is writable or can be created, and its file system takes \
           `O_DIRECT`, if `use_direct_io` is \"true\".",
    reads(backend_params),
    check = crate::adapters::paths::directory_of_files,
))]
pub struct NixlStoreL2AdapterConfig {
    /// The storage backend of NIXL.
    #[config(required, example = "POSIX")]
    #[config(also_known_as = ["nixl_backend", "storage_backend", "plugin"])]
    pub backend: NixlStoreBackend,
    /// How many files or objects are prepared at the start. Each holds a page of L1 memory, or several if `file_size` is
    /// larger; a chunk needs as many as it has pages.
    #[config(required, min = 1, example = 1024)]
    #[config(also_known_as = ["nixl_pool_size", "num_files"])]
    pub pool_size: u64,
    /// The settings of the backend. NIXL gets all of them and accepts strings only. Backends that store files need `file_path`,
    /// a directory, and `use_direct_io`; `file_size` is the bytes of one file, a multiple of a page of L1 memory.
    #[config(default_with = BTreeMap::new, default_doc = "nothing")]
    #[config(required_if(backend = ["GDS", "GDS_MT", "POSIX", "HF3FS", "IBM_SCALE"]))]
    #[config(example = {"file_path": "/var/cache/lmcache", "use_direct_io": "false"})]
    #[config(also_known_as = ["params", "backend_config", "nixl_backend_params"])]
    #[config(also_known_as(
        names = ["path", "base_path", "file_path", "directory"],
        advice = "the folder is `file_path` inside it"
    ))]
    pub backend_params: BTreeMap<String, String>,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// The storage backends of NIXL that `nixl_store` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum NixlStoreBackend {
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
    /// Objects of an S3 service.
    #[config(name = "OBJ")]
    Obj,
    /// Objects of Azure Blob Storage.
    #[config(name = "AZURE_BLOB")]
    AzureBlob,
    /// Files of an IBM Storage Scale file system.
    #[config(name = "IBM_SCALE")]
    IbmScale,
}

impl NixlStoreBackend {
    /// Whether it stores files, not objects.
    pub const fn stores_files(self) -> bool {
        !matches!(self, Self::Obj | Self::AzureBlob)
    }
}

fn file_backend_params(params: &BTreeMap<String, String>, backend: &NixlStoreBackend) -> Result<(), RuleError> {
    if !backend.stores_files() {
        return Ok(());
    }
    let is_switch = |text: &str| ["true", "false"].iter().any(|name| text.eq_ignore_ascii_case(name));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let get = |key: &str| params.get(key).map(String::as_str);
    let message = match (get("file_path"), get("use_direct_io"), get("file_size")) {
        (None | Some(""), ..) => format!("must have `file_path`, since `{backend}` stores files"),
        (_, None, _) => format!("must have `use_direct_io`, since `{backend}` stores files"),
        (_, Some(text), _) if !is_switch(text) => "must have \"true\" or \"false\" for `use_direct_io`".to_owned(),
        (.., Some(text)) if !is_number(text) => {
            "must have a number of bytes for `file_size`, in digits and without a unit: \"67108864\"".to_owned()
        }
        _ => return Ok(()),
    };
    Err(RuleError::new(message))
}
