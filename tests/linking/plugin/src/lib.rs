//! A plug-in crate: one adapter type with a runtime. Deriving registers it in every program that links this crate.

use l2_adapter::{
    CommonConfig, L2AdapterConfig,
    adapter::{CreateError, CreationContext, L2Adapter},
    adapters::mock_l2_adapter::{MockL2Adapter, MockL2AdapterConfig},
};

/// Keeps chunks in memory.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "plugin", factory = create_adapter)]
pub struct PluginL2AdapterConfig {
    /// How much may be stored.
    #[config(required, above = 0.0, unit = gib)]
    pub max_size_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

fn create_adapter(
    config: &PluginL2AdapterConfig,
    context: &CreationContext,
) -> Result<Box<dyn L2Adapter>, CreateError> {
    let PluginL2AdapterConfig { max_size_gb, common } = config.clone();
    MockL2Adapter::create(&MockL2AdapterConfig { max_size_gb, mock_bandwidth_gb: 10.0, common }, context)
}
