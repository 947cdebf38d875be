use l2_adapter::ConfigChoice;

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum Colour<const N: usize> {
    /// Red.
    Red,
}

fn main() {}
