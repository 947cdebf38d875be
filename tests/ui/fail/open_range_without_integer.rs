use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, above = 4, below = 5)]
    pub limit: u16,
}

fn main() {}
