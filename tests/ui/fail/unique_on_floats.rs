use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, unique)]
    pub limit: Vec<f64>,
}

fn main() {}
