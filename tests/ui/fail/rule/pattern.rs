//! Patterns that other regex engines read differently.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, pattern = "é")]
    pub pattern_not_ascii: String,
    /// A limit.
    #[config(required, pattern = "^a$")]
    pub pattern_on_list: Vec<String>,
    /// A limit.
    #[config(required, pattern = "[a-z")]
    pub pattern_unclosed_class: String,
    /// A limit.
    #[config(required, pattern = "a|b")]
    pub pattern_with_alternative: String,
    /// A limit.
    #[config(required, pattern = "a$b")]
    pub pattern_with_anchor_inside: String,
    /// A limit.
    #[config(required, pattern = "a{3,2}")]
    pub pattern_with_count_crossed: String,
    /// A limit.
    #[config(required, pattern = "a{2,}")]
    pub pattern_with_count_open: String,
    /// A limit.
    #[config(required, pattern = "a{1001}")]
    pub pattern_with_count_too_large: String,
    /// A limit.
    #[config(required, pattern = "a.b")]
    pub pattern_with_dot: String,
    /// A limit.
    #[config(required, pattern = "(a)")]
    pub pattern_with_group: String,
    /// A limit.
    #[config(required, pattern = "a+?")]
    pub pattern_with_lazy_repeat: String,
    /// A limit.
    #[config(required, pattern = "[^a]")]
    pub pattern_with_negated_class: String,
    /// A limit.
    #[config(required, pattern = "[z-a]")]
    pub pattern_with_range_backwards: String,
    /// A limit.
    #[config(required, pattern = "+a")]
    pub pattern_with_repeat_of_nothing: String,
    /// A limit.
    #[config(required, pattern = "\\d")]
    pub pattern_with_shorthand_class: String,
}

fn main() {}
