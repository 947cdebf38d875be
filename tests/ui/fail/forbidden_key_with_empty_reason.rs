use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(forbidden(key = "old", reason = " "))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
