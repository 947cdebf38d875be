//! A default satisfies each rule of its field.

use l2_adapter::ConfigSection;

type Port = u16;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(default = 11, max = 10)]
    pub default_above_maximum: u16,
    /// A limit.
    #[config(default = 0.0, above = 0.0)]
    pub default_at_open_bound: f64,
    /// A limit.
    #[config(default = 0, min = 1)]
    pub default_below_minimum: u16,
    /// A limit.
    #[config(default = " ", not_blank)]
    pub default_blank: String,
    /// A limit.
    #[config(default = 0, min = 1)]
    pub default_breaks_rule_of_alias: Port,
    /// A limit.
    #[config(default = "a/../b", must_not_contain = "..")]
    pub default_contains_forbidden_text: String,
    /// A limit.
    #[config(default = "A1", pattern = "^[a-z]+$")]
    pub default_does_not_match_pattern: String,
    /// A limit.
    #[config(default = [80, 0], each(min = 1))]
    pub default_item_breaks_each: Vec<u16>,
    /// A limit.
    #[config(default = ["a", "a"], unique)]
    pub default_list_repeats_an_item: Vec<String>,
    /// A limit.
    #[config(default = [1, 2], max_items = 1)]
    pub default_list_too_long: Vec<u16>,
    /// A limit.
    #[config(default = [], min_items = 1)]
    pub default_list_too_short: Vec<u16>,
    /// A limit.
    #[config(default = 100, multiple_of = 64)]
    pub default_not_a_multiple: u16,
    /// A limit.
    #[config(default = 100, power_of_two)]
    pub default_not_a_power_of_two: u16,
    /// A limit.
    #[config(default = "green", allowed = ["red", "blue"])]
    pub default_not_in_allowed: String,
    /// A limit.
    #[config(default = " a", trimmed)]
    pub default_not_trimmed: String,
    /// A limit.
    #[config(default = "abc", max_length = 2)]
    pub default_too_long: String,
    /// A limit.
    #[config(default = "é", min_length = 2)]
    pub default_too_short: String,
    /// A limit.
    #[config(default = "tmp", prefix = "/")]
    pub default_without_its_prefix: std::path::PathBuf,
}

fn main() {}
