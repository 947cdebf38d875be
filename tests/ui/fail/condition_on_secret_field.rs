use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The mode.
    #[config(required, secret)]
    pub mode: l2_adapter::Secret<String>,
    /// The limit.
    #[config(required_if(mode = "fast"))]
    pub limit: Option<u16>,
}

fn main() {}
