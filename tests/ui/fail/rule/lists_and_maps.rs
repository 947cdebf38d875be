//! Rules for lists and maps that cannot apply.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, each())]
    pub each_empty: Vec<u16>,
    /// A limit.
    #[config(required, each(not_blank))]
    pub each_of_wrong_kind: Vec<u16>,
    /// A limit.
    #[config(required, each(min = 1))]
    pub each_on_scalar: u16,
    /// A limit.
    #[config(required, min_items = 5, max_items = 4)]
    pub item_count_range_crossed: Vec<u16>,
    /// A limit.
    #[config(required, keys(not_blank))]
    pub keys_on_list: Vec<String>,
    /// A limit.
    #[config(required, keys(min = 1))]
    pub keys_with_rule_for_numbers: std::collections::BTreeMap<String, u16>,
    /// A limit.
    #[config(required, min_items = 1)]
    pub min_items_on_string: String,
    /// A limit.
    #[config(required, unique)]
    pub unique_on_floats: Vec<f64>,
    /// A limit.
    #[config(required, unique)]
    pub unique_on_map: std::collections::BTreeMap<String, u16>,
}

fn main() {}
