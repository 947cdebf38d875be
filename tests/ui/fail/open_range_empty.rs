use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, above = 0.5, below = 0.5)]
    pub limit: f64,
}

fn main() {}
