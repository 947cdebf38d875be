//! Every field says what its absence means, once.

use l2_adapter::ConfigSection;

fn limit() -> u16 {
    4
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(default_doc = "the number of CPUs")]
    pub default_in_words_only: u16,

    /// A limit.
    #[config(default = 4, default_doc = "the number of CPUs")]
    pub default_in_words_beside_a_default: u16,

    /// A limit.
    #[config(default_doc = "the number of CPUs")]
    pub default_in_words_of_an_option: Option<u16>,

    /// A limit.
    #[config(required, default_doc = "the number of CPUs")]
    pub default_in_words_of_required: u16,

    /// A limit.
    #[config(required, deprecated = "write `limit`")]
    pub deprecated_and_required: u16,

    /// A limit.
    #[config(default = null)]
    pub null_default: Option<u16>,

    /// A limit.
    #[config(default = None)]
    pub none_default: Option<u16>,

    /// A limit.
    pub presence_not_said: u16,

    /// A limit.
    #[config(required)]
    pub required_option: Option<u16>,

    /// A limit.
    #[config(required, default = 5)]
    pub required_with_default: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultAndDefaultFrom {
    /// The limit.
    #[config(default = 5, default_from = limit)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultComputedWithoutWords {
    /// The limit.
    #[config(default_with = limit)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultFromLaterField {
    /// The lower limit.
    #[config(default_from = upper)]
    pub lower: u16,
    /// The upper limit.
    #[config(required)]
    pub upper: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct DefaultFromUnknownField {
    /// The limit.
    #[config(default_from = limt)]
    pub limit: u16,
}

fn main() {}
