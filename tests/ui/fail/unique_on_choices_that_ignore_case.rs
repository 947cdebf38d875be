use l2_adapter::ConfigSection;

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
#[config(ignore_case)]
pub enum Colour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, unique)]
    pub limit: Vec<Colour>,
}

fn main() {}
