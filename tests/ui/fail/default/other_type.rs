//! A default that is computed or taken over has the type of its field.

use l2_adapter::ConfigSection;

const NAME: &str = "11";

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultConstantOfWrongType {
    /// The limit.
    #[config(default = NAME)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultFromFieldOfOtherType {
    /// The upper limit.
    #[config(required)]
    pub upper: String,
    /// The lower limit.
    #[config(default_from = upper)]
    pub lower: u16,
}

fn main() {}
