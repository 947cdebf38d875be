use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, pattern = "a$b")]
    pub limit: String,
}

fn main() {}
