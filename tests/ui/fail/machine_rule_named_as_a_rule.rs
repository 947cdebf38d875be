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
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
