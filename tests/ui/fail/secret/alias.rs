//! The same for types that only the compiler knows.

use l2_adapter::ConfigSection;

type Password = l2_adapter::Secret<String>;

type Plain = String;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub secret_type_unmarked: Password,
    /// The limit.
    #[config(required, secret)]
    pub secret_without_secret_type: Plain,
}

fn main() {}
