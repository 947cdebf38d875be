use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = ["tcp", 5])]
    pub limit: Vec<String>,
}

fn main() {}
