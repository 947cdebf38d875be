use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(forbidden(key = "limit", reason = "it is gone"))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
