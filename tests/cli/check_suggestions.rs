//! What `check` suggests can be pasted: written in the place of what was wrong, it is not wrong in the same way.

use serde_json::{Value, json};

use crate::secrets::run_on;

/// Specs in which something is wrong that gets a suggestion, one or several in each.
fn fixtures() -> Vec<Value> {
    let pd = |changes: Value| {
        let spec =
            json!({"type": "pd", "role": "sender", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2]});
        with(spec, changes)
    };
    let plugin = |changes: Value| {
        let params = json!({"role": "sender", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2]});
        let ours = json!({"type": "plugin", "module_path": "l2_adapter.lmcache", "class_name": "PdL2Adapter", "adapter_params": params});
        with(ours, changes)
    };
    let resp = |changes: Value| with(json!({"type": "resp", "host": "h", "port": 1}), changes);
    let fs = |changes: Value| with(json!({"type": "fs", "base_path": "/a"}), changes);
    let of_fs = |eviction: Value| fs(json!({"eviction": eviction}));
    let dynamic = |capacity: Value| {
        let params = json!({"file_path": "/a", "use_direct_io": "false", "max_capacity_gb": capacity});
        json!({"type": "nixl_store_dynamic", "backend": "POSIX", "backend_params": params})
    };
    let s3 = |endpoint: &str, region: &str| json!({"type": "s3", "s3_endpoint": endpoint, "s3_region": region});
    vec![
        pd(json!({"role": "decoder", "peer_init_port": 7300, "peer_alloc_port": "7400", "checksum": "yes"})),
        pd(json!({"peer_alloc_port": ["2"], "buffer_size": "1GB", "buffer_device": "gpu", "proxy_port": "7500"})),
        pd(json!({"peer_host": "http:/10.0.0.2", "proxy_host": "tcp://p:1", "bufer_size": 1})),
        pd(json!({"peer_host": ["10.0.0.2"], "listen_host": "*", "timing": {"lease_seconds": "30s"}})),
        pd(json!({"peer_init_port": "70000", "nixl_backends": "tcp", "transfer_channel": "NIXL"})),
        json!({
            "enable_pd": true, "pd_role": "sender", "pd_peer_host": "h", "pd_peer_init_port": 1, "pd_peer_alloc_port": 2,
            "pd_buffer_size": "1GB", "pd_buffer_device": "cuda",
        }),
        json!({
            "enable_pd": "true", "pd_role": "prefiller", "pd_peer_host": "tcp://h:1", "pd_peer_init_port": "1",
            "pd_peer_alloc_port": "2,3", "pd_buffer_size": 1e9, "pd_buffer_device": "cuda:0", "pd_proxy_host": "0.0.0.0",
        }),
        json!({"type": "pd", "pd_role": "both", "pd_peer_host": "::", "pd_buffer_size": 1, "secret": "short", "pd_proxy_port": 70000}),
        json!({"enable_nixl": true, "nixl_role": "receiver", "nixl_peer_host": "h", "nixl_peer_port": 5, "nixl_buffer_size": 9}),
        plugin(
            json!({"adapter_params": {"role": "sendr", "peer_host": "h:1", "peer_init_port": 1, "peer_alloc_port": "2"}}),
        ),
        plugin(json!({"module_path": "l2_adapter", "class_name": "PDL2Adapter"})),
        plugin(json!({"module_path": "l2_adapter.lmcach"})),
        plugin(json!({"class_name": "PdAdapter"})),
        plugin(
            json!({"adapter_params": null, "role": "sender", "peer_host": "h:1", "peer_init_port": 1, "peer_alloc_port": [2]}),
        ),
        resp(json!({"port": "8080", "num_workers": "8", "max_capacity_gb": "16 GB", "shared": 1})),
        resp(json!({"host": "redis://user:pw@h:6379/0", "db_port": 1, "redis_user": "u"})),
        resp(json!({"host": "//h", "port": [6379]})),
        json!({"type": "redis", "host": "h", "port": 1}),
        json!({"type": "rsep", "host": "h", "port": 1}),
        json!({"type": "valkey", "startup_nodes": ["a", {"host": "b", "port": 1}], "ttl_seconds": "1d"}),
        json!({"type": "valkey", "startup_nodes": "redis://a:1;b:2"}),
        json!({"type": "aerospike", "hosts": ["10.0.0.1", "10.0.0.2"], "read_timeout_ms": "2s"}),
        json!({"type": "aerospike", "hosts": "10.0.0.1;10.0.0.2:3001"}),
        json!({"type": "aerospike", "hosts": "10.0.0.1:1, 10.0.0.2:2"}),
        json!({"type": "p2p", "peer_mq_server_url": "tcp:/h:1", "peer_transfer_channel_server_url": "a"}),
        json!({"type": "hf3fs", "mount_point": "/m", "base_paths": ["/m/a", "/m/b"]}),
        json!({"type": "hfbucket", "bucket_handle": "a/b", "token_env": "$HF_TOKEN", "metadata_cache_ttl_secs": "1 min"}),
        json!({"type": "hfbucket", "bucket_handle": "hf://buckets/a/b", "token_env": "hf_abc"}),
        json!({"type": "gcs", "gcs_bucket": "gs://kv-chunks/a"}),
        json!({"type": "mooncake_store", "local_hostname": "http://h", "global_segment_size": 5, "device_name": "mlx5_0"}),
        json!({"type": "nixl_store", "backend": "posix", "pool_size": "1024"}),
        dynamic(json!(64)),
        dynamic(json!("64 GB")),
        dynamic(json!("1.2.3")),
        s3("s3://", "us-east-1"),
        s3("https:/minio:9000/kv", "us-east-1"),
        s3("kv.s3.eu-west-1.amazonaws.com", "us-east-1"),
        fs(
            json!({"relative_tmp_dir": "../x", "read_ahead_size": "64KiB", "use_odirect": "True", "persist_enabled": "off"}),
        ),
        fs(json!({"serde": {"type": "FP8", "max_worker": 1}, "path": "/b"})),
        fs(json!({"serde": {"type": "fp8", "fp8_dtype": "e4m3"}})),
        fs(json!({"serde": "fp8"})),
        of_fs(json!("LRU")),
        of_fs(json!({"policy": "lru", "eviction_policy": "lru", "trigger_watermark": "0.8"})),
        json!({"type": "dram", "max_size_gb": "16G"}),
        json!({"type": "cxl_peer", "peer_mq_server_url": "tcp://h:1", "local_device_path": 1}),
    ]
}

