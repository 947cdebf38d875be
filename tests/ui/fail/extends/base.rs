//! An adapter config extends an adapter config or holds the common keys itself.

use l2_adapter::{ConfigSection, L2AdapterConfig};

/// A base.
#[derive(Debug, ConfigSection)]
pub struct Base {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct ExtendsSectionWithoutSharedConfigConfig {
    #[config(extends)]
    pub base: Base,
}

fn main() {}
