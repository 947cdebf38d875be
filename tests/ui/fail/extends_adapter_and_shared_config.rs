use l2_adapter::{L2AdapterConfig, SharedConfig};

/// Keeps chunks in general.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "base")]
pub struct BaseL2AdapterConfig {
    pub shared: SharedConfig,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct StoreL2AdapterConfig {
    #[config(extends)]
    pub base: BaseL2AdapterConfig,
    pub shared: SharedConfig,
}

fn main() {}
