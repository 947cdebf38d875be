use l2_adapter::ConfigSection;

const NAME: &str = "blue";

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = NAME, pattern = "^[a-z]+$")]
    pub limit: String,
}

fn main() {}
