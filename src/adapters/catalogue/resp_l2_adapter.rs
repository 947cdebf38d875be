//! `resp`: keeps KV chunks in a Redis or Valkey server. Configuration only.

use crate::{L2AdapterConfig, Secret, SharedConfig};

/// Keeps KV chunks in a Redis or Valkey server.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "resp")]
pub struct RespL2AdapterConfig {
    /// The server's host name or address.
    #[config(required, not_blank, example = "127.0.0.1")]
    pub host: String,
    /// The server's port.
    #[config(required, min = 1, example = 6379)]
    pub port: u16,
    /// Threads that read and write.
    #[config(default = 8, min = 1)]
    pub num_workers: u32,
    /// The user name. Empty: none; LMCache then uses the environment variable, if it is set.
    #[config(default = "", env = "LMCACHE_RESP_USERNAME")]
    pub username: String,
    /// The password. Empty: none; LMCache then uses the environment variable, if it is set.
    #[config(default = "", secret, env = "LMCACHE_RESP_PASSWORD")]
    pub password: Secret<String>,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
