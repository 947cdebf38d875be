//! Cross-field rules: a name in another case, a name twice, a field read twice, an unknown field, and each part left out.

use l2_adapter::ConfigSection;

fn ordered(_: &u16) -> Result<(), String> {
    Ok(())
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "NotSnakeCase", doc = "Ordered.", reads(limit), check = ordered))]
#[config(rule(name = "twice", doc = "Ordered.", reads(limit), check = ordered))]
#[config(warning(name = "twice", doc = "Ordered.", reads(limit), check = ordered))]
#[config(rule(name = "reads_a_field_twice", doc = "Ordered.", reads(limit, limit), check = ordered))]
#[config(rule(name = "reads_unknown_field", doc = "Ordered.", reads(limt), check = ordered))]
#[config(rule(name = "without_check", doc = "Ordered.", reads(limit)))]
#[config(rule(name = "without_doc", reads(limit), check = ordered))]
#[config(rule(doc = "Without a name.", reads(limit), check = ordered))]
#[config(rule(name = "without_reads", doc = "Ordered.", check = ordered))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
