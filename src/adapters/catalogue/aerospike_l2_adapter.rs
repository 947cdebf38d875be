//! `aerospike`: keeps KV chunks as records of an Aerospike cluster. Configuration only.

use crate::{BLANK, CommonConfig, L2AdapterConfig, RuleError, Secret, schema::unexpanded};

/// Keeps KV chunks as records of an Aerospike cluster.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "aerospike")]
#[config(warning(
    name = "no_blanks_in_hosts",
    doc = "`hosts` has no blanks.",
    reads(hosts),
    check = no_blanks,
))]
#[config(warning(
    name = "machines_to_reach",
    doc = "`hosts` is not `0.0.0.0` or `::`, which lead to no machine.",
    reads(hosts),
    check = crate::adapters::addresses::one_to_reach,
))]
pub struct AerospikeL2AdapterConfig {
    /// The nodes to begin with, each as `host:port`, with commas and no blanks between them. The others are found through
    /// these.
    #[config(required, not_blank, host_port = [listed, advised], example = "10.0.0.5:3000,10.0.0.6:3000")]
    #[config(also_known_as(
        names = ["host", "hostname", "nodes", "servers", "seeds"],
        advice = "all nodes are one text, `host:port,host:port`"
    ))]
    pub hosts: String,
    /// The namespace of the records.
    #[config(default = "lmcache", not_blank)]
    #[config(also_known_as = ["ns", "aerospike_namespace"])]
    pub namespace: String,
    /// The set of the records.
    #[config(default = "kv_chunks", not_blank, alias(key = "set", both = key_wins))]
    pub set_name: String,
    /// Threads that read and write.
    #[config(default = 8, min = 1)]
    #[config(also_known_as = ["num_threads", "threads", "max_workers", "io_threads"])]
    pub num_workers: u32,
    /// How long a read may take.
    #[config(default = 1000, min = 1, unit = milliseconds)]
    pub read_timeout_ms: u32,
    /// How long a write may take.
    #[config(default = 2000, min = 1, unit = milliseconds)]
    pub write_timeout_ms: u32,
    /// How long a record lives. 0: the default of the namespace.
    #[config(default = 86400, unit = seconds)]
    #[config(also_known_as = ["ttl", "ttl_seconds"])]
    pub default_ttl_seconds: u32,
    /// The intended size of a chunk's segments. 0: the adapter chooses.
    #[config(default = 0, unit = bytes)]
    pub target_segment_bytes: u64,
    /// The largest record that the cluster accepts. 0: asks the cluster. 65536 bytes of any other number are reserved.
    #[config(default = 0, unit = bytes)]
    pub max_record_bytes: u64,
    /// The user name. Empty: none; LMCache then uses the environment variable, if it is set.
    #[config(default = "", env = "LMCACHE_AEROSPIKE_USERNAME")]
    #[config(also_known_as = ["user"])]
    pub username: String,
    /// The password. Empty: none; LMCache then uses the environment variable, if it is set.
    #[config(default = "", secret, env = "LMCACHE_AEROSPIKE_PASSWORD")]
    #[config(also_known_as = ["passwd", "pass"])]
    pub password: Secret<String>,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    #[config(also_known_as = ["max_size_gb", "capacity_gb", "max_capacity", "capacity", "max_size", "max_local_disk_size"])]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// A list with other signs than commas has a warning of its own.
fn no_blanks(hosts: &str) -> Result<(), RuleError> {
    let hosts_without: String = hosts.chars().filter(|character| !BLANK.contains(character)).collect();
    let is_list = hosts.split(',').all(|part| !part.trim_matches(BLANK).contains(BLANK));
    if hosts_without == hosts || !is_list || unexpanded(hosts).is_some() {
        return Ok(());
    }
    Err(RuleError::new(format!("has blanks, which become part of a host: write \"{hosts_without}\"")))
}
