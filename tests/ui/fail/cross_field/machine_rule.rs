//! Cross-field rules about the file system: one with the name of a rule, of an unknown field, without a function, and without
//! documentation.

use l2_adapter::{ConfigSection, Machine};

fn free(_: &dyn Machine, _: &u16) -> Result<(), String> {
    Ok(())
}

fn small(_: &u16) -> Result<(), String> {
    Ok(())
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "free", doc = "Free.", reads(limit), check = small))]
#[config(machine_rule(name = "free", doc = "Free.", reads(limit), check = free))]
#[config(machine_rule(name = "of_unknown_field", doc = "Free.", reads(limt), check = free))]
#[config(machine_rule(name = "without_check", doc = "Free.", reads(limit)))]
#[config(machine_rule(name = "without_doc", reads(limit), check = free))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
