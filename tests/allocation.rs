//! Parsing a valid document allocates as often, and as many bytes, as cloning its config does.

use allocation_counter::measure;
use l2_adapter::{
    CommonConfig, L2AdapterConfig,
    adapters::{fs_l2_adapter::FsL2AdapterConfig, pd_l2_adapter::PdL2AdapterConfig},
};
use serde_json::{Map, Value, json};

/// A type that extends another, refuses a key and restricts a common one: its lookups in tables allocate nothing.
#[derive(Debug, Clone, L2AdapterConfig)]
#[config(type = "allocation-extending")]
#[config(forbidden(key = "path", reason = "write `base_path`"))]
#[config(common_key(name = "persist_enabled", allowed = [true], reason = "files stay"))]
struct ExtendingL2AdapterConfig {
    #[config(extends)]
    files: FsL2AdapterConfig,
    /// A name.
    #[config(required, example = "a")]
    name: String,
}

/// A type whose keys have other names, conditions and an end.
#[derive(Debug, Clone, L2AdapterConfig)]
#[config(type = "allocation-conditions")]
struct ConditionsL2AdapterConfig {
    /// Where chunks go.
    #[config(default = "file", allowed = ["file", "memory"])]
    medium: String,
    /// The file.
    #[config(required_if(medium = "file"), alias = "path", example = "/cache/a")]
    file: Option<String>,
    /// How much memory.
    #[config(forbidden_unless(medium = "memory"))]
    bytes: Option<u64>,
    /// The keys that every adapter shares.
    common: CommonConfig,
}

fn allocates_only_the_config<T: L2AdapterConfig + Clone>(document: &Map<String, Value>) {
    let config = T::from_dict(document).expect("the document is valid");
    let cloning = measure(|| drop(config.clone()));
    let parsing = measure(|| drop(T::from_dict(document)));
    assert!(cloning.count_total > 0, "nothing was counted");
    assert_eq!(parsing.count_total, cloning.count_total, "allocations");
    assert_eq!(parsing.bytes_total, cloning.bytes_total, "bytes");
}

#[test]
fn a_minimal_spec_allocates_only_what_the_config_holds() {
    let document =
        json!({"role": "sender", "peer_host": "10.0.0.1", "peer_init_port": [9051], "peer_alloc_port": [9052]});
    allocates_only_the_config::<PdL2AdapterConfig>(document.as_object().unwrap());
}

#[test]
fn a_full_spec_allocates_only_what_the_config_holds() {
    let document = json!({
        "type": "pd", "role": "receiver", "peer_host": "decode-0.internal", "peer_init_port": [7300, 7301, 7302, 7303],
        "peer_alloc_port": [7400, 7401, 7402, 7403], "proxy_host": "", "proxy_port": 0, "buffer_size": 1_073_741_824,
        "buffer_device": "cpu", "transfer_channel": "mock_memory", "nixl_backends": ["UCX", "GDS"],
        "eviction": {"eviction_policy": "LRU", "trigger_watermark": 0.9}, "persist_enabled": true, "shared": false,
        "affinity_tag": "blue",
    });
    allocates_only_the_config::<PdL2AdapterConfig>(document.as_object().unwrap());
}

#[test]
fn an_extending_type_allocates_only_what_the_config_holds() {
    let document = json!({"type": "allocation-extending", "base_path": "/cache", "name": "first"});
    allocates_only_the_config::<ExtendingL2AdapterConfig>(document.as_object().expect("an object"));
}

#[test]
fn a_type_with_conditions_allocates_only_what_the_config_holds() {
    for document in [json!({"file": "/cache"}), json!({"medium": "memory", "bytes": 1024})] {
        allocates_only_the_config::<ConditionsL2AdapterConfig>(document.as_object().expect("an object"));
    }
}
