use l2_adapter::ConfigSection;

/// A base.
#[derive(Debug, ConfigSection)]
pub struct Base {
    /// The rest.
    #[config(rest)]
    pub rest: std::collections::BTreeMap<String, u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    #[config(extends)]
    pub base: Base,
    /// The rest.
    #[config(rest)]
    pub rest: std::collections::BTreeMap<String, u16>,
}

fn main() {}
