use l2_adapter::ConfigSection;

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
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
    #[config(default = 5)]
    pub limit: Colour,
}

fn main() {}
