//! An adapter config has exactly one field of type `CommonConfig`, a section has none.

use l2_adapter::{CommonConfig, ConfigSection, L2AdapterConfig};

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    pub common_config_in_section: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct CommonConfigMissingConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct CommonConfigTwiceConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub common: CommonConfig,
    pub more: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct CommonConfigWithAttributeConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    #[config(required)]
    pub common: CommonConfig,
}

type Shared = CommonConfig;

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct CommonConfigBehindAnAlias {
    pub common: Shared,
}

fn main() {}
