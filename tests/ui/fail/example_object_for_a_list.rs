use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limits.
    #[config(required, example = {"reads": 8})]
    pub limits: Vec<u16>,
}

fn main() {}
