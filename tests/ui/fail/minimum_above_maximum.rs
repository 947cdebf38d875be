use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, min = 5, max = 4)]
    pub limit: u16,
}

fn main() {}
