use l2_adapter::ConfigSection;

type Port = u16;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, exists = file)]
    pub limit: Port,
}

fn main() {}
