//! Documents that violate the rules that no generator can guess: cross-field rules, and those of functions.
//!
//! Such a document is a type's minimal example with some changed keys. The rule's name says what it shows.

use l2_adapter::{Extent, Peer, lmcache, registry};
use l2_adapter_agreement::Agreement;
use l2_adapter_schema::example;
use serde_json::{Value, json};

use crate::{depots::depots, valid};

/// The types that differ between versions of a peer, each with a version: those of LMCache, one with only the common keys, and one
/// that differs in every possible way.
pub(crate) fn in_each_version() -> impl Iterator<Item = (&'static str, Peer<'static>)> {
    let lmcaches = lmcache::VERSIONS.iter().map(|version| lmcache::peer(*version, |version| version.to_string()));
    let types = ["dax", "fault_inject", "fs_native", "mock"];
    let of_lmcache = lmcaches.flat_map(move |peer| types.map(|name| (name, peer)));
    of_lmcache.chain(depots().map(|peer| ("torture-versions", peer)))
}

/// The search over the documents of a type, in one version of its peer.
pub(crate) fn agreement(type_name: &str, peer: Option<Peer<'static>>) -> Agreement {
    let agreement = Agreement::of_registered(registry::global().unwrap().look_up(type_name).unwrap());
    let agreement = valid::documents(type_name).into_iter().fold(agreement, Agreement::example);
    peer.into_iter().fold(agreement, Agreement::for_peer)
}

/// The document for each rule of a type.
pub(crate) fn documents(type_name: &str) -> Vec<(&'static str, Value)> {
    let shown = cases(type_name).into_iter().chain(common_cases());
    shown.map(|(rule, changes)| (rule, changed(type_name, changes))).collect()
}

/// The minimal example of a type with some keys replaced; `null` removes one.
fn changed(type_name: &str, changes: Value) -> Value {
    let registry = registry::global().unwrap();
    let mut document = example(registry.look_up(type_name).unwrap().table(), Extent::Minimal);
    for (key, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => document.remove(key),
            value => document.insert(key.clone(), value.clone()),
        };
    }
    Value::Object(document)
}

/// An object with some keys added or replaced.
fn with(object: &Value, changes: Value) -> Value {
    let mut object = object.clone();
    changes.as_object().unwrap().iter().for_each(|(key, value)| object[key] = value.clone());
    object
}

