use l2_adapter::ConfigSection;

const LEAST: u16 = 5;
const MOST: u16 = 4;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, min = LEAST, max = MOST)]
    pub limit: u16,
}

fn main() {}
