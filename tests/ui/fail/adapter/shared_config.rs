//! An adapter config has exactly one field of type `SharedConfig`, a section has none.

use l2_adapter::{ConfigSection, L2AdapterConfig, SharedConfig};

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    pub shared_config_in_section: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct SharedConfigMissingConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct SharedConfigTwiceConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
    pub more: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct SharedConfigWithAttributeConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    #[config(required)]
    pub shared: SharedConfig,
}

type Shared = SharedConfig;

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct SharedConfigBehindAnAlias {
    pub shared: Shared,
}

fn main() {}
