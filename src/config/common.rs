//! The keys that every adapter spec may have in addition to its own: eviction, persistence, serialization, sharing, affinity.
//!
//! Names, defaults and allowed values are LMCache's (its `config.py`). Ranges are stricter, because a watermark of -5 or NaN has no
//! meaning.

use std::{collections::BTreeMap, path::Path};

use l2_adapter_schema::{Object, Reader, Section as _, closest_name, unexpanded};
use serde_json::Value;

use crate::{Access, ConfigChoice, ConfigSection, Machine, PathKind, RuleError};

/// The values of the common keys. Every adapter config holds them in one field of this type.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(mistaken_for(
    what = "the engine's `--kv-transfer-config`",
    keys = [
        "kv_connector", "kv_role", "kv_connector_module_path", "kv_connector_extra_config", "kv_parallel_size", "kv_rank",
        "kv_load_failure_policy",
    ],
    advice = "give it to vLLM, and the server an L2 adapter spec with a `type`"
))]
#[config(mistaken_for(
    what = "a record of `check --format json`",
    keys = ["errors"],
    advice = "the spec is its `value`"
))]
#[config(mistaken_for(
    what = "the engine's `--kv-events-config`",
    keys = ["enable_kv_cache_events"],
    advice = "give it to vLLM"
))]
#[config(mistaken_for(
    what = "a `--server-module` of LMCache's server",
    keys = ["factory_name"],
    advice = "give it to that flag, and `--l2-adapter` a spec with a `type`"
))]
#[config(mistaken_for(
    what = "a config of LMCache's in-process mode, which `LMCACHE_CONFIG_FILE` names",
    keys = ["local_cpu", "max_local_cpu_size", "remote_url", "remote_serde", "enable_p2p", "lmcache_instance_id"],
    advice = "the server takes these settings as flags, and an L2 adapter as a spec with a `type`"
))]
pub struct CommonConfig {
    /// How this adapter makes room. Absent or null: it never evicts.
    pub eviction: Option<EvictionConfig>,
    /// Whether chunks are kept after the server stops, if the adapter can keep them.
    #[config(default = true)]
    pub persist_enabled: bool,
    /// How chunks are encoded before they are stored. Absent or null: unchanged.
    pub serde: Option<SerdeConfig>,
    /// Whether several servers use the same storage.
    #[config(default = false)]
    pub shared: bool,
    /// Which group of requests may use this adapter.
    #[config(default = "_default", not_blank, until = "LMCache 0.5.7")]
    pub affinity_tag: String,
}

impl CommonConfig {
    /// The settings of the server's persistence code.
    pub fn persist_config(&self) -> PersistConfig {
        PersistConfig { persist_enabled: self.persist_enabled }
    }
}

impl Default for CommonConfig {
    fn default() -> Self {
        Self { eviction: None, persist_enabled: true, serde: None, shared: false, affinity_tag: "_default".to_owned() }
    }
}

/// Reads the common keys of an object, whose slots begin at `first`: the declared fields end here. Most documents have none of them.
pub fn read_common(object: &Object<'_>, first: usize, reader: &mut Reader<'_>) -> Option<CommonConfig> {
    reader.mark_declared_end(reader.fault_count());
    if object.is_empty_from(first) { Some(CommonConfig::default()) } else { read_given(object, first, reader) }
}

#[inline(never)]
fn read_given(object: &Object<'_>, first: usize, reader: &mut Reader<'_>) -> Option<CommonConfig> {
    let declared = reader.fault_count();
    let common = CommonConfig::read_slots(&object.part(CommonConfig::table(), first), reader).ok();
    reader.mark_declared_end(declared);
    common
}

/// When chunks are evicted, and how many at once.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub struct EvictionConfig {
    /// Which chunks go first.
    #[config(required, also_known_as = ["policy", "cache_policy", "type", "name"])]
    pub eviction_policy: EvictionPolicy,
    /// The share of the capacity, from 0 to 1, above which eviction begins.
    #[config(default = 0.8, min = 0.0, max = 1.0)]
    #[config(also_known_as = ["watermark", "high_watermark", "threshold", "eviction_trigger_watermark"])]
    pub trigger_watermark: f64,
    /// The fraction of the stored bytes, from 0 to 1, that one round evicts.
    #[config(default = 0.2, min = 0.0, max = 1.0)]
    #[config(also_known_as = ["ratio", "evict_ratio"])]
    pub eviction_ratio: f64,
}

