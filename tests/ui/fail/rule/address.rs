//! Rules on addresses that cannot apply.

use l2_adapter::ConfigSection;

/// Addresses.
#[derive(Debug, ConfigSection)]
pub struct Addresses {
    /// An address.
    #[config(required, host, example = "http://h")]
    pub example_is_a_url: String,
    /// An address.
    #[config(required, host = "scoped")]
    pub leave_as_string: String,
    /// An address.
    #[config(required, host = [bracketed, scopd])]
    pub leave_close_to_one: String,
    /// An address.
    #[config(required, url)]
    pub url_on_integer: u16,
    /// An address.
    #[config(required, host, url)]
    pub two_forms: String,
}

fn main() {}
