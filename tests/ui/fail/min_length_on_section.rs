use l2_adapter::ConfigSection;

/// Inner.
#[derive(Debug, ConfigSection)]
pub struct Inner {}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, min_length = 1)]
    pub limit: Inner,
}

fn main() {}
