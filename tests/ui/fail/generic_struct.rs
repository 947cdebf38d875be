use l2_adapter::{L2AdapterConfig, SharedConfig};

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct StoreL2AdapterConfig<T> {
    /// Where.
    #[config(required)]
    pub path: T,
    pub shared: SharedConfig,
}

fn main() {}
