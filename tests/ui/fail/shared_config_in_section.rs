use l2_adapter::{ConfigSection, SharedConfig};

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    pub shared: SharedConfig,
}

fn main() {}
