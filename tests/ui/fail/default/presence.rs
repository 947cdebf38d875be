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
    /// A limit.
    #[config(default = 5, default_from = required_with_default)]
    pub default_and_default_from: u16,
    /// A limit.
    #[config(default_with = limit)]
    pub default_computed_without_words: u16,
    /// A limit.
    #[config(default_from = default_from_unknown_field)]
    pub default_from_later_field: u16,
    /// A limit.
    #[config(default_from = required_optoin)]
    pub default_from_unknown_field: u16,
}

fn main() {}
