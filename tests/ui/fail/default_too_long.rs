use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = "abc", max_length = 2)]
    pub limit: String,
}

fn main() {}
