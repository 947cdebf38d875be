use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(key = "size")]
    pub limit: Option<i128>,
}

fn main() {}
