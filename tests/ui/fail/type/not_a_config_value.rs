//! The type of a field can be read from JSON on every platform.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct TypeInAnOptionThatIsNoConfigValue {
    /// The limit.
    #[config(key = "size")]
    pub limit: Option<i128>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct TypeThatIsNoConfigValue {
    /// The limit.
    #[config(required)]
    pub limit: usize,
}

fn main() {}
