//! Cross-field rules about the file system.

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
pub struct MachineRuleNamedAsARule {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(machine_rule(name = "free", doc = "Free.", reads(limt), check = free))]
pub struct MachineRuleReadsUnknownField {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(machine_rule(name = "free", doc = "Free.", reads(limit)))]
pub struct MachineRuleWithoutCheck {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(machine_rule(name = "free", reads(limit), check = free))]
pub struct MachineRuleWithoutDoc {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
