use l2_adapter::ConfigSection;

type Port = u16;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, min = 0.5)]
    pub limit: Port,
}

fn main() {}
