use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(key = "password")]
    pub limit: Option<l2_adapter::Secret<String>>,
}

fn main() {}
