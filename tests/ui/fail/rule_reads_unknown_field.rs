use l2_adapter::ConfigSection;

fn ordered(_: &u16) -> Result<(), String> {
    Ok(())
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "ordered", doc = "Ordered.", reads(limt), check = ordered))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
