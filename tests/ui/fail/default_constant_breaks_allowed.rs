use l2_adapter::ConfigSection;

const NAME: &str = "blue";

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = NAME, allowed = ["red"])]
    pub limit: String,
}

fn main() {}
