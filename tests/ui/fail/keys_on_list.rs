use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, keys(not_blank))]
    pub limit: Vec<String>,
}

fn main() {}
