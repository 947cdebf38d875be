use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = 5, default_from = limit)]
    pub limit: u16,
}

fn main() {}
