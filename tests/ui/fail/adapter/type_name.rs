//! The name of an adapter type is declared, and well formed.

use l2_adapter::{CommonConfig, ConfigSection, L2AdapterConfig};

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "3fs")]
pub struct TypeBeginsWithDigitConfig {
    pub common: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "")]
pub struct TypeEmptyConfig {
    pub common: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "Store")]
pub struct TypeInUpperCaseConfig {
    pub common: CommonConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(crate = l2_adapter)]
pub struct TypeMissingConfig {
    pub common: CommonConfig,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(type = "store")]
pub struct TypeOnSection {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
