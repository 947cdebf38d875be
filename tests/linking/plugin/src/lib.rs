//! A plug-in crate: one adapter type with a runtime. Deriving registers it, wherever this crate is linked.

use std::fmt;

use l2_adapter::{
    L2AdapterConfig, SharedConfig,
    adapter::{AdapterStatus, CreateError, CreationContext, L2Adapter},
};

/// Keeps nothing, and says so.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "plugin", factory = create_adapter)]
pub struct PluginL2AdapterConfig {
    /// What the adapter is called in logs.
    #[config(required, not_blank)]
    pub label: String,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}

#[expect(clippy::unnecessary_wraps, reason = "a factory may fail, this one has nothing that could")]
fn create_adapter(config: &PluginL2AdapterConfig, _: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
    Ok(Box::new(PluginL2Adapter { label: config.label.clone(), closed: false }))
}

#[derive(Debug)]
struct PluginL2Adapter {
    label: String,
    closed: bool,
}

impl fmt::Display for PluginL2Adapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "plugin({})", self.label)
    }
}

impl L2Adapter for PluginL2Adapter {
    fn type_name(&self) -> &'static str {
        PluginL2AdapterConfig::TYPE_NAME
    }

    fn status(&self) -> AdapterStatus {
        if self.closed { AdapterStatus::Closed } else { AdapterStatus::Healthy }
    }

    fn close(&mut self) {
        self.closed = true;
    }
}
