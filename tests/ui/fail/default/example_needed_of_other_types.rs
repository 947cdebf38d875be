//! The same for types that only the compiler knows.

use l2_adapter::{AdapterSpec, ConfigChoice, ConfigSection};

type Name = String;

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct WithoutExample {
    /// A string.
    #[config(required)]
    pub alias: Name,
    /// A list of strings.
    #[config(required)]
    pub aliases: Vec<Name>,
    /// Any adapter.
    #[config(required)]
    pub spec: AdapterSpec,
    /// A choice has an obvious value.
    #[config(required)]
    pub colour: Colour,
    /// So has one of a list.
    #[config(required, allowed = ["cpu", "cuda"])]
    pub device: Name,
}

fn main() {}
