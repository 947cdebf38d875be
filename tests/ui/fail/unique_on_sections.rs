use l2_adapter::ConfigSection;

/// Inner.
#[derive(Debug, ConfigSection)]
pub struct Inner {}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, unique)]
    pub limit: Vec<Inner>,
}

fn main() {}
