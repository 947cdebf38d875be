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
pub struct DefaultFromAFieldOfAnotherType {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(default_from = mode)]
    pub limit: u16,
}

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultIsAVariant {
    /// The limit.
    #[config(default = Colour::Red)]
    pub limit: Colour,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultFromFieldOfOtherType {
    /// The upper limit.
    #[config(required, example = "a")]
    pub upper: String,
    /// The lower limit.
    #[config(default_from = upper)]
    pub lower: u16,
}

fn main() {}
