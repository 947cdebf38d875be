use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(renam_all = "lower")]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
