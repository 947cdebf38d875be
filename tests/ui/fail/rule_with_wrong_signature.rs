use l2_adapter::ConfigSection;

fn ordered(_: &str) -> Result<(), String> {
    Ok(())
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "ordered", doc = "Ordered.", reads(limit), check = ordered))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
