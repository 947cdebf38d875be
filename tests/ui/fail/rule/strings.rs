//! Rules for strings that cannot apply.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, min_length = -1)]
    pub length_negative: String,
    /// A limit.
    #[config(required, min_length = 5, max_length = 4)]
    pub length_range_crossed: String,
    /// A limit.
    #[config(required, not_blank)]
    pub not_blank_on_integer: u16,
}

fn main() {}