/// Which chunks are evicted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum EvictionPolicy {
    /// The least recently used.
    #[config(name = "LRU")]
    Lru,
    /// The least recently or least often used, whichever has served worse (adaptive replacement).
    #[config(name = "ARC")]
    Arc,
    /// The least recently used of the same cache salt.
    #[config(name = "IsolatedLRU")]
    IsolatedLru,
    /// None: nothing is evicted.
    #[config(name = "noop")]
    Noop,
}

/// How chunks are encoded before they are stored.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(machine_rule(
    name = "readable_master_key",
    doc = "`master_key_path` of `aesgcm` leads to a file that is readable.",
    reads(serde_type, settings),
    check = readable_master_key,
))]
#[config(warning(
    name = "serde_of_lmcache",
    doc = "`type` is an encoding that comes with LMCache: `aesgcm`, `fp8` or `turboquant`.",
    reads(serde_type),
    check = serde_of_lmcache,
))]
#[config(warning(
    name = "settings_of_the_serde",
    doc = "`aesgcm` has `master_key_path`, `key_provider` \"hkdf\" and `aes_bits` 128 or 256; `fp8` has an `fp8_dtype` of 8 bits.",
    reads(serde_type, settings),
    check = settings_of_the_serde,
))]
pub struct SerdeConfig {
    /// The name of the encoding: LMCache has `fp8`, `aesgcm` and `turboquant`.
    #[config(required, key = "type", example = "fp8")]
    pub serde_type: String,
    /// Settings of that encoding, passed on as they are.
    #[config(rest, known = ["max_workers", "fp8_dtype", "key_provider", "master_key_path", "aes_bits"])]
    #[config(known = ["preset", "head_dim", "block_size", "skip_first_layers", "skip_last_layers"])]
    pub settings: BTreeMap<String, Value>,
}

/// The encodings that LMCache has. It looks a name up when the server starts.
const SERDES: [&str; 3] = ["aesgcm", "fp8", "turboquant"];

fn serde_of_lmcache(serde_type: &str) -> Result<(), RuleError> {
    if SERDES.contains(&serde_type) || unexpanded(serde_type).is_some() {
        return Ok(());
    }
    let instead = match closest_name(serde_type, SERDES) {
        Some(meant) => format!("write \"{meant}\""),
        None if ["cachegen", "naive", "kivi", "torch", "safetensor"].contains(&serde_type) => {
            "it is one of LMCache's in-process mode. Leave `serde` out to store chunks unchanged".to_owned()
        }
        None => "leave `serde` out to store chunks unchanged".to_owned(),
    };
    Err(RuleError::new(format!("is none of \"aesgcm\", \"fp8\" and \"turboquant\", which LMCache has: {instead}")))
}

