use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = "tmp", prefix = "/")]
    pub limit: std::path::PathBuf,
}

fn main() {}
