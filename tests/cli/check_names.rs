//! `check` recognizes keys, types and whole configs of other systems.

use insta::assert_snapshot;

use crate::program::l2_adapter;

#[test]
fn keys_of_other_systems_are_reported_with_ours() {
    let specs = [
        r#"{"type":"s3","endpoint":"http://minio:9000","bucket":"b","region":"eu","access_key":"hunter2","secretKey":"hunter2"}"#,
        r#"{"type":"fs","path":"/cache","max_capacity_gb":10}"#,
        r#"{"type":"fs","base_path":"/cache","max_capacity_gb":10}"#,
        r#"{"type":"resp","url":"redis://user:hunter2@h:6379","db":1}"#,
        r#"{"type":"fs","base_path":"/cache","eviction_policy":"LRU"}"#,
        r#"{"type":"fs","base_path":"/cache","eviction":"LRU"}"#,
        r#"{"type":"fs","base_path":"/cache","eviction":{"policy":"LRU"}}"#,
        r#"{"type":"nixl_store","backend":"POSIX","pool_size":1,"path":"/cache"}"#,
        r#"{"type":"pd","role":"decoder","peer_host":"10.0.0.2","peer_init_port":7300,"peer_alloc_port":"7400"}"#,
    ];
    assert_snapshot!(l2_adapter(&["check"]).input(specs.join("\n")).run());
}

#[test]
fn types_of_other_systems_are_reported_with_ours() {
    let names = [
        "redis",
        "disk",
        "nixl",
        "mooncake",
        "minio",
        "memory",
        "NVMe",
        "hf",
        "rediss",
        "valkey_cluster",
        "nixl_backend",
    ];
    let specs: Vec<_> = names.iter().map(|name| format!("{{\"type\": \"{name}\"}}")).collect();
    assert_snapshot!(l2_adapter(&["check"]).input(specs.join("\n")).run());
}

#[test]
fn names_of_classes_modules_and_values_are_said_to_mean_types() {
    for (name, meant, said) in [
        ("hf3fs_native", "hf3fs", "here it is `hf3fs`"),
        ("p2p_backend", "p2p", "here it is `p2p`"),
        ("S3Connector", "s3", "here it is `s3`"),
        ("MooncakeStoreL2AdapterConfig", "mooncake_store", "here it is `mooncake_store`"),
        ("rust_raw_block_backend", "raw_block", "here it is `raw_block`"),
        ("FSNativeL2Adapter", "fs_native", "here it is `fs_native`"),
        ("LocalCPUBackend", "dram", "here it is `dram`"),
        ("GdsBackend", "nixl_store", "here it is `nixl_store`"),
        ("redis_cluster_connector", "valkey", "here it is `valkey`"),
        ("infinistore", "plugin", "`plugin` loads a class of your own"),
        ("mock_memory", "pd", "\"mock_memory\" is a value of `transfer_channel` in `pd`"),
        ("py_socket", "pd", "\"nixl\" is a value of `transfer_channel` in `pd`"),
        ("sender", "pd", "\"sender\" is a value of `role` in `pd`"),
        ("mooncake_stroe", "mooncake_store", "is not a registered adapter type"),
    ] {
        let ended = l2_adapter(&["check"]).input(format!("{{\"type\": \"{name}\"}}")).run();
        assert!(ended.out.contains(said) && ended.out.contains(&format!("did you mean `{meant}`?")), "{name}: {ended}");
    }
    // None of these is nearer to one type than to others.
    for name in ["remote", "backend", "kv_store", "l2"] {
        let ended = l2_adapter(&["check"]).input(format!("{{\"type\": \"{name}\"}}")).run();
        assert!(!ended.out.contains("here it is"), "{name}: {ended}");
    }
}

#[test]
fn configs_of_other_systems_are_recognized() {
    let specs = [
        r#"{"type":"pd","pd_role":"receiver","pd_peer_host":"10.0.0.2","peer_init_port":7300,"pd_peer_alloc_port":[7400],"pd_buffer_size":1073741824,"pd_buffer_device":"cuda","enable_pd":true,"transfer_channel":"nixl","nixl_backends":["UCX"]}"#,
        r#"{"enable_pd":true,"pd_role":"sender","pd_proxy_host":"10.0.0.3","pd_proxy_port":7500,"pd_buffer_size":1073741824,"local_cpu":false}"#,
        r#"{"kv_connector":"LMCacheMPConnector","kv_role":"kv_both"}"#,
        r#"{"type":"fs","base_path":"/cache","kv_connector":"LMCacheMPConnector"}"#,
        r#"{"chunk_size":256,"local_cpu":true,"remote_url":"redis://:hunter2@h:6379"}"#,
        r#"{"LMCacheNixl":1,"enable_nixl":true,"nixl_role":"receiver","nixl_peer_host":"h","nixl_peer_port":5,"nixl_buffer_size":9}"#,
        r#"{"module_path":"l2_adapter.lmcache.requests","factory_name":"create","config":{}}"#,
        r#"{"adapter":"fs","base_path":"/cache"}"#,
        r#"{"l2_adapter":{"type":"fs","base_path":"/cache"}}"#,
        r#"{"l2_adapters":[{"type":"fs","base_path":"/cache"}]}"#,
        r#"{"fs":{"base_path":"/cache"}}"#,
    ];
    assert_snapshot!(l2_adapter(&["check"]).input(specs.join("\n")).run());
}

