use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The mode.
    #[config(required)]
    pub mode: String,
    /// The limit.
    #[config(env = "LIMIT", required_if(mode = "fast"))]
    pub limit: Option<u16>,
}

fn main() {}
