use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The mode.
    #[config(required)]
    pub mode: f64,
    /// The limit.
    #[config(required_if(mode = 0.5))]
    pub limit: Option<u16>,
}

fn main() {}
