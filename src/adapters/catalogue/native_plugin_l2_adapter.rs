//! `native_plugin`: keeps KV chunks through a native connector class that the user supplies. Configuration only.

use serde_json::{Map, Value};

use crate::{L2AdapterConfig, SharedConfig};

/// Keeps KV chunks through a native connector class that the user supplies.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "native_plugin")]
pub struct NativePluginL2AdapterConfig {
    /// The Python module that has the class, as an import names it.
    #[config(required, not_blank, example = "my_extension.connector")]
    pub module_path: String,
    /// The class.
    #[config(required, not_blank, example = "MyConnectorClient")]
    pub class_name: String,
    /// What its constructor is called with, by name.
    #[config(default_with = Map::new, default_doc = "nothing", example = {"host": "127.0.0.1", "port": 1234})]
    pub adapter_params: Map<String, Value>,
    /// The capacity that `eviction` goes by. 0: it is not known, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
