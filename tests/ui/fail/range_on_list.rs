use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, min = 1)]
    pub limit: Vec<u16>,
}

fn main() {}
