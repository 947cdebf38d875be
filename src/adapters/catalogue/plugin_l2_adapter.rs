//! `plugin`: keeps KV chunks through a Python adapter class that the user supplies. Configuration only.

use serde_json::{Map, Value};

use crate::{CommonConfig, L2AdapterConfig, RuleError, adapters::pd_l2_adapter::PdL2AdapterConfig};

/// Keeps KV chunks through a Python adapter class that the user supplies.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "plugin")]
#[config(also_known_as = ["python", "python_plugin", "external", "custom"])]
#[config(warning(
    name = "class_of_our_module",
    doc = "`l2_adapter.lmcache` has one adapter, `PdL2Adapter`.",
    reads(module_path, class_name),
    check = class_of_our_module,
))]
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
    pub common: CommonConfig,
}

impl PluginL2AdapterConfig {
    /// The config of the `pd` node that this plug-in is; `None` for any other class.
    pub(crate) fn pd_config(&self) -> Option<PdL2AdapterConfig> {
        let is_pd = is_ours(&self.module_path) && self.class_name == "PdL2Adapter";
        is_pd.then(|| PdL2AdapterConfig::from_dict(&self.adapter_params).ok()).flatten()
    }
}

/// The module of this project's wheel that LMCache's servers load.
const OUR_MODULE: &str = "l2_adapter.lmcache";

fn is_ours(module_path: &str) -> bool {
    module_path == OUR_MODULE || module_path.starts_with("l2_adapter.lmcache.")
}

fn class_of_our_module(module_path: &str, class_name: &str) -> Result<(), RuleError> {
    match class_name {
        "PdL2Adapter" if module_path == "l2_adapter" => {
            Err(RuleError::new(format!("has no such class: write \"{OUR_MODULE}\"")).at("module_path"))
        }
        "PdL2Adapter" => Ok(()),
        _ if is_ours(module_path) => {
            Err(RuleError::new(format!("is not in `{OUR_MODULE}`: write \"PdL2Adapter\"")).at("class_name"))
        }
        _ => Ok(()),
    }
}
