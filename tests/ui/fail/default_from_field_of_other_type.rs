use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The upper limit.
    #[config(required)]
    pub upper: String,
    /// The lower limit.
    #[config(default_from = upper)]
    pub lower: u16,
}

fn main() {}
