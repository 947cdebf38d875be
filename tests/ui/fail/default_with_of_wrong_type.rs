use l2_adapter::ConfigSection;

fn limit() -> u32 {
    4
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default_with = limit, default_doc = "four")]
    pub limit: u16,
}

fn main() {}
