use l2_adapter::ConfigSection;

type Port = u16;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = 0, min = 1)]
    pub limit: Port,
}

fn main() {}
