//! `resp`: keeps KV chunks in a Redis or Valkey server. Configuration only.

use crate::{CommonConfig, L2AdapterConfig, Secret};

/// Keeps KV chunks in a Redis or Valkey server.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "resp")]
#[config(also_known_as(
    names = ["redis", "rediss", "keydb", "dragonfly", "redis_server"],
    advice = "for a cluster there is `valkey`"
))]
#[config(warning(
    name = "one_machine_to_reach",
    doc = "`host` is not `0.0.0.0` or `::`, which lead to no machine.",
    reads(host),
    check = crate::adapters::addresses::one_to_reach,
))]
pub struct RespL2AdapterConfig {
    /// The server's host name or address.
    #[config(required, not_blank, host = [scoped, advised], example = "127.0.0.1")]
    #[config(also_known_as = ["hostname", "server", "address", "addr", "redis_host"])]
    #[config(also_known_as(
        names = ["url", "uri", "redis_url", "remote_url", "connection_string"],
        advice = "an address is written in two keys, `host` and `port`"
    ))]
    pub host: String,
    /// The server's port.
    #[config(required, min = 1, example = 6379)]
    #[config(also_known_as = ["redis_port", "server_port"])]
    pub port: u16,
    /// Threads that read and write.
    #[config(default = 8, min = 1)]
    #[config(also_known_as = ["num_threads", "threads", "max_workers", "io_threads", "pool_size", "max_connections"])]
    pub num_workers: u32,
    /// The user name. Empty: none; LMCache then uses the environment variable, if it is set.
    #[config(default = "", env = "LMCACHE_RESP_USERNAME")]
    #[config(also_known_as = ["user", "redis_username", "redis_user"])]
    pub username: String,
    /// The password. Empty: none; LMCache then uses the environment variable, if it is set.
    #[config(default = "", secret, env = "LMCACHE_RESP_PASSWORD")]
    #[config(also_known_as = ["passwd", "pass", "auth", "redis_password", "requirepass"])]
    pub password: Secret<String>,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    #[config(also_known_as = ["max_size_gb", "capacity_gb", "max_capacity", "capacity", "max_size", "max_local_disk_size"])]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
