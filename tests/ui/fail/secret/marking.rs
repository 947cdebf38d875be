//! A secret field has a type that hides its value, and shows its value nowhere.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required)]
    pub secret_type_unmarked: l2_adapter::Secret<String>,

    /// A limit.
    #[config(key = "password")]
    pub secret_type_unmarked_in_option: Option<l2_adapter::Secret<String>>,

    /// A limit.
    #[config(default = "hunter2", secret)]
    pub secret_with_default: l2_adapter::Secret<String>,

    /// A limit.
    #[config(required, secret, example = "hunter2")]
    pub secret_with_example: l2_adapter::Secret<String>,

    /// A limit.
    #[config(required, secret)]
    pub secret_without_secret_type: String,

    /// A limit.
    #[config(required, secret)]
    pub secret_without_secret_type_in_list: Vec<String>,
}

fn main() {}
