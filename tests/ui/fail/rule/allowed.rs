//! Lists of allowed values that no value, or the wrong value, satisfies.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, allowed = [])]
    pub allowed_empty: String,
    /// A limit.
    #[config(required, allowed = "red")]
    pub allowed_not_a_list: String,
    /// A limit.
    #[config(required, allowed = [true])]
    pub allowed_on_boolean: bool,
    /// A limit.
    #[config(required, allowed = [0, 5], min = 1)]
    pub allowed_value_breaks_other_rule: u16,
    /// A limit.
    #[config(required, allowed = ["red", 5])]
    pub allowed_value_of_wrong_type: String,
    /// A limit.
    #[config(required, allowed = [80, 70000])]
    pub allowed_value_outside_the_type: u16,
    /// A limit.
    #[config(required, allowed = ["red", "red"])]
    pub allowed_value_twice: String,
}

fn main() {}
