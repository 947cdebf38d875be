use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: l2_adapter::Secret<String>,
}

fn main() {}
