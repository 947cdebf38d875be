use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = [], min_items = 1)]
    pub limit: Vec<u16>,
}

fn main() {}
