use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = "green", allowed = ["red", "blue"])]
    pub limit: String,
}

fn main() {}
