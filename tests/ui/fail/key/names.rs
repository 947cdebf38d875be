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
    /// A limit.
    #[config(required, alias = "empty_key")]
    pub alias_is_a_key: u16,
    /// A limit.
    #[config(required, alias = "alias_is_its_own_key")]
    pub alias_is_its_own_key: u16,
    /// A limit.
    #[config(required, key = "alias_is_a_key")]
    pub key_is_a_field: u16,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct KeysOfEveryAdapterConfig {
    /// Where.
    #[config(required, alias = "serde", example = "/cache")]
    pub path: String,
    /// Eviction.
    #[config(required, example = "a")]
    pub eviction: String,
    /// The type.
    #[config(required, example = "a")]
    pub r#type: String,
    pub common: CommonConfig,
}

fn main() {}
