use l2_adapter::ConfigChoice;

/// A colour.
#[derive(Debug, ConfigChoice)]
#[config(ignore_case)]
pub enum Colour {
    /// Red.
    Red,
    /// Red again.
    #[config(name = "RED")]
    Rouge,
}

fn main() {}
