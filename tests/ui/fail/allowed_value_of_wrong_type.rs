use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, allowed = ["red", 5])]
    pub limit: String,
}

fn main() {}
