use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, multiple_of = 2)]
    pub limit: f64,
}

fn main() {}
