use l2_adapter::ConfigChoice;

/// A colour.
#[derive(Debug, ConfigChoice)]
#[config(rename_all = "snake_case")]
pub enum Colour {
    /// Red.
    #[config(rename = "red")]
    Red,
}

fn main() {}
