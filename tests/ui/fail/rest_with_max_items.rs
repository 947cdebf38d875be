use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The rest.
    #[config(rest, max_items = 2)]
    pub rest: std::collections::BTreeMap<String, String>,
}

fn main() {}
