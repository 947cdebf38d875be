use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
    /// Another.
    #[config(required, alias = "limit")]
    pub other: u16,
}

fn main() {}
