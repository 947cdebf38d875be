//! Defaults and examples that only the compiler can compare with the type or the rules of the field.

use l2_adapter::ConfigSection;

const LIMIT: u16 = 10;

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

const NAME: &str = "blue";
const TOO_MUCH: u16 = 11;

type Port = u16;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(default = 11, max = LIMIT)]
    pub default_breaks_constant_bound: u16,
    /// A limit.
    #[config(default = 5)]
    pub default_choice_of_wrong_type: Colour,
    /// A limit.
    #[config(default = NAME, allowed = ["red"])]
    pub default_constant_breaks_allowed: String,
    /// A limit.
    #[config(default = TOO_MUCH, max = 10)]
    pub default_constant_breaks_rule: u16,
    /// A limit.
    #[config(default = "green")]
    pub default_is_no_choice: Colour,
    /// A limit.
    #[config(default = ["red", "green"])]
    pub default_item_is_no_choice: Vec<Colour>,
    /// A limit.
    #[config(default = 70000)]
    pub default_outside_type_of_alias: Port,
    /// A limit.
    #[config(required, example = "green")]
    pub example_is_no_choice: Colour,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DocumentationByMacroIsBlank {
    #[doc = concat!(" ", "")]
    #[config(required)]
    pub limit: u16,
}

fn main() {}
