//! Constraints on the keys that all adapter types share.

use l2_adapter::{ConfigSection, L2AdapterConfig, SharedConfig};

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", shared_key(name = "eviction", allowed = ["LRU"], reason = "it is"))]
pub struct SharedKeyObjectListedConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(shared_key(name = "eviction", forbidden, reason = "it never evicts"))]
pub struct SharedKeyOnSection {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", shared_key(name = "shared", allowed = [true], reason = "it is"))]
#[config(shared_key(name = "shared", allowed = [false], reason = "it is not"))]
pub struct SharedKeyTwiceConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", shared_key(name = "evicton", forbidden, reason = "it never evicts"))]
pub struct SharedKeyUnknownConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", shared_key(name = "persist_enabled", allowed = ["true"], reason = "it keeps"))]
pub struct SharedKeyValueOfWrongTypeConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", shared_key(name = "shared", forbidden, allowed = [true], reason = "it is"))]
pub struct SharedKeyWithTwoDemandsConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", shared_key(name = "eviction", reason = "it never evicts"))]
pub struct SharedKeyWithoutDemandConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
}

fn main() {}
