//! A default that is computed or taken over has the type of its field.

use l2_adapter::ConfigSection;

const NAME: &str = "11";

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// A limit.
    #[config(default = NAME)]
    pub default_constant_of_wrong_type: u16,
    /// A limit.
    #[config(default_from = mode)]
    pub default_from_a_field_of_another_type: u16,
    /// A limit.
    #[config(default = Colour::Red)]
    pub default_is_a_variant: Colour,
}

fn main() {}
