use l2_adapter::{L2AdapterConfig, SharedConfig};

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", shared_key(name = "eviction", reason = "it never evicts"))]
pub struct StoreL2AdapterConfig {
    /// Where.
    #[config(required)]
    pub path: String,
    pub shared: SharedConfig,
}

fn main() {}
