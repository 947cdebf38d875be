//! The name of an adapter type is declared, and well formed.

use l2_adapter::{ConfigSection, L2AdapterConfig, SharedConfig};

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "3fs")]
pub struct TypeBeginsWithDigitConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "")]
pub struct TypeEmptyConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "Store")]
pub struct TypeInUpperCaseConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(crate = l2_adapter)]
pub struct TypeMissingConfig {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
    pub shared: SharedConfig,
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
