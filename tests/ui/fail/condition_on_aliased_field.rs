use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The mode.
    #[config(required, alias = "m")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = "fast"))]
    pub limit: Option<u16>,
}

fn main() {}
