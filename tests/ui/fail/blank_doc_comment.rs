use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    ///
    #[config(required)]
    pub limit: u16,
}

fn main() {}
