use l2_adapter::ConfigSection;

fn ordered(_: &u16) -> Result<(), String> {
    Ok(())
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(doc = "Ordered.", reads(limit), check = ordered))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
