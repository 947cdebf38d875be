//! `valkey`: keeps KV chunks in a Valkey server or cluster. Configuration only.

use crate::{BLANK, CommonConfig, L2AdapterConfig, RuleError, Secret, adapters::addresses::one_to_reach};

/// Keeps KV chunks in a Valkey server or cluster.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "valkey")]
#[config(also_known_as = ["valkey_glide", "glide", "valkey_cluster", "redis_cluster"])]
#[config(warning(
    name = "nodes_beyond_the_first",
    doc = "Without `cluster_mode` only the first of `startup_nodes` is used.",
    reads(startup_nodes, cluster_mode),
    check = one_node_alone,
))]
#[config(warning(
    name = "database_in_cluster",
    doc = "`database_id` is ignored in `cluster_mode`.",
    reads(database_id, cluster_mode),
    check = no_database_in_cluster,
))]
#[config(warning(
    name = "expiry_beside_eviction",
    doc = "Chunks that expire by `ttl_seconds` still count towards `max_capacity_gb`.",
    reads(ttl_seconds, max_capacity_gb),
    check = expiry_or_eviction,
))]
#[config(warning(
    name = "machines_to_reach",
    doc = "No node is `0.0.0.0` or `::`, which lead to no machine.",
    reads(startup_nodes),
    check = machines_to_reach,
))]
pub struct ValkeyL2AdapterConfig {
    /// The first nodes, as `host:port`, separated by commas; white space around them is stripped. They are asked for a
    /// cluster's other nodes.
    #[config(required, host_port = [listed, advised], parse_with = parse_nodes, write_with = write_nodes)]
    #[config(example = "10.0.0.5:6379")]
    #[config(also_known_as(
        names = ["nodes", "hosts", "host", "port", "servers", "addresses", "cluster_nodes", "url", "remote_url"],
        advice = "all nodes are one text, `host:port,host:port`"
    ))]
    pub startup_nodes: Vec<ValkeyNode>,
    /// Whether the nodes are those of a cluster.
    #[config(default = false)]
    pub cluster_mode: bool,
    /// The user name. Empty: none.
    #[config(default = "")]
    #[config(also_known_as = ["user"])]
    pub username: String,
    /// The password. Empty: none.
    #[config(default = "", secret)]
    #[config(also_known_as = ["passwd", "pass", "auth"])]
    pub password: Secret<String>,
    /// The prefix of every key, before an `@`. Empty: none.
    #[config(default = "", must_not_contain = "@", example = "team-a")]
    #[config(also_known_as = ["prefix", "namespace"])]
    pub key_prefix: String,
    /// Threads that read and write, each with a client of its own.
    #[config(default = 8, min = 1)]
    #[config(also_known_as = ["num_threads", "threads", "max_workers", "io_threads"])]
    pub num_workers: u32,
    /// Whether connections use TLS.
    #[config(default = false)]
    #[config(also_known_as = ["tls", "ssl", "use_tls", "use_ssl"])]
    pub tls_enable: bool,
    /// The number of the database. Absent or null: the server's default.
    #[config(example = 0)]
    #[config(also_known_as = ["db", "database"])]
    pub database_id: Option<u32>,
    /// How long a request may take.
    #[config(default = 5.0, above = 0.0, unit = seconds)]
    #[config(also_known_as = ["timeout", "socket_timeout"])]
    pub request_timeout: f64,
    /// How long connecting may take.
    #[config(default = 10.0, above = 0.0, unit = seconds)]
    #[config(also_known_as = ["connect_timeout", "socket_connect_timeout"])]
    pub connection_timeout: f64,
    /// The capacity for `eviction`. 0: unknown, and the server decides what to evict.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    #[config(also_known_as = ["max_size_gb", "capacity_gb", "max_capacity", "capacity", "max_size", "max_local_disk_size"])]
    pub max_capacity_gb: f64,
    /// How long a key lives. Absent or null: it does not expire.
    #[config(min = 1, unit = seconds, example = 86400)]
    #[config(also_known_as = ["ttl", "expiry", "expire"])]
    pub ttl_seconds: Option<u64>,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// The address of a Valkey server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValkeyNode {
    /// Its host name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// Reads nodes as LMCache does: empty parts are passed over, and the port begins behind the last colon.
fn parse_nodes(nodes: String) -> Result<Vec<ValkeyNode>, RuleError> {
    let parts = nodes.split(',').map(|part| part.trim_matches(BLANK)).filter(|part| !part.is_empty());
    let nodes = parts.map(parse_node).collect::<Result<Vec<_>, _>>()?;
    if nodes.is_empty() {
        return Err(RuleError::new("must name a node as \"host:port\""));
    }
    Ok(nodes)
}

fn parse_node(node: &str) -> Result<ValkeyNode, RuleError> {
    let (host, port) = match node.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() => (host, port.trim_matches(BLANK)),
        _ if node.contains(':') => return Err(RuleError::new("must name each node as \"host:port\"")),
        _ => {
            return Err(RuleError::new(format!("must name each node as \"host:port\", such as \"{node}:6379\"")));
        }
    };
    match port.parse() {
        Ok(port @ 1..) => Ok(ValkeyNode { host: host.to_owned(), port }),
        _ => Err(RuleError::new(format!("must give `{host}` a port from 1 to 65535"))),
    }
}

fn write_nodes(nodes: &[ValkeyNode]) -> String {
    nodes.iter().map(|node| format!("{}:{}", node.host, node.port)).collect::<Vec<_>>().join(",")
}

fn machines_to_reach(nodes: &[ValkeyNode]) -> Result<(), RuleError> {
    nodes.iter().try_for_each(|node| one_to_reach(&node.host))
}

fn one_node_alone(nodes: &[ValkeyNode], cluster_mode: &bool) -> Result<(), RuleError> {
    if nodes.len() > 1 && !cluster_mode {
        return Err(RuleError::new("has nodes that are not used: without `cluster_mode` only the first is"));
    }
    Ok(())
}

fn no_database_in_cluster(database_id: &Option<u32>, cluster_mode: &bool) -> Result<(), RuleError> {
    if database_id.is_some() && *cluster_mode {
        return Err(RuleError::new("is ignored in `cluster_mode`: a cluster has one database"));
    }
    Ok(())
}

fn expiry_or_eviction(ttl_seconds: &Option<u64>, max_capacity_gb: &f64) -> Result<(), RuleError> {
    if ttl_seconds.is_some() && *max_capacity_gb > 0.0 {
        return Err(RuleError::new("lets chunks expire that `max_capacity_gb` still counts: give only one of them"));
    }
    Ok(())
}
