//! The documents that are measured.

use serde_json::{Map, Value, json};

/// A sender with TP 8: six of sixteen keys given, two lists of eight ports.
pub fn sender() -> Map<String, Value> {
    object(json!({
        "role": "sender",
        "peer_host": "10.0.0.1",
        "peer_init_port": [7300, 7301, 7302, 7303, 7304, 7305, 7306, 7307],
        "peer_alloc_port": [7400, 7401, 7402, 7403, 7404, 7405, 7406, 7407],
        "buffer_size": 1_073_741_824,
        "transfer_channel": "nixl",
    }))
}

/// One object with eight faults: a value that is not allowed, a blank string, an item of the wrong type, an item
/// out of range, a negative port, a fraction, a text for a boolean, a misspelt key.
pub fn eight_faults() -> Map<String, Value> {
    object(json!({
        "role": "sendr",
        "peer_host": "",
        "peer_init_port": [9051, "9053"],
        "peer_alloc_port": [70000],
        "proxy_port": -5,
        "buffer_size": 1.9,
        "persist_enabled": "yes",
        "peer_hst": "10.0.0.1",
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        // Every document above is written as an object.
        _ => Map::new(),
    }
}
