use l2_adapter::ConfigSection;

fn limit() -> u16 {
    4
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default_with = limit)]
    pub limit: u16,
}

fn main() {}
