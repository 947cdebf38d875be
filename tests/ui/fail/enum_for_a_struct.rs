use l2_adapter::L2AdapterConfig;

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub enum StoreL2AdapterConfig {
    /// Here.
    Here,
}

fn main() {}
