use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, min_length = 5, max_length = 4)]
    pub limit: String,
}

fn main() {}
