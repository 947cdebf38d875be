//! `gcs`: keeps KV chunks as objects in Google Cloud Storage. Configuration only.

use std::path::PathBuf;

use crate::{CommonConfig, L2AdapterConfig};

/// Keeps KV chunks as objects in Google Cloud Storage.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "gcs")]
#[config(also_known_as = ["google_cloud_storage", "google", "gs", "gcp"])]
pub struct GcsL2AdapterConfig {
    /// The bucket, which must exist.
    #[config(required, not_blank, example = "kv-chunks")]
    #[config(also_known_as = ["bucket", "bucket_name"])]
    pub gcs_bucket: String,
    /// The service account's key file. Absent or null: Google's application default credentials.
    #[config(exists = file, access = read, example = "/etc/lmcache/service-account.json")]
    #[config(also_known_as = ["credentials", "credentials_file", "credentials_path"])]
    #[config(also_known_as = ["google_application_credentials", "service_account_file", "token"])]
    pub gcs_credentials_file: Option<PathBuf>,
    /// The Google Cloud project. Absent or null: that of the credentials.
    #[config(example = "my-project")]
    #[config(also_known_as = ["project", "project_id"])]
    pub gcs_project: Option<String>,
    /// Threads that read and write.
    #[config(default = 64, min = 1)]
    #[config(also_known_as = ["num_threads", "threads", "max_workers", "io_threads", "num_workers"])]
    pub gcs_num_workers: u32,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    #[config(also_known_as = ["max_size_gb", "capacity_gb", "max_capacity", "capacity", "max_size", "max_local_disk_size"])]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
