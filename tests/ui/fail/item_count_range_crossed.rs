use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, min_items = 5, max_items = 4)]
    pub limit: Vec<u16>,
}

fn main() {}
