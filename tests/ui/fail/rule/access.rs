//! The rule that a path can be used.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, access = "read")]
    pub access_as_string: String,
    /// A limit.
    #[config(required, access = raed)]
    pub access_close_to_one: String,
    /// A limit.
    #[config(required, access = read)]
    pub access_on_integer: u16,
}

fn main() {}