fn with(mut spec: Value, changes: Value) -> Value {
    for (key, value) in changes.as_object().into_iter().flatten() {
        match value {
            Value::Null => spec.as_object_mut().unwrap().remove(key),
            value => spec.as_object_mut().unwrap().insert(key.clone(), value.clone()),
        };
    }
    spec
}

/// What is wrong with a spec: faults, and warnings, which are given as faults are.
fn findings(spec: &Value) -> Vec<Value> {
    let (_, printed) = run_on(&["check", "--format", "json", "--no-pairs"], &spec.to_string());
    let record: Value = serde_json::from_str(printed.lines().next().unwrap()).unwrap();
    ["errors", "warnings"].iter().flat_map(|list| record[list].as_array().unwrap().clone()).collect()
}

/// A spec with a suggestion in the place of what is wrong; `None` where nothing is suggested.
fn pasted(spec: &Value, finding: &Value) -> Option<Value> {
    let pointer = finding["pointer"].as_str().unwrap();
    match finding["suggestion"].as_str() {
        Some(text) => {
            let (around, key) = pointer.rsplit_once('/').unwrap_or_default();
            let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
            let is_whole = is_whole_spec(finding, &value);
            match finding["code"].as_str().unwrap() {
                _ if is_whole => Some(value),
                "unknown_key" => renamed(spec, around, key, text),
                _ => Some(placed(spec, pointer, value)),
            }
        }
        None => written_in(finding["message"].as_str().unwrap()).map(|(key, value)| {
            let around = pointer.rsplit_once('/').unwrap_or_default().0;
            placed(spec, &key.map_or(pointer.to_owned(), |key| format!("{around}/{key}")), value)
        }),
    }
}

/// Whether a suggestion stands for the whole spec. Where an object was expected, one with a `type` may be its value.
fn is_whole_spec(finding: &Value, suggestion: &Value) -> bool {
    finding["code"] != "wrong_type" && suggestion.get("type").is_some()
}

fn renamed(spec: &Value, around: &str, key: &str, new: &str) -> Option<Value> {
    let mut spec = spec.clone();
    let object = spec.pointer_mut(around)?.as_object_mut()?;
    let value = object.remove(key)?;
    object.entry(new).or_insert(value);
    Some(spec)
}

fn placed(spec: &Value, pointer: &str, value: Value) -> Value {
    let mut spec = spec.clone();
    let (around, key) = pointer.rsplit_once('/').unwrap();
    match spec.pointer_mut(around).unwrap() {
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        object => object[key] = value,
    }
    spec
}

/// What a message says to write: `write "value"`, `` write `value` ``, or `write "key": "value"`, which may be another key.
fn written_in(message: &str) -> Option<(Option<String>, Value)> {
    let (_, rest) = message.rsplit_once("rite ").filter(|(_, rest)| rest.starts_with(['"', '`']))?;
    let quote = &rest[..1];
    let mut quoted = rest.split(quote).skip(1).step_by(2).map(str::to_owned);
    let first = quoted.next()?;
    let is_key = rest[first.len() + 2..].starts_with(": ");
    Some(if is_key { (Some(first), quoted.next()?.into()) } else { (None, first.into()) })
}

#[test]
fn a_suggestion_is_not_wrong_in_the_way_that_it_corrects() {
    let mut count = 0;
    for spec in fixtures() {
        let found = findings(&spec);
        assert!(!found.is_empty(), "nothing is wrong with {spec}");
        for finding in found {
            let Some(corrected) = pasted(&spec, &finding) else { continue };
            count += 1;
            let is_same = |other: &Value| other["pointer"] == finding["pointer"] && other["code"] == finding["code"];
            let left: Vec<_> = findings(&corrected).into_iter().filter(is_same).collect();
            assert!(left.is_empty(), "{spec}\n{finding}\n{corrected}\n{left:#?}");
        }
    }
    assert!(count > 60, "only {count} suggestions");
}

#[test]
fn a_rewritten_config_has_no_fault_and_no_warning() {
    for spec in fixtures() {
        for finding in findings(&spec) {
            let suggestion = finding["suggestion"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
            let Some(rewritten) = suggestion.filter(|value| is_whole_spec(&finding, value)) else { continue };
            let left = findings(&rewritten);
            assert!(left.is_empty(), "{spec}\n{rewritten}\n{left:#?}");
        }
    }
}
