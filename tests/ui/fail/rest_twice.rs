use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The rest.
    #[config(rest)]
    pub rest: std::collections::BTreeMap<String, String>,
    /// More.
    #[config(rest)]
    pub more: std::collections::BTreeMap<String, String>,
}

fn main() {}
