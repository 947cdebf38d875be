use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(shared_key(name = "eviction", forbidden, reason = "it never evicts"))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
