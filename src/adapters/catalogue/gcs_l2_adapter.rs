//! `gcs`: keeps KV chunks as objects in Google Cloud Storage. Configuration only.

use std::path::PathBuf;

use crate::{L2AdapterConfig, SharedConfig};

/// Keeps KV chunks as objects in Google Cloud Storage.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "gcs")]
pub struct GcsL2AdapterConfig {
    /// The bucket, which must exist.
    #[config(required, not_blank, example = "kv-chunks")]
    pub gcs_bucket: String,
    /// The service account's key file. Absent or null: Google's application default credentials.
    #[config(exists = file, example = "/etc/lmcache/service-account.json")]
    pub gcs_credentials_file: Option<PathBuf>,
    /// The Google Cloud project. Absent or null: that of the credentials.
    #[config(example = "my-project")]
    pub gcs_project: Option<String>,
    /// Threads that read and write.
    #[config(default = 64, min = 1)]
    pub gcs_num_workers: u32,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
