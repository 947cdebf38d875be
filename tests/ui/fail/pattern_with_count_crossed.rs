use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, pattern = "a{3,2}")]
    pub limit: String,
}

fn main() {}
