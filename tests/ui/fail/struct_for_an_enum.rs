use l2_adapter::ConfigChoice;

/// A colour.
#[derive(Debug, ConfigChoice)]
pub struct Colour {
    /// Red.
    pub red: bool,
}

fn main() {}
