use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, exists = directory, exists = file)]
    pub limit: String,
}

fn main() {}
