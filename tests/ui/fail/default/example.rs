//! An example has the type of its field and satisfies its rules.

use std::collections::BTreeMap;

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, min = 1, example = 0)]
    pub example_breaks_rule: u16,
    /// A limit.
    #[config(required, example = 5, example = 5)]
    pub example_given_twice: u16,
    /// A limit.
    #[config(required, example = {"reads": "8"})]
    pub example_entry_of_wrong_type: BTreeMap<String, u16>,
    /// A limit.
    #[config(required, keys(allowed = ["reads", "writes"]), example = {"deletes": 8})]
    pub example_key_breaks_rule: BTreeMap<String, u16>,
    /// A limit.
    #[config(required, example = {"reads": 8})]
    pub example_object_for_a_list: Vec<u16>,
    /// A limit.
    #[config(required, example = "80")]
    pub example_of_wrong_type: u16,
}

fn main() {}
