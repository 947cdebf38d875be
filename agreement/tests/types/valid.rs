//! Valid documents that no generator finds.

use serde_json::{Map, Value, json};

/// Valid documents with keys that are valid only next to several others.
pub(crate) fn documents(type_name: &str) -> Vec<Map<String, Value>> {
    let documents = match type_name {
        "dax" => vec![
            json!({"slot_bytes": 8192, "device_path": "/dev/dax0.0", "max_dax_size_gb": 1}),
            json!({"slot_bytes": 8192, "device_path": "/dev/dax0.0", "max_dax_size_gb": 1, "offset_gb": 1}),
        ],
        "plugin" => vec![
            json!({"module_path": "l2_adapter.lmcache", "class_name": "PdL2Adapter", "adapter_params": {
                "role": "sender", "peer_host": "10.0.0.1", "peer_init_port": [9051], "peer_alloc_port": [9052],
            }}),
            json!({"module_path": "l2_adapter.lmcache", "class_name": "Other", "adapter_params": {"role": 1}}),
            json!({"module_path": "other", "class_name": "PdL2Adapter", "adapter_params": {"role": 1}}),
        ],
        "raw_block" => vec![json!({
            "device_path": "/dev/ng0n1", "slot_bytes": 8192, "io_engine": "io_uring", "use_uring_cmd": true,
            "fdp_enabled": true, "fdp_placement_ids": [1, 2], "meta_checkpoint_placement_id": 3,
        })],
        _ => Vec::new(),
    };
    documents.into_iter().filter_map(|document| document.as_object().cloned()).collect()
}
