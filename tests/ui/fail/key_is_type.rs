use l2_adapter::{L2AdapterConfig, SharedConfig};

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct StoreL2AdapterConfig {
    /// The type.
    #[config(required)]
    pub r#type: String,
    pub shared: SharedConfig,
}

fn main() {}
