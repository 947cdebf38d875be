//! `sagemaker-hyperpod`: keeps KV chunks in the cache daemon of SageMaker HyperPod. Configuration only.

use std::net::Ipv6Addr;

use crate::{BLANK, L2AdapterConfig, RuleError, SharedConfig};

/// Keeps KV chunks in the cache daemon of SageMaker HyperPod.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "sagemaker-hyperpod")]
#[config(shared_key(name = "eviction", forbidden, reason = "the daemon evicts by itself"))]
pub struct SageMakerHyperPodL2AdapterConfig {
    /// The daemon: `sagemaker-hyperpod://<host>:<port>`.
    #[config(required, parse_with = daemon_url, write_with = String::clone)]
    #[config(example = "sagemaker-hyperpod://127.0.0.1:9200")]
    pub url: String,
    /// The daemon's namespace for the chunks.
    #[config(default = "lmcache", not_blank)]
    pub bucket: String,
    /// The daemon's shared memory, as it is called in `/dev/shm/`.
    #[config(default = "shared_memory", not_blank)]
    pub shared_memory_name: String,
    /// How many requests may be open at once.
    #[config(default = 100, min = 1)]
    pub max_concurrent_requests: u32,
    /// How many connections may be open at once.
    #[config(default = 256, min = 1)]
    pub max_connections: u32,
    /// How many of them to one host.
    #[config(default = 128, min = 1)]
    pub max_connections_per_host: u32,
    /// How long a store, or giving back a lease, may take.
    #[config(default = 5000, min = 1, unit = milliseconds)]
    pub timeout_ms: u64,
    /// How long the daemon may hold a request for a lease before it answers: the longest a look-up takes.
    #[config(default = 1000, min = 1, unit = milliseconds)]
    pub lease_wait_timeout_ms: u64,
    /// How long the daemon keeps a lease.
    #[config(default = 30000, min = 1, unit = milliseconds)]
    pub lease_ttl_ms: u64,
    /// How much of a chunk is sent at once.
    #[config(default = 65536, min = 1, unit = bytes)]
    pub put_stream_chunk_bytes: u64,
    /// The largest lease that is taken. Absent or null: any.
    #[config(above = 0.0, unit = mib, example = 512.0)]
    pub max_lease_size_mb: Option<f64>,
    /// Whether the daemon is asked through HTTPS.
    #[config(default = false)]
    pub use_https: bool,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}

/// Checks the daemon's URL. It stays as it was written, as in LMCache.
fn daemon_url(url: String) -> Result<String, RuleError> {
    const SCHEME: &str = "sagemaker-hyperpod://";
    let trimmed = url.trim_matches(BLANK).trim_end_matches('/');
    let Some(rest) = trimmed.strip_prefix(SCHEME) else {
        return Err(RuleError::new(format!("must be \"{SCHEME}<host>:<port>\"")));
    };
    // As Python's `urlsplit` reads it for LMCache.
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().replace(['\t', '\r', '\n'], "");
    if authority.is_empty() {
        return Err(RuleError::new(format!("must name a host after \"{SCHEME}\"")));
    }
    if authority.contains(['[', ']']) && !has_address_in_brackets(&authority) {
        return Err(RuleError::new("must have nothing but an IPv6 address in brackets"));
    }
    if authority.contains(DISGUISED) {
        return Err(RuleError::new("must not have a character in its host that stands for one of \"/?#@:\""));
    }
    Ok(url)
}

/// What becomes one of `/?#@:`, or several characters with one, when Unicode text is normalized (NFKC).
const DISGUISED: &[char] = &[
    '\u{2047}', '\u{2048}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}', '\u{2a74}', '\u{fe13}',
    '\u{fe16}', '\u{fe55}', '\u{fe56}', '\u{fe5f}', '\u{fe6b}', '\u{ff03}', '\u{ff0f}', '\u{ff1a}', '\u{ff1f}',
    '\u{ff20}',
];

/// Whether brackets hold an IPv6 address, as in `[::1]:9200`, or one of a version to come, as in `[v7.x]`.
fn has_address_in_brackets(authority: &str) -> bool {
    let inner = authority.split_once('[').map(|(_, rest)| rest.split_once(']').map_or(rest, |(inner, _)| inner));
    let (Some(address), true) = (inner, authority.contains(']')) else { return false };
    if let Some(future) = address.strip_prefix('v') {
        let is_hexadecimal = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        return future.split_once('.').is_some_and(|(version, rest)| is_hexadecimal(version) && !rest.is_empty());
    }
    let (address, zone) = address.split_once('%').unwrap_or((address, "zone"));
    address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty() && !zone.contains('%')
}
