use l2_adapter::ConfigChoice;

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
    /// Another.
    Other(String),
}

fn main() {}
