//! Attributes whose syntax is wrong.

use l2_adapter::{ConfigSection, ConfigUnion};

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "ordered", doc = "Ordered.", reads("limit"), check = ordered))]
pub struct Limits {
    /// A limit.
    #[config(required, required)]
    pub attribute_given_twice: u16,
    /// A limit.
    #[config(required, min = 1)]
    #[config(min = 2)]
    pub attribute_given_twice_apart: u16,
    /// A limit.
    #[config(required, parse_with = "parse", write_with = write)]
    pub attribute_not_a_path: u16,
    /// A limit.
    #[config(default: 1)]
    pub attribute_with_colon: u16,
    /// A limit.
    #[config(default_with = || 3, default_doc = "three")]
    pub attribute_with_closure: u16,
    /// A limit.
    #[config(required = true)]
    pub attribute_with_needless_value: u16,
    /// A limit.
    #[config(required min = 1)]
    pub attribute_without_comma: u16,
    /// A limit.
    #[config = "required"]
    pub attribute_without_list: u16,
    /// A limit.
    #[config(required, each = 5)]
    pub attribute_without_parentheses: Vec<u16>,
    /// A limit.
    #[config(required, min)]
    pub attribute_without_value: u16,
    /// A limit.
    #[config(required, deprecated)]
    pub deprecated_without_reason: u16,
    /// A limit.
    #[config(required, key = limit)]
    pub key_not_a_string: u16,
    /// A limit.
    #[config(default = )]
    pub default_without_value: u16,
    /// A limit.
    #[config(default = 5, env = , min = 3)]
    pub environment_without_value: u16,
    /// A limit.
    #[config(default = [[1; 3]])]
    pub default_with_a_repeat: Vec<Vec<u16>>,
}

/// A backend.
#[derive(Debug, ConfigUnion)]
#[config(tag = "")]
pub enum AttributeWithEmptyString {
    /// In memory.
    Memory,
}

fn main() {}
