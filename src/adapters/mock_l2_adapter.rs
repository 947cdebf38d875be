//! `mock`: keeps KV chunks in memory at a pretended speed. Configuration only.

use crate::{L2AdapterConfig, SharedConfig};

/// Keeps KV chunks in memory at a pretended speed, for tests.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "mock")]
pub struct MockL2AdapterConfig {
    /// How much may be stored.
    #[config(required, above = 0.0, unit = gib, example = 4.0)]
    pub max_size_gb: f64,
    /// How much is pretended to move each second.
    #[config(required, above = 0.0, unit = gib, example = 10.0)]
    pub mock_bandwidth_gb: f64,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
