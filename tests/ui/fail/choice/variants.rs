//! A choice has variants without content, and no name twice.

use l2_adapter::ConfigChoice;

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum ChoiceWithContent {
    /// Red.
    Red,
    /// Another.
    Other(String),
}

/// A colour.
#[derive(Debug, ConfigChoice)]
#[config(ignore_case)]
pub enum ChoiceWithNamesEqualButForCase {
    /// Red.
    Red,
    /// Red again.
    #[config(name = "RED")]
    Rouge,
}

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum ChoiceWithTwoEqualNames {
    /// Red.
    Red,
    /// Red again.
    #[config(name = "red")]
    Rouge,
}

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum ChoiceWithoutVariants {}

fn main() {}
