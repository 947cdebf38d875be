//! `fault_inject`: wraps another adapter and loses some of what it loads, for tests. Configuration only.

use serde_json::Value;

use crate::{AdapterSpec, CommonConfig, L2AdapterConfig, RuleError};

/// Wraps another adapter and loses some of what it loads, for tests.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "fault_inject")]
#[config(rule(
    name = "sharing_said_outside",
    doc = "`inner` has no `shared` and `affinity_tag`: LMCache reads both from the wrapping adapter.",
    reads(inner),
    check = sharing_said_outside,
    until = "LMCache 0.5.7",
))]
pub struct FaultInjectL2AdapterConfig {
    /// The spec of the adapter that is wrapped.
    #[config(required, example = {"type": "fs_native", "base_path": "/dev/shm/kv"})]
    pub inner: AdapterSpec,
    /// The share of keys, from 0 to 1, that are lost.
    #[config(default = 0.0, min = 0.0, max = 1.0)]
    pub rate: f64,
    // The smallest integer of 64 bits is left out: JSON readers take smaller ones for it.
    /// The seed that selects the lost keys: equal seeds lose equal keys.
    #[config(default = 0, min = -9223372036854775807)]
    pub seed: i64,
    /// Positions in every load, counted from its first key, that are always lost.
    #[config(default = [], example = [0, 7])]
    pub gap_indices: Vec<u64>,
    /// Positions in every load that are always lost, as shares of its length counted from its last key: 0 is the last key, 1
    /// the first.
    #[config(default = [], each(min = 0.0, max = 1.0), example = [0.5])]
    pub gap_tail_ratios: Vec<f64>,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

fn sharing_said_outside(inner: &AdapterSpec) -> Result<(), RuleError> {
    let written = inner.to_dict();
    let usual = CommonConfig::default();
    let is_usual = |key, value: Value| written.get(key).is_none_or(|written| *written == value);
    // Fixed messages, because messages with values are not shown: a spec may contain a password.
    if !is_usual("shared", usual.shared.into()) {
        return Err(RuleError::fixed("must not have `shared`: LMCache ignores it there, write it outside"));
    }
    if !is_usual("affinity_tag", usual.affinity_tag.into()) {
        return Err(RuleError::fixed("must not have `affinity_tag`: LMCache ignores it there, write it outside"));
    }
    Ok(())
}
