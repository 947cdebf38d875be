//! `plugin`: keeps KV chunks through a Python adapter class that the user supplies. Configuration only.

use serde_json::{Map, Value};

use crate::{L2AdapterConfig, SharedConfig, adapters::pd_l2_adapter::PdL2AdapterConfig};

/// Keeps KV chunks through a Python adapter class that the user supplies.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "plugin")]
#[config(also_known_as = ["python", "python_plugin", "external", "custom"])]
pub struct PluginL2AdapterConfig {
    /// The Python module that has the class, as in an `import`.
    #[config(required, not_blank, example = "my_plugin.l2")]
    #[config(also_known_as = ["module", "module_name", "import_path"])]
    pub module_path: String,
    /// The class, which implements LMCache's `L2AdapterInterface`.
    #[config(required, not_blank, example = "MyL2Adapter")]
    #[config(also_known_as = ["class", "cls", "adapter_class"])]
    pub class_name: String,
    /// The adapter's own config.
    #[config(default_with = Map::new, default_doc = "nothing", example = {"host": "127.0.0.1"})]
    #[config(spec_of(
        config = PdL2AdapterConfig,
        module_path = ["l2_adapter.lmcache", "l2_adapter.lmcache.adapter"],
        class_name = "PdL2Adapter",
        outside = ["persist_enabled", "serde", "shared", "affinity_tag"]
    ))]
    #[config(also_known_as = ["params", "kwargs", "args", "adapter_config", "adapter_kwargs"])]
    pub adapter_params: Map<String, Value>,
    /// The config class for `adapter_params`, in the same module. Absent or null: the class named after `class_name`, if there
    /// is one.
    #[config(example = "MyL2AdapterConfig")]
    #[config(also_known_as = ["config_class", "config_cls"])]
    pub config_class_name: Option<String>,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
