use l2_adapter::ConfigChoice;

#[derive(Debug, ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
}

fn main() {}
