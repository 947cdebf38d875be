use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = "é", min_length = 2)]
    pub limit: String,
}

fn main() {}
