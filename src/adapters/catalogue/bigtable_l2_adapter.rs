//! `bigtable`: keeps KV chunks as rows of a Google Cloud Bigtable table. Configuration only.

use std::path::PathBuf;

use crate::{CommonConfig, L2AdapterConfig};

/// Keeps KV chunks as rows of a Google Cloud Bigtable table.
///
/// Some keys have two names; the description of each states which one wins.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "bigtable")]
#[config(also_known_as = ["google_bigtable", "cloud_bigtable", "gcp_bigtable"])]
#[config(forbidden(
    key = "bigtable_layer_group_size",
    reason = "LMCache reads and discards it: write `layer_group_size`"
))]
#[config(forbidden(key = "bigtable_thread_pool_size", reason = "LMCache reads and discards it: leave it out"))]
#[config(forbidden(key = "thread_pool_size", reason = "LMCache reads and discards it: leave it out"))]
pub struct BigtableL2AdapterConfig {
    /// The Google Cloud project.
    #[config(required, key = "bigtable_project_id", not_blank, env = "BT_PROJECT_ID", example = "my-project")]
    #[config(also_known_as = ["project", "gcp_project"])]
    pub project_id: String,
    /// The Bigtable instance.
    #[config(required, key = "bigtable_instance_id", not_blank, env = "BT_INSTANCE_ID", example = "kv-cache")]
    #[config(also_known_as = ["instance"])]
    pub instance_id: String,
    /// The table, which must exist.
    #[config(required, key = "bigtable_table_name", not_blank, env = "BT_TABLE_NAME", example = "chunks")]
    #[config(also_known_as = ["table"])]
    pub table_name: String,
    /// The application profile that routes requests. Absent or null: the instance's own.
    #[config(key = "bigtable_app_profile", alias(key = "app_profile", both = key_wins), env = "BT_APP_PROFILE")]
    #[config(example = "your-bigtable-app-profile")]
    pub app_profile_id: Option<String>,
    /// The service account's key file. Absent or null: Google's application default credentials.
    #[config(key = "bigtable_credentials_path", alias(key = "credentials_path", both = key_wins))]
    #[config(env = "BT_CREDENTIALS_PATH", exists = file, access = read, example = "/etc/lmcache/service-account.json")]
    #[config(also_known_as = ["credentials", "credentials_file", "google_application_credentials"])]
    pub credentials_path: Option<PathBuf>,
    /// How long a read may take.
    #[config(default = 200.0, above = 0.0, unit = milliseconds, env = "BT_READ_TIMEOUT_MS")]
    #[config(key = "bigtable_read_timeout_ms", alias(key = "read_timeout_ms", both = key_wins))]
    pub read_timeout_ms: f64,
    /// How long a write may take.
    #[config(default = 500.0, above = 0.0, unit = milliseconds, env = "BT_WRITE_TIMEOUT_MS")]
    #[config(key = "bigtable_write_timeout_ms", alias(key = "write_timeout_ms", both = key_wins))]
    pub write_timeout_ms: f64,
    /// How long the existence of a row is cached.
    #[config(default = 30.0, min = 0.0, unit = seconds, env = "BT_EXISTS_CACHE_TTL_SECONDS")]
    #[config(key = "bigtable_exists_cache_ttl_seconds", alias(key = "exists_cache_ttl_seconds", both = key_wins))]
    pub exists_cache_ttl_seconds: f64,
    /// The number of rows whose existence is cached.
    #[config(default = 10000, min = 1, env = "BT_EXISTS_CACHE_SIZE")]
    #[config(key = "bigtable_exists_cache_size", alias(key = "exists_cache_size", both = key_wins))]
    pub exists_cache_size: u64,
    /// How often a failed request is retried. LMCache 0.5.6 stores it and does not use it.
    #[config(default = 3, env = "BT_MAX_RETRIES")]
    #[config(key = "bigtable_max_retries", alias(key = "max_retries", both = key_wins))]
    pub max_retries: u32,
    /// The largest chunk that is stored if `layer_group_size` is 0; larger chunks are skipped.
    #[config(default = 90.0, above = 0.0, unit = mib, key = "bigtable_max_chunk_size_mb", env = "BT_MAX_CHUNK_SIZE_MB")]
    pub max_chunk_size_mb: f64,
    /// The column family.
    #[config(default = "cf", key = "bigtable_family_name", not_blank, env = "BT_FAMILY_NAME")]
    pub family_name: String,
    /// The column of a chunk if `layer_group_size` is 0.
    #[config(default = "data", key = "bigtable_column_name", not_blank, env = "BT_COLUMN_NAME")]
    pub column_name: String,
    /// How a row's key is made of a chunk's key: `{hash_prefix}`, `{model}`, `{rank}`, `{group}`, `{hash}` and `{salt}` are
    /// filled in. LMCache reads `hash#model` and `{hash}#{model}` as the default.
    #[config(default = "{hash_prefix}@{model}@{rank}@{group}@{hash}@{salt}", not_blank, env = "BT_ROW_KEY_TEMPLATE")]
    #[config(alias(key = "bigtable_row_key_template", both = key_wins))]
    pub row_key_template: String,
    /// How many layers of a chunk share a column of its row. 0: all of it is one.
    #[config(default = 10)]
    pub layer_group_size: u32,
    /// The model's number of layers. A chunk's bytes must be a multiple of it times `kv_size`.
    #[config(default = 32, min = 1)]
    pub num_layers: u32,
    /// The number of tensors of a layer: 2 for separate keys and values.
    #[config(default = 2, min = 1)]
    pub kv_size: u32,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
