use l2_adapter::ConfigSection;

const LIMIT: u16 = 10;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = 11, max = LIMIT)]
    pub limit: u16,
}

fn main() {}
