//! Constraints on the keys that all adapter types share.

use l2_adapter::{CommonConfig, ConfigSection, L2AdapterConfig};

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(common_key(name = "eviction", forbidden, reason = "it never evicts"))]
pub struct CommonKeyOnSection {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Keeps chunks somewhere: an object with a list of values, a key twice, an unknown key, a value of another type, a key without
/// a demand, and one with two.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", common_key(name = "eviction", allowed = ["LRU"], reason = "it is"))]
#[config(common_key(name = "shared", allowed = [true], reason = "it is"))]
#[config(common_key(name = "shared", allowed = [false], reason = "it is not"))]
#[config(common_key(name = "evicton", forbidden, reason = "it never evicts"))]
#[config(common_key(name = "persist_enabled", allowed = ["true"], reason = "it keeps"))]
#[config(common_key(name = "serde", reason = "it never writes"))]
#[config(common_key(name = "affinity_tag", forbidden, allowed = ["a"], reason = "it is"))]
pub struct CommonKeysConfig {
    pub common: CommonConfig,
}

fn main() {}
