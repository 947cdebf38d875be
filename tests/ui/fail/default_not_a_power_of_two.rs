use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = 100, power_of_two)]
    pub limit: u16,
}

fn main() {}
