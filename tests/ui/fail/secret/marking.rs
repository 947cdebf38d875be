//! A field is secret exactly if its type hides its value.

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
    #[config(required, secret)]
    pub secret_without_secret_type: String,
    /// A limit.
    #[config(required, secret)]
    pub secret_without_secret_type_in_list: Vec<String>,
}

fn main() {}
