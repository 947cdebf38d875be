use l2_adapter::ConfigSection;

const NAME: &str = "11";

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = NAME)]
    pub limit: u16,
}

fn main() {}
