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
pub struct CommonConfigMissingConfig {}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct CommonConfigTwiceConfig {
    pub common: CommonConfig,
    pub more: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct CommonConfigWithAttributeConfig {
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
