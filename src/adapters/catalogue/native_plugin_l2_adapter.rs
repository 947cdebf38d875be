//! `native_plugin`: keeps KV chunks through a native connector class that the user supplies. Configuration only.

use serde_json::{Map, Value};

use crate::{CommonConfig, L2AdapterConfig};

/// Keeps KV chunks through a native connector class that the user supplies.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "native_plugin")]
#[config(also_known_as = ["native", "cpp_plugin"])]
#[config(warning(
    name = "common_keys_outside",
    doc = "Keys that LMCache reads itself, such as `eviction`, are next to `adapter_params`.",
    reads(adapter_params),
    check = super::plugin_l2_adapter::common_key_inside,
))]
pub struct NativePluginL2AdapterConfig {
    /// The Python module that has the class, as in an `import`.
    #[config(required, not_blank, example = "my_extension.connector")]
    #[config(also_known_as = ["module", "module_name", "import_path"])]
    pub module_path: String,
    /// The class.
    #[config(required, not_blank, example = "MyConnectorClient")]
    #[config(also_known_as = ["class", "cls", "connector_class"])]
    pub class_name: String,
    /// The arguments of its constructor, by name.
    #[config(default_with = Map::new, default_doc = "nothing", example = {"host": "127.0.0.1", "port": 1234})]
    #[config(also_known_as = ["params", "kwargs", "args", "connector_params"])]
    pub adapter_params: Map<String, Value>,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    #[config(also_known_as = ["max_size_gb", "capacity_gb", "max_capacity", "capacity", "max_size", "max_local_disk_size"])]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
