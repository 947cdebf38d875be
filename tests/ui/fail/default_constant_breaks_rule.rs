use l2_adapter::ConfigSection;

const TOO_MUCH: u16 = 11;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = TOO_MUCH, max = 10)]
    pub limit: u16,
}

fn main() {}
