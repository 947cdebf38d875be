use l2_adapter::{ConfigSection, Machine};

fn free(_: &u16) -> Result<(), String> {
    let _: Option<&dyn Machine> = None;
    Ok(())
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(machine_rule(name = "free", doc = "Free.", reads(limit), check = free))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
