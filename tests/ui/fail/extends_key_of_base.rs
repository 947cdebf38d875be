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
    #[config(extends)]
    pub base: Base,
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
