//! Mistakes of every kind in one struct are reported in one build.

use l2_adapter::L2AdapterConfig;

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
pub enum Role {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "Store", colour = "red")]
pub struct StoreL2AdapterConfig {
    #[config(requird, min = 5, max = 4)]
    pub path: u16,
    /// The size.
    #[config(default = "many", not_blank)]
    pub size: u64,
    /// The role.
    pub role: Role,
}

fn main() {}
