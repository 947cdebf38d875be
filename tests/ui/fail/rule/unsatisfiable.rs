//! Rules that no value can satisfy together.

use std::collections::BTreeMap;

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, below = 0)]
    pub bound_below_the_type: u8,
    /// A limit.
    #[config(required, above = 1.7976931348623157e308)]
    pub bound_beyond_the_float: f64,
    /// A limit.
    #[config(required, keys(allowed = ["a"]), min_items = 2)]
    pub keys_of_too_few: BTreeMap<String, u16>,
    /// A limit.
    #[config(required, keys(max_length = 0), min_items = 2)]
    pub keys_that_are_empty: BTreeMap<String, u16>,
    /// A limit.
    #[config(required, max_length = 0, not_blank)]
    pub length_of_a_blank: String,
    /// A limit.
    #[config(required, min = 4, max = 5, multiple_of = 3)]
    pub multiple_outside_the_range: u8,
    /// A limit.
    #[config(required, max_length = 3, pattern = "^[a-z]{2}-[0-9]+$")]
    pub pattern_longer_than_a_value: String,
    /// A limit.
    #[config(required, min_length = 5, pattern = "^[a-z]{2}-?[0-9]$")]
    pub pattern_shorter_than_a_value: String,
    /// A limit.
    #[config(required, prefix = "b", pattern = "^a")]
    pub pattern_beside_another_prefix: String,
    /// A limit.
    #[config(required, trimmed, pattern = "^ ")]
    pub pattern_begins_with_a_blank: String,
    /// A limit.
    #[config(required, trimmed, pattern = " +$")]
    pub pattern_ends_with_a_blank: String,
    /// A limit.
    #[config(required, not_blank, pattern = "^ *$")]
    pub pattern_of_blanks: String,
    /// A limit.
    #[config(required, must_not_contain = "//", pattern = "^s3://[a-z]+")]
    pub pattern_contains_what_no_value_may: String,
    /// A limit.
    #[config(required, prefix = "abc", pattern = "x{3}", max_length = 5)]
    pub pattern_has_no_room_after_the_prefix: String,
    /// A limit.
    #[config(required, min = 5, max = 7, power_of_two)]
    pub power_of_two_outside_the_range: u8,
    /// A limit.
    #[config(required, prefix = "ab", must_not_contain = "b")]
    pub prefix_contains_what_no_value_may: String,
    /// A limit.
    #[config(required, prefix = " a", trimmed)]
    pub prefix_is_not_trimmed: String,
    /// A limit.
    #[config(required, prefix = "\u{1c}a", trimmed)]
    pub prefix_begins_with_a_separator: String,
    /// A limit.
    #[config(required, prefix = "abcdef", max_length = 3)]
    pub prefix_longer_than_a_value: String,
    /// A limit.
    #[config(required, unique, min_items = 3, each(allowed = ["a", "b"]))]
    pub unique_items_of_too_few: Vec<String>,
    /// A limit.
    #[config(required, unique, min_items = 10, each(max = 3))]
    pub unique_items_in_a_small_range: Vec<u8>,
    /// A limit.
    #[config(required, unique, min_items = 4)]
    pub unique_items_of_three_values: Vec<Option<bool>>,
    /// A limit.
    #[config(required, min = 16777217, max = 16777217)]
    pub range_between_two_floats: f32,
    /// A limit.
    #[config(required, unique, min_items = 257)]
    pub unique_items_of_a_small_type: Vec<u8>,
    /// A limit.
    #[config(required, each(max = 4, multiple_of = 5, min = 1))]
    pub rules_on_each_item: Vec<u8>,
    /// A limit.
    #[config(required, prefix = "abcdef", max_length = 3)]
    pub prefix_on_an_alias: Name,
    /// A limit.
    #[config(required, each(max_length = 3, pattern = "^[a-z]{4}$"))]
    pub pattern_on_items_of_an_alias: Vec<Name>,
}

type Name = String;

fn main() {}
