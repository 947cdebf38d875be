use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The mode.
    #[config(required)]
    pub mode: String,
    /// The limit.
    #[config(required, forbidden_unless(mode = "fast"))]
    pub limit: u16,
}

fn main() {}
