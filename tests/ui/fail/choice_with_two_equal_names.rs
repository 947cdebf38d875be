use l2_adapter::ConfigChoice;

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
    /// Red again.
    #[config(name = "red")]
    Rouge,
}

fn main() {}