/// Those of the common keys.
fn common_cases() -> [(&'static str, Value); 2] {
    [
        ("serde_of_lmcache", json!({"serde": {"type": "zip"}, "shared": true})),
        ("settings_of_the_serde", json!({"serde": {"type": "aesgcm"}, "shared": true})),
    ]
}

fn cases(type_name: &str) -> Vec<(&'static str, Value)> {
    match type_name {
        "aerospike" => vec![
            ("no_blanks_in_hosts", json!({"hosts": "a:1, b:2"})),
            ("machines_to_reach", json!({"hosts": "0.0.0.0:1"})),
        ],
        "p2p" => vec![
            ("one_machine_to_reach", json!({"peer_mq_server_url": "tcp://0.0.0.0:1"})),
            ("one_machine_for_the_channel", json!({"peer_transfer_channel_server_url": "[::]:1"})),
        ],
        "resp" => vec![("one_machine_to_reach", json!({"host": "::"}))],
        "cxl_peer" => {
            let arena = json!({"pool_id": "p", "offset": 0, "size": 8192, "alignment": 4096, "session_id": "s"});
            let arenas = |local, peer| json!({"local_arena": with(&arena, local), "peer_arena": with(&arena, peer)});
            vec![
                ("one_machine_to_reach", json!({"peer_mq_server_url": "tcp://0.0.0.0:1"})),
                ("arenas_apart", arenas(json!({}), json!({"offset": 4096}))),
                ("arena_aligned", arenas(json!({"size": 8191}), json!({"offset": 8192}))),
            ]
        }
        "dax" => vec![
            ("empty_only_for_hotplug", json!({"devices": []})),
            ("size_of_the_device", json!({"devices": null, "device_path": "/dev/dax0.0"})),
            ("room_for_a_slot", json!({"devices": [{"device_path": "/dev/dax0.0", "max_dax_size_gb": 0.001}]})),
            (
                "ranges_apart",
                json!({"devices": [
                    {"device_path": "/dev/dax0.0", "max_dax_size_gb": 1}, {"device_path": "/dev/dax0.0", "max_dax_size_gb": 2},
                ]}),
            ),
        ],
        "fault_inject" => vec![(
            "sharing_said_outside",
            json!({"inner": {"type": "mock", "max_size_gb": 1, "mock_bandwidth_gb": 1, "shared": true}}),
        )],
        "fs" => vec![("tmp_dir_inside", json!({"relative_tmp_dir": "../x"}))],
        "fs_native" => vec![
            ("tmp_dir_inside", json!({"relative_tmp_dir": "../x"})),
            ("capacity_without_eviction", json!({"max_capacity_gb": 1})),
            ("budget_without_readers", json!({"num_read_workers": 0, "read_max_bytes_in_flight": 1})),
        ],
        "gcs" => vec![("bucket_alone", json!({"gcs_bucket": "gs://kv-chunks"}))],
        "hf3fs" => vec![
            ("base_paths", json!({"base_paths": "/mnt/3fs/a,,/mnt/3fs/b"})),
            ("under_the_mount_point", json!({"base_paths": "/mnt/other/a"})),
        ],
        "hfbucket" => vec![
            ("bucket_handle", json!({"bucket_handle": "hf://buckets/only-one"})),
            ("name_of_a_variable", json!({"token_env": "hf_abc"})),
        ],
        "mooncake_store" => vec![
            ("local_hostname", json!({"local_hostname": "http://h"})),
            ("master_server_addr", json!({"master_server_addr": "10.0.0.1"})),
            ("metadata_server", json!({"metadata_server": "h"})),
        ],
        "nixl_store" => {
            vec![("file_backend_params", json!({"backend_params": {"file_path": "/a", "use_direct_io": "1"}}))]
        }
        "nixl_store_dynamic" => {
            let params = json!({"file_path": "/a", "use_direct_io": "false", "max_capacity_gb": "0"});
            vec![("max_capacity_gb", json!({"backend_params": params}))]
        }
        "pd" => {
            let ports = json!({"peer_init_port": [1, 2], "peer_alloc_port": [3, 4]});
            let document = |changes: Value| with(&ports, changes);
            vec![
                ("equal_port_counts", document(json!({"peer_alloc_port": [3]}))),
                ("distinct_ports", document(json!({"peer_alloc_port": [3, 1]}))),
                ("whole_proxy_address", document(json!({"proxy_host": "h"}))),
                ("one_machine_to_reach", document(json!({"role": "sender", "peer_host": "::"}))),
                ("room_for_a_slot", document(json!({"role": "receiver", "buffer_size": 4}))),
                ("room_for_a_staged_chunk", document(json!({"role": "sender", "buffer_size": 4}))),
                ("backends_exist", document(json!({"nixl_backends": ["ucx"]}))),
                ("plugins_are_of_nixl", document(json!({"nixl_backends": ["UXC"]}))),
                ("evicts_by_last_use", document(json!({"eviction": {"eviction_policy": "ARC"}}))),
                ("buffer_in_main_memory", document(json!({"buffer_device": "cuda"}))),
                ("proxy_on_receiver", document(json!({"role": "receiver", "proxy_host": "h", "proxy_port": 1}))),
                ("receiver_name_on_receiver", document(json!({"role": "receiver", "receiver_name": "decode-0"}))),
                ("heartbeat_within_lease", document(json!({"timing": {"lease_seconds": 2, "heartbeat_seconds": 1.5}}))),
                ("grace_within_wait", document(json!({"timing": {"lookup_seconds": 1, "lookup_grace_seconds": 2}}))),
            ]
        }
        "native_plugin" => vec![("common_keys_outside", json!({"adapter_params": {"persist_enabled": false}}))],
        "plugin" => vec![
            ("class_of_our_module", json!({"module_path": "l2_adapter.lmcache", "class_name": "PdAdapter"})),
            ("common_keys_outside", json!({"adapter_params": {"persist_enabled": false}})),
        ],
        "raw_block" => {
            let ring = json!({
                "device_path": "/dev/ng0n1", "io_engine": "io_uring", "use_uring_cmd": true, "fdp_enabled": true,
            });
            vec![
                ("whole_blocks", json!({"slot_bytes": 8193})),
                ("slot_beyond_header", json!({"slot_bytes": 4096})),
                ("room_for_the_index", json!({"capacity_bytes": 4096})),
                ("ascii_magic", json!({"meta_magic": "éééééééé"})),
                ("namespace_for_uring_cmd", json!({"io_engine": "io_uring", "use_uring_cmd": true})),
                ("one_io_engine", json!({"io_engine": "posix", "use_uring": false})),
                ("uring_cmd_by_io_uring", json!({"device_path": "/dev/ng0n1", "use_uring_cmd": true})),
                ("placement_by_uring_cmd", json!({"io_engine": "io_uring", "fdp_enabled": true})),
                ("policies_of_placement", json!({"fdp_slot_reuse_policy": "pid_affinity"})),
                (
                    "index_placed_apart",
                    with(&ring, json!({"fdp_placement_ids": [7], "meta_checkpoint_placement_id": 7})),
                ),
            ]
        }
        "s3" => vec![
            ("endpoint_of_a_bucket", json!({"s3_endpoint": "s3://my-bucket"})),
            ("region_of_the_endpoint", json!({"s3_region": "us-east-1"})),
        ],
        "sagemaker-hyperpod" => vec![("url", json!({"url": "http://127.0.0.1:9200"}))],
        "torture-versions" => vec![("few", json!({"times": 10})), ("odd", json!({"times": 3}))],
        "torture-base" => vec![("low_below_high", json!({"low": 5, "high": 5}))],
        "torture" => vec![
            ("low_below_high", json!({"low": 5, "high": 5})),
            ("role_is_listed", json!({"role": "a", "roles": ["b"]})),
            ("many_roles", json!({"role": "a", "roles": ["a", "b", "c", "d"]})),
            ("endpoint", json!({"endpoint": "localhost"})),
        ],
        "valkey" | "valkey_rdma" => vec![
            ("startup_nodes", json!({"startup_nodes": "10.0.0.5"})),
            ("machines_to_reach", json!({"startup_nodes": "0.0.0.0:1"})),
            ("nodes_beyond_the_first", json!({"startup_nodes": "a:1,b:2"})),
            ("database_in_cluster", json!({"cluster_mode": true, "database_id": 1})),
            ("expiry_beside_eviction", json!({"ttl_seconds": 1, "max_capacity_gb": 1})),
        ],
        _ => Vec::new(),
    }
}
