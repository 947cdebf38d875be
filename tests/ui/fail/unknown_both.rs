use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, alias(key = "max", both = key_win))]
    pub limit: u16,
}

fn main() {}
