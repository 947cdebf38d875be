//! `plugin`: keeps KV chunks through a Python adapter class that the user supplies. Configuration only.

use serde_json::{Map, Value};

use crate::{L2AdapterConfig, SharedConfig};

/// Keeps KV chunks through a Python adapter class that the user supplies.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "plugin")]
pub struct PluginL2AdapterConfig {
    /// The Python module that has the class, as in an `import`.
    #[config(required, not_blank, example = "my_plugin.l2")]
    pub module_path: String,
    /// The class, which implements LMCache's `L2AdapterInterface`.
    #[config(required, not_blank, example = "MyL2Adapter")]
    pub class_name: String,
    /// The adapter's own config.
    #[config(default_with = Map::new, default_doc = "nothing", example = {"host": "127.0.0.1"})]
    pub adapter_params: Map<String, Value>,
    /// The config class for `adapter_params`, in the same module. Absent or null: the class named after `class_name`, if there
    /// is one.
    #[config(example = "MyL2AdapterConfig")]
    pub config_class_name: Option<String>,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
