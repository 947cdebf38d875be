//! `fault_inject`: wraps another adapter and loses some of what it loads, for tests. Configuration only.

use crate::{AdapterSpec, L2AdapterConfig, SharedConfig};

/// Wraps another adapter and loses some of what it loads, for tests.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "fault_inject")]
pub struct FaultInjectL2AdapterConfig {
    /// The spec of the adapter that is wrapped. LMCache ignores `shared` and `affinity_tag` in it.
    #[config(required, example = {"type": "fs_native", "base_path": "/dev/shm/kv"})]
    pub inner: AdapterSpec,
    /// The share of keys, from 0 to 1, that are lost.
    #[config(default = 0.0, min = 0.0, max = 1.0)]
    pub rate: f64,
    /// What decides which keys are lost: the same number loses the same keys.
    #[config(default = 0)]
    pub seed: i64,
    /// Positions in every load, counted from its first key, that are always lost.
    #[config(default = [], example = [0, 7])]
    pub gap_indices: Vec<u64>,
    /// Positions in every load that are always lost, as shares of its length counted from its last key: 0 is the last key, 1
    /// the first.
    #[config(default = [], each(min = 0.0, max = 1.0), example = [0.5])]
    pub gap_tail_ratios: Vec<f64>,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
