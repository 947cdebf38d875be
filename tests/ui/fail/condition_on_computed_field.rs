use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The mode.
    #[config(default_with = String::new, default_doc = "nothing")]
    pub mode: String,
    /// The limit.
    #[config(forbidden_unless(mode = "fast"))]
    pub limit: Option<u16>,
}

fn main() {}
