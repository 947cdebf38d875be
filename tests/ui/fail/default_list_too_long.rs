use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = [1, 2], max_items = 1)]
    pub limit: Vec<u16>,
}

fn main() {}
