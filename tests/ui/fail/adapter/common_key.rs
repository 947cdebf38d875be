//! Constraints on the keys that all adapter types share.

use l2_adapter::{CommonConfig, ConfigSection, L2AdapterConfig};

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", common_key(name = "eviction", allowed = ["LRU"], reason = "it is"))]
pub struct CommonKeyObjectListedConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub common: CommonConfig,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(common_key(name = "eviction", forbidden, reason = "it never evicts"))]
pub struct CommonKeyOnSection {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", common_key(name = "shared", allowed = [true], reason = "it is"))]
#[config(common_key(name = "shared", allowed = [false], reason = "it is not"))]
pub struct CommonKeyTwiceConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub common: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", common_key(name = "evicton", forbidden, reason = "it never evicts"))]
pub struct CommonKeyUnknownConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub common: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", common_key(name = "persist_enabled", allowed = ["true"], reason = "it keeps"))]
pub struct CommonKeyValueOfWrongTypeConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub common: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", common_key(name = "shared", forbidden, allowed = [true], reason = "it is"))]
pub struct CommonKeyWithTwoDemandsConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub common: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", common_key(name = "eviction", reason = "it never evicts"))]
pub struct CommonKeyWithoutDemandConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub common: CommonConfig,
}

fn main() {}
