//! Defaults and examples that some versions of the key do not allow: only the compiler knows the names of another type.

use l2_adapter::{ConfigChoice, ConfigSection};

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
    /// Blue.
    #[config(since = "0.5.7")]
    Blue,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The oldest version has no such colour.
    #[config(default = "blue")]
    pub default: Colour,
    /// Neither has it as an item.
    #[config(default = [], example = ["red", "blue"])]
    pub example: Vec<Colour>,
    /// The key came before the colour.
    #[config(default = "blue", since = "0.5.6")]
    pub before: Colour,
    /// The key came with the colour.
    #[config(default = "blue", since = "0.5.7")]
    pub together: Colour,
}

fn main() {}
