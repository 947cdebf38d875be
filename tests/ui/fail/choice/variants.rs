//! A choice has variants without content, and no name twice.

use l2_adapter::ConfigChoice;

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
pub enum ChoiceWithTwoEqualNamesAndContent {
    /// Red.
    Red,
    /// Red again.
    #[config(name = "red")]
    Rouge,
    /// Another.
    Other(String),
}

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum ChoiceWithoutVariants {}

fn main() {}
