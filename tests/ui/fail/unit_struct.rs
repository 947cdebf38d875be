use l2_adapter::L2AdapterConfig;

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct StoreL2AdapterConfig;

fn main() {}
