use l2_adapter::ConfigSection;

/// A base.
#[derive(Debug, ConfigSection)]
pub struct Base {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The other limit.
    #[config(required)]
    pub other: u16,
    #[config(extends)]
    pub base: Base,
}

fn main() {}
