//! A mistake in one field does not hide what the compiler finds in the others.

use l2_adapter::{ConfigSection, Secret};

const TOO_MANY: u8 = 9;

type Password = Secret<String>;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(requried)]
    pub misspelt: u16,

    /// A limit.
    #[config(default = TOO_MANY, max = 5)]
    pub constant_breaks_rule: u8,

    /// A limit.
    #[config(required)]
    pub secret_behind_an_alias: Password,
}

fn main() {}
