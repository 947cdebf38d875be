use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, allowed = [80, 70000])]
    pub limit: u16,
}

fn main() {}
