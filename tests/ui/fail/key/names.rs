//! No key is declared twice, under any of its names.

use l2_adapter::{CommonConfig, ConfigSection, L2AdapterConfig};

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, alias = "max", legacy = "max")]
    pub alias_twice: u16,

    /// A limit.
    #[config(required, key = "")]
    pub empty_key: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct AliasIsAKey {
    /// The limit.
    #[config(required)]
    pub limit: u16,
    /// Another.
    #[config(required, alias = "limit")]
    pub other: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct AliasIsItsOwnKey {
    /// The limit.
    #[config(required, alias = "limit")]
    pub limit: u16,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct AliasIsSharedConfig {
    /// Where.
    #[config(required, alias = "serde", example = "/cache")]
    pub path: String,
    pub common: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct KeyIsSharedConfig {
    /// Eviction.
    #[config(required, example = "a")]
    pub eviction: String,
    pub common: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct KeyIsTypeConfig {
    /// The type.
    #[config(required, example = "a")]
    pub r#type: String,
    pub common: CommonConfig,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct TwoFieldsWithOneKey {
    /// The limit.
    #[config(required)]
    pub limit: u16,
    /// Another.
    #[config(required, key = "limit")]
    pub other: u16,
}

fn main() {}
