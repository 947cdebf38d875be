//! Rules for numbers that cannot apply.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, min = "1")]
    pub bound_not_a_number: u16,
    /// A limit.
    #[config(required, max = 65536)]
    pub bound_outside_the_type: u16,
    /// A limit.
    #[config(required, min = 0.5)]
    pub bound_with_fraction_on_integer: u16,
    /// A limit.
    #[config(required, min = 5, max = 4)]
    pub minimum_above_maximum: u16,
    /// A limit.
    #[config(required, multiple_of = 2)]
    pub multiple_of_on_float: f64,
    /// A limit.
    #[config(required, multiple_of = 9007199254740993)]
    pub multiple_of_what_floats_round: u64,
    /// A limit.
    #[config(required, multiple_of = 0)]
    pub multiple_of_zero: u16,
    /// A limit.
    #[config(required, above = 0.5, below = 0.5)]
    pub open_range_empty: f64,
    /// A limit.
    #[config(required, above = 4, below = 5)]
    pub open_range_without_integer: u16,
    /// A limit.
    #[config(required, power_of_two)]
    pub power_of_two_on_string: String,
    /// A limit.
    #[config(required, max = 1)]
    pub range_on_boolean: bool,
    /// A limit.
    #[config(required, min = 1)]
    pub range_on_list: Vec<u16>,
    /// A limit.
    #[config(required, min = 1)]
    pub range_on_string: String,
    /// A limit.
    #[config(required, min = 1, above = 0)]
    pub two_lower_bounds: u16,
    /// A limit.
    #[config(required, unit = bytes)]
    pub unit_on_string: String,
}

fn main() {}