/// Whole configs of other systems, in their own notations, each with what the suggested spec must have.
const OTHER_CONFIGS: &[(&str, &str)] = &[
    // LMCache's classic PD backend: JSON, YAML, variables; with values that are not accepted.
    (
        r#"{"enable_nixl":true,"nixl_role":"sender","nixl_receiver_host":"h","nixl_receiver_port":55555}"#,
        r#""peer_init_port": [55555]"#,
    ),
    (
        "enable_pd: True # on\nextra_config:\n  a: b\npd_role: receiver\npd_peer_host: \"10.0.0.2\"\npd_peer_init_port:\n  - 7300\n  - 7301\npd_peer_alloc_port: [7400, 7401]",
        r#""peer_init_port": [7300, 7301], "peer_alloc_port": [7400, 7401]"#,
    ),
    ("LMCACHE_ENABLE_PD=True\nexport LMCACHE_PD_ROLE=sender\nLMCACHE_PD_PEER_HOST=h", r#""peer_host": "h""#),
    (
        r#"{"enable_pd":true,"pd_role":"both","pd_peer_host":"http://h","pd_peer_init_port":"1,2","pd_peer_alloc_port":99999,"pd_proxy_port":7}"#,
        r#""peer_host": "10.0.0.1""#,
    ),
    // Mooncake's own config.
    (
        r#"{"local_hostname":"h","metadata_server":"P2PHANDSHAKE","global_segment_size":3355443200,"protocol":"tcp","device_name":"mlx5_0","master_server_address":"m:50051"}"#,
        r#""global_segment_size": "3355443200", "protocol": "tcp", "local_hostname": "h", "metadata_server": "P2PHANDSHAKE", "master_server_addr": "m:50051", "rdma_devices": "mlx5_0""#,
    ),
    // A spec inside the engine's config, as an object, as text, and in a list; the engine's keys in a spec.
    (
        r#"{"kv_transfer_config":{"kv_connector":"x","kv_role":"kv_both","l2_adapter":{"type":"fs","base_path":"/a"}}}"#,
        r#"{"type": "fs", "base_path": "/a"}"#,
    ),
    (
        r#"{"kv_connector":"x","kv_connector_extra_config":{"l2":"{\"type\":\"resp\",\"host\":\"h\",\"port\":1,\"password\":\"hunter2\"}"}}"#,
        r#"{"type": "resp", "host": "h", "port": 1}"#,
    ),
    (
        r#"{"kv_connector":"x","kv_connector_extra_config":{"enable_pd":true,"pd_role":"receiver","pd_peer_host":"h"}}"#,
        r#""role": "receiver", "peer_host": "h""#,
    ),
    (
        r#"{"l2_adapters":[{"type":"fs","base_path":"/a","eviction":{"eviction_policy":"LRU"}}]}"#,
        r#""eviction": {"eviction_policy": "LRU"}"#,
    ),
    (r#"{"type":"fs","base_path":"/a","kv_connector":"x"}"#, r#"{"type": "fs", "base_path": "/a"}"#),
    (r#"{"adapter":"fs","path":"/a"}"#, r#"{"type": "fs", "base_path": "/a"}"#),
    // Specs in other notations.
    ("# a store\ntype: resp\nhost: h\nport: 6379\npassword: hunter2", r#"{"type": "resp", "host": "h", "port": 6379}"#),
    (
        "[adapter]\ntype = \"fs\"\nbase_path = \"/a\" # here\nuse_odirect = true\n[other]\nx = 1",
        r#"{"type": "fs", "base_path": "/a", "use_odirect": true}"#,
    ),
    ("TYPE=fs\nBASE_PATH='/a'", r#"{"type": "fs", "base_path": "/a"}"#),
];

#[test]
fn the_spec_that_is_suggested_for_another_config_is_valid() {
    for (config, part) in OTHER_CONFIGS {
        let ended = l2_adapter(&["check"]).input(config).run();
        let suggested = ended.out.split_once("did you mean `").and_then(|(_, rest)| rest.split_once("`?\n"));
        let (spec, _) = suggested.unwrap_or_else(|| panic!("{config}: {ended}"));
        assert!(spec.contains(part) && ended.out.matches("error[").count() == 1, "{config}: {ended}");
        assert!(!ended.to_string().contains("hunter2"), "{ended}");
        let checked = l2_adapter(&["check"]).input(spec).run();
        assert_eq!(checked.code, Some(0), "{config}: {checked}");
    }
}

#[test]
fn the_spec_of_our_plug_in_is_checked_inside_lmcaches_plugin() {
    let plugin = |params: &str, more: &str| {
        format!(
            "{{\"type\":\"plugin\",\"module_path\":\"l2_adapter.lmcache\",\"class_name\":\"PdL2Adapter\",\n \
             \"adapter_params\":{{{params}}}{more}}}"
        )
    };
    const RIGHT: &str = r#""role":"sender","peer_host":"10.0.0.2","peer_init_port":[9051],"peer_alloc_port":[9052]"#;
    let specs = [
        plugin(r#""role":"sendr","peer_host":"10.0.0.2","peer_init_port":9051,"shared_secret":"hunter2hunter2""#, ""),
        plugin(&format!("{RIGHT},\"serde\":{{\"type\":\"fp8\"}},\"eviction\":{{\"eviction_policy\":\"LRU\"}}"), ""),
        plugin(RIGHT, ",\"checksum\":true"),
        plugin(RIGHT, ",\"serde\":{\"type\":\"fp8\"}"),
        plugin(RIGHT, "").replace("PdL2Adapter", "PdL2Adaptor"),
        plugin(RIGHT, "").replace("l2_adapter.lmcache", "l2_adapter"),
    ];
    let folder = |program: crate::program::Program| {
        specs.iter().enumerate().fold(program, |program, (index, spec)| program.file(&format!("{index}.json"), spec))
    };
    let ended = folder(l2_adapter(&["check", "0.json", "1.json", "2.json", "3.json", "4.json", "5.json"])).run();
    assert!(!ended.to_string().contains("hunter2"), "{ended}");
    assert_snapshot!(ended);
    let shown = l2_adapter(&["check", "--format", "json"])
        .input(plugin(&format!("{RIGHT},\"shared_secret\":\"hunter2hunter2hunter2\""), ""))
        .run();
    assert!(shown.code == Some(0) && !shown.to_string().contains("hunter2"), "{shown}");
}

#[test]
fn settings_that_mooncake_ignores_get_a_warning() {
    let specs = [
        r#"{"type":"mooncake_store","local_hostname":"h","metadata_server":"P2PHANDSHAKE","master_server_adress":"m:50051"}"#,
        r#"{"device_name":"mlx5_0","local_hostname":"h","master_server_address":"m:50051","type":"mooncake_store"}"#,
        r#"{"type":"mooncake_store","local_hostname":"h","master_server_addr":"m:50051","rdma_devices":"mlx5_0"}"#,
    ];
    assert_snapshot!(l2_adapter(&["check"]).input(specs.join("\n")).run());
}

#[test]
fn text_in_other_formats_is_recognized() {
    let texts = [
        "{'type': 'fs', 'base_path': '/cache'}",
        "{type: fs, base_path: /cache}",
        "fs.json",
        "\"{\\\"type\\\": \\\"fs\\\"}\"",
        "type: fs\nbase_path: /cache\nuse_odirect: true",
    ];
    let arguments: Vec<&str> = texts.iter().flat_map(|text| ["--l2-adapter", text]).collect();
    assert_snapshot!(l2_adapter(&[&["check"], arguments.as_slice()].concat()).run());
    let ended = l2_adapter(&["check", "specs.yaml"]).file("specs.yaml", "- type: fs\n  base_path: /cache\n").run();
    assert_eq!((ended.code, ended.out.lines().count()), (Some(2), 1), "{ended}");
}

#[test]
fn a_spec_given_as_a_file_name_is_recognized_and_not_shown() {
    for spec in
        [r#"{"type":"resp","password":"hunter2"}"#, "{type:resp,password:hunter2}", r#"'[{"password":"hunter2"}]'"#]
    {
        let ended = l2_adapter(&["check", spec]).run();
        let expected = "error: a spec is given in place of a FILE: write `--l2-adapter` before it\n";
        assert_eq!((ended.code, ended.err.as_str()), (Some(2), expected), "{spec}");
        assert!(!ended.to_string().contains("hunter2"), "{ended}");
    }
    let ended = l2_adapter(&["check", "@specs.json"]).run();
    assert_eq!(ended.err, "error: cannot read @specs.json: a FILE has no `@` before it\n");
}
