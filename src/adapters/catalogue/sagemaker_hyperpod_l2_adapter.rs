//! `sagemaker-hyperpod`: keeps KV chunks in the cache daemon of SageMaker HyperPod. Configuration only.

use std::net::Ipv6Addr;

use crate::{BLANK, CommonConfig, L2AdapterConfig, RuleError};

/// Keeps KV chunks in the cache daemon of SageMaker HyperPod.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "sagemaker-hyperpod")]
#[config(also_known_as = ["sagemaker", "hyperpod"])]
#[config(common_key(name = "eviction", forbidden, reason = "the daemon evicts by itself"))]
pub struct SageMakerHyperPodL2AdapterConfig {
    /// The daemon: `sagemaker-hyperpod://<host>:<port>`.
    #[config(required, url = advised, parse_with = daemon_url, write_with = String::clone)]
    #[config(example = "sagemaker-hyperpod://127.0.0.1:9200")]
    #[config(also_known_as = ["endpoint", "daemon_url", "sagemaker_url", "remote_url"])]
    pub url: String,
    /// The daemon's namespace for the chunks.
    #[config(default = "lmcache", not_blank)]
    #[config(also_known_as = ["bucket_name", "namespace"])]
    pub bucket: String,
    /// The name of the daemon's shared memory in `/dev/shm/`.
    #[config(default = "shared_memory", not_blank)]
    pub shared_memory_name: String,
    /// How many requests may be open at once.
    #[config(default = 100, min = 1)]
    pub max_concurrent_requests: u32,
    /// How many connections may be open at once.
    #[config(default = 256, min = 1)]
    pub max_connections: u32,
    /// How many connections to one host may be open at once.
    #[config(default = 128, min = 1)]
    pub max_connections_per_host: u32,
    /// How long a store, or the return of a lease, may take.
    #[config(default = 5000, min = 1, unit = milliseconds)]
    pub timeout_ms: u64,
    /// How long the daemon may hold a request for a lease before it responds: the longest duration of a lookup.
    #[config(default = 1000, min = 1, unit = milliseconds)]
    pub lease_wait_timeout_ms: u64,
    /// How long the daemon keeps a lease.
    #[config(default = 30000, min = 1, unit = milliseconds)]
    pub lease_ttl_ms: u64,
    /// The size of the parts in which a chunk is sent.
    #[config(default = 65536, min = 1, unit = bytes)]
    pub put_stream_chunk_bytes: u64,
    /// The largest lease to accept. Absent or null: no limit.
    #[config(above = 0.0, unit = mib, example = 512.0)]
    pub max_lease_size_mb: Option<f64>,
    /// Whether requests to the daemon use HTTPS.
    #[config(default = false)]
    pub use_https: bool,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// Checks the daemon's URL as LMCache does, whose reader of URLs is Python's. It stays as it was written.
fn daemon_url(url: String) -> Result<String, RuleError> {
    const SCHEME: &str = "sagemaker-hyperpod://";
    let trimmed = url.trim_matches(BLANK).trim_end_matches('/');
    let Some(rest) = trimmed.strip_prefix(SCHEME) else {
        return Err(RuleError::new(format!("must be \"{SCHEME}<host>:<port>\"")));
    };
    // Python's parser ignores these characters everywhere.
    let rest: String = rest.chars().filter(|character| !['\t', '\r', '\n'].contains(character)).collect();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(RuleError::new(format!("must name a host after \"{SCHEME}\"")));
    }
    if authority.contains(['[', ']']) && !has_bracketed_address(authority) {
        return Err(RuleError::new("must have nothing but an IPv6 address in brackets"));
    }
    if let Some(lookalike) = authority.chars().find(|character| LOOKALIKES.contains(character)) {
        return Err(RuleError::new(format!("must not have `{lookalike}` in its host, which reads like a separator")));
    }
    Ok(url)
}

/// The characters that Unicode's normal form KC turns into `/`, `?`, `#`, `@` or `:`.
const LOOKALIKES: &[char] =
    &['⁇', '⁈', '⁉', '℀', '℁', '℅', '℆', '⩴', '︓', '︖', '﹕', '﹖', '﹟', '﹫', '＃', '／', '：', '？', '＠'];

/// Whether brackets hold an IP address, as in `[::1]:9200`.
fn has_bracketed_address(authority: &str) -> bool {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let Some((address, port)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) else { return false };
    (is_ipv6(address) || is_future_address(address)) && (port.is_empty() || port.starts_with(':'))
}

/// An IPv6 address, with a zone or without.
fn is_ipv6(address: &str) -> bool {
    let (address, zone) = address.split_once('%').unwrap_or((address, "zone"));
    address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty() && !zone.contains('%')
}

/// The form that RFC 3986 keeps for addresses to come: `v1.something`.
fn is_future_address(address: &str) -> bool {
    let Some((version, rest)) = address.strip_prefix('v').and_then(|address| address.split_once('.')) else {
        return false;
    };
    !version.is_empty() && version.chars().all(|digit| digit.is_ascii_hexdigit()) && !rest.is_empty()
}
