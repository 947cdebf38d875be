use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = 0.0, above = 0.0)]
    pub limit: f64,
}

fn main() {}
