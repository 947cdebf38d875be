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
pub struct DefaultBreaksConstantBound {
    /// The limit.
    #[config(default = 11, max = LIMIT)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultChoiceOfWrongType {
    /// The limit.
    #[config(default = 5)]
    pub limit: Colour,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultConstantBreaksAllowed {
    /// The limit.
    #[config(default = NAME, allowed = ["red"])]
    pub limit: String,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultConstantBreaksRule {
    /// The limit.
    #[config(default = TOO_MUCH, max = 10)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultIsNoChoice {
    /// The limit.
    #[config(default = "green")]
    pub limit: Colour,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultItemIsNoChoice {
    /// The limit.
    #[config(default = ["red", "green"])]
    pub limit: Vec<Colour>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultOutsideTypeOfAlias {
    /// The limit.
    #[config(default = 70000)]
    pub limit: Port,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ExampleIsNoChoice {
    /// The limit.
    #[config(required, example = "green")]
    pub limit: Colour,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DocumentationByMacroIsBlank {
    #[doc = concat!(" ", "")]
    #[config(required)]
    pub limit: u16,
}

fn main() {}
