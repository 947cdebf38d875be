//! A plug-in crate with the type names of other crates.

use l2_adapter::{CommonConfig, L2AdapterConfig};

/// Another type of the same name.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "plugin")]
pub struct RivalL2AdapterConfig {
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// A type with the name of one of ours.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "mock")]
pub struct RivalMockL2AdapterConfig {
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
