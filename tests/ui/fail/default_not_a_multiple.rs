use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = 100, multiple_of = 64)]
    pub limit: u16,
}

fn main() {}
