//! A type of one's own that is no config value is one error.

use l2_adapter::ConfigSection;

/// Not a config value.
#[derive(Debug)]
pub struct Port(u16);

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required)]
    pub port: Port,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct InsideAnOption {
    /// A limit.
    pub ports: Option<Vec<Port>>,
}

fn main() {}