/// LMCache converts these when the server starts, and refuses them then.
fn settings_of_the_serde(serde_type: &str, settings: &BTreeMap<String, Value>) -> Result<(), RuleError> {
    const FLOATS: [&str; 4] = ["float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz"];
    let given = |key: &str| settings.get(key).filter(|value| !is_variable(value));
    let wrong = |key: &'static str, message: String| Err(RuleError::new(message).at(key));
    match serde_type {
        "aesgcm" => {
            let is_path = |value: &Value| value.as_str().is_some_and(|path| !path.is_empty());
            if !settings.get("master_key_path").is_some_and(is_path) {
                let message = "\"aesgcm\" needs the path of a file with the key: write \"master_key_path\": \"/path/to/key\" next to it";
                return Err(RuleError::fixed(message));
            }
            if given("key_provider").is_some_and(|provider| provider != "hkdf") {
                return wrong("key_provider", "should be \"hkdf\", the only one that LMCache has".to_owned());
            }
            let bits = |value: &Value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
            match given("aes_bits") {
                Some(value) if !matches!(bits(value), Some(128 | 256)) => {
                    wrong("aes_bits", "should be 128 or 256".to_owned())
                }
                _ => Ok(()),
            }
        }
        "fp8" => match given("fp8_dtype") {
            Some(value) if !FLOATS.iter().any(|name| value == name) => {
                let meant = value.as_str().and_then(|name| closest_name(name, FLOATS)).unwrap_or(FLOATS[0]);
                wrong("fp8_dtype", format!("should name a type of PyTorch with 8 bits: write \"{meant}\""))
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn is_variable(value: &Value) -> bool {
    value.as_str().is_some_and(|text| unexpanded(text).is_some())
}

/// LMCache reads it when the server starts.
fn readable_master_key(
    machine: &dyn Machine,
    serde_type: &str,
    settings: &BTreeMap<String, Value>,
) -> Result<(), RuleError> {
    const KEY: &str = "master_key_path";
    let path = settings.get(KEY).and_then(Value::as_str).filter(|path| serde_type == "aesgcm" && !path.is_empty());
    let Some(path) = path.map(Path::new) else { return Ok(()) };
    let outcome = machine.look(path).map(|found| (found != PathKind::File).then(|| format!("not a {found}")));
    let refusal = match outcome {
        Ok(found) => found.or_else(|| machine.refusal(path, Access::Read)),
        Err(error) => Some(error.to_string()),
    };
    match refusal {
        Some(reason) => Err(RuleError::new(format!(
            "\"aesgcm\" needs a file of this machine in `{KEY}` that is readable ({reason})"
        ))),
        None => Ok(()),
    }
}

/// Whether chunks stay after the server stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersistConfig {
    /// Whether chunks stay after the server stops.
    pub persist_enabled: bool,
}

#[cfg(test)]
mod tests {
    use l2_adapter_rules::{COMMON_KEYS, ValueType};
    use l2_adapter_schema::{Context, Kind, Section as _, parse, parse_silently};
    use serde_json::{Map, json};

    use super::CommonConfig;

    #[test]
    fn the_derive_has_the_common_keys_and_their_types() {
        let declared = CommonConfig::table().fields.iter().map(|field| {
            let value = match field.kind {
                Kind::Boolean => ValueType::Boolean,
                Kind::String => ValueType::String,
                _ => ValueType::Other,
            };
            (field.key, value)
        });
        assert_eq!(declared.collect::<Vec<_>>(), COMMON_KEYS);
    }

    #[test]
    fn a_serde_that_no_server_starts_with_is_a_warning_with_what_to_write() {
        for (serde, expected) in [
            (
                json!({"type": "fp9"}),
                "/serde/type: `type` is none of \"aesgcm\", \"fp8\" and \"turboquant\", which LMCache has: write \"fp8\"",
            ),
            (json!({"type": "FP8"}), "write \"fp8\""),
            (json!({"type": "cachegen"}), "in-process mode"),
            (json!({"type": "zip"}), "leave `serde` out"),
            (json!({"type": "aesgcm"}), "\"master_key_path\": \"/path/to/key\""),
            (
                json!({"type": "aesgcm", "master_key_path": "/k", "key_provider": "kms"}),
                "/serde/key_provider: `key_provider` should be \"hkdf\"",
            ),
            (
                json!({"type": "aesgcm", "master_key_path": "/k", "aes_bits": 192}),
                "/serde/aes_bits: `aes_bits` should be 128 or 256",
            ),
            (json!({"type": "fp8", "fp8_dtype": "float8_e4m3"}), "write \"float8_e4m3fn\""),
        ] {
            let document = json!({"serde": serde});
            let parsed = parse::<CommonConfig>(document.as_object().expect("an object"), &Context::empty())
                .expect("LMCache takes it");
            let [warning] = parsed.warnings.as_slice() else { panic!("{serde}: {:?}", parsed.warnings) };
            assert!(warning.to_string().contains(expected), "{serde}: {warning}");
        }
        for serde in [
            json!({"type": "fp8", "fp8_dtype": "float8_e5m2", "max_workers": "2"}),
            json!({"type": "aesgcm", "master_key_path": "/k", "aes_bits": "256", "key_provider": "hkdf"}),
            json!({"type": "turboquant"}),
        ] {
            let document = json!({"serde": serde});
            let parsed =
                parse::<CommonConfig>(document.as_object().expect("an object"), &Context::empty()).expect("valid");
            assert_eq!(parsed.warnings, [], "{serde}");
        }
    }

    #[test]
    fn the_rust_default_has_the_defaults_of_the_common_keys() {
        let read: CommonConfig =
            parse_silently(&Map::new(), &Context::empty()).expect("every common key has a default");
        assert_eq!(CommonConfig::default(), read);
    }
}
