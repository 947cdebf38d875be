use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = ["a", "a"], unique)]
    pub limit: Vec<String>,
}

fn main() {}
