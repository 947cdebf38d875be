use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = "A1", pattern = "^[a-z]+$")]
    pub limit: String,
}

fn main() {}
