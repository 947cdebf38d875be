use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    #[config(rest)]
    pub rest: std::collections::BTreeMap<String, String>,
}

fn main() {}
