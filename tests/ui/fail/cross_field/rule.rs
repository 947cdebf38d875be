//! Cross-field rules.

use l2_adapter::ConfigSection;

fn ordered(_: &u16) -> Result<(), String> {
    Ok(())
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "Ordered", doc = "Ordered.", reads(limit), check = ordered))]
pub struct RuleNameNotSnakeCase {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "ordered", doc = "Ordered.", reads(limit), check = ordered))]
#[config(warning(name = "ordered", doc = "Ordered.", reads(limit), check = ordered))]
pub struct RuleNameTwice {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "ordered", doc = "Ordered.", reads(limit, limit), check = ordered))]
pub struct RuleReadsAFieldTwice {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "ordered", doc = "Ordered.", reads(limt), check = ordered))]
pub struct RuleReadsUnknownField {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "ordered", doc = "Ordered.", reads(limit)))]
pub struct RuleWithoutCheck {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "ordered", reads(limit), check = ordered))]
pub struct RuleWithoutDoc {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(doc = "Ordered.", reads(limit), check = ordered))]
pub struct RuleWithoutName {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "ordered", doc = "Ordered.", check = ordered))]
pub struct RuleWithoutReads {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
