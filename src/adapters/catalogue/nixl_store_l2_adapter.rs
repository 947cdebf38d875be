//! `nixl_store`: keeps KV chunks in a pool of files or objects that NIXL opens at the start. Configuration only.

use serde_json::{Map, Value};

use crate::{ConfigChoice, L2AdapterConfig, RuleError, SharedConfig};

/// Keeps KV chunks in a pool of files or objects that NIXL opens at the start.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "nixl_store")]
#[config(rule(
    name = "file_backend_params",
    doc = "A backend that stores files needs `file_path` and `use_direct_io` in `backend_params`.",
    reads(backend_params, backend),
    check = file_backend_params,
))]
pub struct NixlStoreL2AdapterConfig {
    /// Where NIXL stores.
    #[config(required, example = "POSIX")]
    pub backend: NixlStoreBackend,
    /// How many files or objects are made ready at the start; no more are stored at once.
    #[config(required, min = 1, example = 1024)]
    pub pool_size: u64,
    /// What the backend is set up with, passed on as it is. Backends that store files need `file_path`, a directory, and
    /// `use_direct_io`, "true" or "false"; they take `file_size`, the bytes of one file.
    #[config(default_with = Map::new, default_doc = "nothing")]
    #[config(required_if(backend = ["GDS", "GDS_MT", "POSIX", "HF3FS", "IBM_SCALE"]))]
    #[config(example = {"file_path": "/var/cache/lmcache", "use_direct_io": "false"})]
    pub backend_params: Map<String, Value>,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
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
    /// Files, by the system's own calls.
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

fn file_backend_params(params: &Map<String, Value>, backend: &NixlStoreBackend) -> Result<(), RuleError> {
    match ["file_path", "use_direct_io"].into_iter().find(|key| !params.contains_key(*key)) {
        Some(missing) if backend.stores_files() => {
            Err(RuleError::new(format!("must have `{missing}`, since `{backend}` stores files")))
        }
        _ => Ok(()),
    }
}
