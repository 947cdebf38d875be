use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, keys(min = 1))]
    pub limit: std::collections::BTreeMap<String, u16>,
}

fn main() {}
