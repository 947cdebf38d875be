//! Attributes of serde, garde and clap lead to those of this crate.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rename_all = "camelCase")]
pub struct Limits {
    /// A limit.
    #[config(required, length(min = 1))]
    pub length: String,
    /// A limit.
    #[config(required, range(min = 1))]
    pub range: u8,
    /// A limit.
    #[config(required, range(1..5))]
    pub range_in_another_syntax: u8,
    /// A limit.
    #[config(required, rename = "Limit")]
    pub rename: u16,
}

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
#[config(rename_all = "snake_case")]
pub enum Colour {
    /// Red.
    #[config(rename = "red")]
    Red,
}

fn main() {}
