use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The mode.
    #[config(required)]
    pub mode: String,
    /// The limit.
    #[config(required_if(reason = "it is needed"))]
    pub limit: Option<u16>,
}

fn main() {}
