//! The field that takes undeclared keys.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct RestNotAMap {
    /// The rest.
    #[config(rest)]
    pub rest: Vec<String>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct RestTwice {
    /// The rest.
    #[config(rest)]
    pub rest: std::collections::BTreeMap<String, String>,
    /// More.
    #[config(rest)]
    pub more: std::collections::BTreeMap<String, String>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct RestWithDefaultAndMaxItems {
    /// The rest.
    #[config(rest, default = "a", max_items = 2)]
    pub rest: std::collections::BTreeMap<String, String>,
}

fn main() {}
