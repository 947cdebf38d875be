//! A condition compares with a value that the other field can have.

use l2_adapter::ConfigSection;

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionValueIsNoChoice {
    /// The mode.
    #[config(required)]
    pub mode: Colour,
    /// The limit.
    #[config(required_if(mode = "green"))]
    pub limit: Option<u16>,
}

fn main() {}
