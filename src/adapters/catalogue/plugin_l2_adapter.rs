//! `plugin`: keeps KV chunks through a Python adapter class that the user supplies. Configuration only.

use serde_json::{Map, Value};

use crate::{
    CommonConfig, L2AdapterConfig, RuleError,
    adapters::pd_l2_adapter::PdL2AdapterConfig,
    schema::{closest_name, unexpanded},
};

/// Keeps KV chunks through a Python adapter class that the user supplies.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "plugin")]
#[config(also_known_as = ["python", "python_plugin", "external", "custom"])]
#[config(also_known_as(
    names = ["azure", "azure_blob", "infinistore", "eic", "maru", "lm", "audit", "instrumented", "blackhole"],
    advice = "LMCache's server has no adapter of that name, and `plugin` loads a class of your own"
))]
#[config(warning(
    name = "class_of_our_module",
    doc = "`l2_adapter.lmcache` has one adapter, `PdL2Adapter`.",
    reads(module_path, class_name),
    check = class_of_our_module,
))]
#[config(warning(
    name = "common_keys_outside",
    doc = "Keys that LMCache reads itself, such as `eviction`, are next to `adapter_params`.",
    reads(adapter_params, module_path, class_name),
    check = common_keys_outside,
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

#[cfg(feature = "cli")]
impl PluginL2AdapterConfig {
    /// The config of the `pd` node that this plug-in is; `None` for any other class.
    pub(crate) fn pd_config(&self) -> Option<PdL2AdapterConfig> {
        let is_pd = is_ours(&self.module_path) && self.class_name == OUR_CLASS;
        is_pd.then(|| PdL2AdapterConfig::from_dict(&self.adapter_params).ok()).flatten()
    }
}

/// The modules of this project's wheel that LMCache's servers load the class from. `spec_of` above names them, too.
const OUR_MODULES: [&str; 2] = ["l2_adapter.lmcache", "l2_adapter.lmcache.adapter"];

const OUR_CLASS: &str = "PdL2Adapter";

fn is_ours(module_path: &str) -> bool {
    OUR_MODULES.contains(&module_path)
}

/// Whether a module that does not exist is ours with a slip, or a path to it: `l2-adapter.lmcache`, `l2_adapter/lmcache.py`,
/// `lmcache.l2_adapter`.
fn means_ours(module_path: &str) -> bool {
    let letters: String = module_path.chars().filter(char::is_ascii_alphanumeric).collect();
    closest_name(module_path, OUR_MODULES).is_some() || letters.to_ascii_lowercase().contains("l2adapter")
}

fn class_of_our_module(module_path: &str, class_name: &str) -> Result<(), RuleError> {
    let module = OUR_MODULES[0];
    let means_class = class_name == OUR_CLASS || closest_name(class_name, [OUR_CLASS]).is_some();
    match (is_ours(module_path), class_name) {
        (true, OUR_CLASS) => Ok(()),
        (true, _) => Err(RuleError::new(format!("is not in `{module}`: write \"{OUR_CLASS}\"")).at("class_name")),
        (false, _) if means_class && means_ours(module_path) && unexpanded(module_path).is_none() => {
            let also =
                if class_name == OUR_CLASS { String::new() } else { format!(", and \"class_name\": \"{OUR_CLASS}\"") };
            Err(RuleError::new(format!("is not the module of `{OUR_CLASS}`: write \"{module}\"{also}"))
                .at("module_path"))
        }
        _ => Ok(()),
    }
}

/// LMCache looks for these next to `adapter_params` only. Our own class has a check of its own for them.
fn common_keys_outside(
    adapter_params: &Map<String, Value>,
    module_path: &str,
    class_name: &str,
) -> Result<(), RuleError> {
    if is_ours(module_path) && class_name == OUR_CLASS { Ok(()) } else { common_key_inside(adapter_params) }
}

/// The first key in an object passed on to a class that LMCache would read next to it.
pub(super) fn common_key_inside(params: &Map<String, Value>) -> Result<(), RuleError> {
    let usual = |key: &str, value: &Value| match key {
        "persist_enabled" => *value == Value::Bool(true),
        "shared" => *value == Value::Bool(false),
        _ => value.is_null(),
    };
    let keys = ["persist_enabled", "eviction", "serde", "shared"];
    match keys.into_iter().find(|key| params.get(*key).is_some_and(|value| !usual(key, value))) {
        Some(key) => {
            let message = "goes to the class alone: what is meant for LMCache is written next to `adapter_params`";
            Err(RuleError::new(message).at("adapter_params").key(key))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_slip_in_the_name_of_our_module_or_class_is_told_the_right_ones() {
        for (module_path, class_name, expected) in [
            ("l2_adapter", "PdL2Adapter", "write \\\"l2_adapter.lmcache\\\"\""),
            ("l2_adapter.lmcach", "PdL2Adapter", "write \\\"l2_adapter.lmcache\\\"\""),
            ("l2-adapter.lmcache", "PdL2Adapter", "write \\\"l2_adapter.lmcache\\\"\""),
            ("l2_adapter/lmcache.py", "PdL2Adapter", "write \\\"l2_adapter.lmcache\\\"\""),
            ("lmcache.l2_adapter", "PdL2Adapter", "write \\\"l2_adapter.lmcache\\\"\""),
            ("l2_adapter.lmcache.pd", "PdL2Adapter", "write \\\"l2_adapter.lmcache\\\"\""),
            ("L2_Adapter.LMCache", "PDL2Adapter", "and \\\"class_name\\\": \\\"PdL2Adapter\\\""),
            ("l2_adapter.lmcache", "PdAdapter", "write \\\"PdL2Adapter\\\""),
            ("l2_adapter.lmcache.adapter", "Pd", "write \\\"PdL2Adapter\\\""),
        ] {
            let error = format!("{:?}", class_of_our_module(module_path, class_name));
            assert!(error.contains(expected), "{module_path} {class_name}: {error}");
        }
        for (module_path, class_name) in [
            ("l2_adapter.lmcache", "PdL2Adapter"),
            ("l2_adapter.lmcache.adapter", "PdL2Adapter"),
            ("acme.kv", "PdL2Adapter"),
            ("acme.l2_adapter", "AcmeAdapter"),
            ("$MODULE.l2_adapter", "PdL2Adapter"),
        ] {
            assert_eq!(class_of_our_module(module_path, class_name), Ok(()), "{module_path} {class_name}");
        }
    }

    #[test]
    fn keys_of_lmcache_among_those_of_a_class_are_worth_a_warning() {
        let found = |params: Value| common_key_inside(params.as_object().expect("an object")).is_err();
        assert!(found(json!({"persist_enabled": false})) && found(json!({"eviction": {"eviction_policy": "LRU"}})));
        assert!(!found(json!({"persist_enabled": true, "shared": false, "serde": null, "host": "h"})));
    }
}
