//! Unknown names in attributes, with a suggestion where one is close.

use l2_adapter::{ConfigChoice, ConfigSection};

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(renam_all = "lower")]
pub struct Limits {
    /// A limit.
    #[config(nullable, required)]
    pub unknown_attribute: u16,
    #[config(requird, min = 5, max = 4)]
    pub unknown_attribute_close_to_one_and_other_mistakes: u16,
    /// A limit.
    #[config(required, alias(key = "max", both = key_win))]
    pub unknown_both: u16,
    /// A limit.
    #[config(required, alias(name = "max"))]
    pub unknown_key_of_alias: u16,
    /// A limit.
    #[config(required, each(minimum = 1))]
    pub unknown_rule_in_each: Vec<u16>,
    /// A limit.
    #[config(required, unit = byte)]
    pub unknown_unit: u16,
}

/// A colour.
#[derive(Debug, ConfigChoice)]
#[config(nullable)]
pub enum ChoiceWithUnknownAttribute {
    /// Red.
    #[config(colour = "red")]
    Red,
}

fn main() {}
