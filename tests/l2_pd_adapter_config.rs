//! `PdL2AdapterConfig`: the eight tests and the example of the feature request, under its names; then the checks of LMCache's own
//! tests of its PD config (`test_l2_pd_adapter_config.py`) with the request's defaults; then every other rule.

use l2_adapter::{
    ConfigError, Context, FaultCode, L2AdapterConfig, WarningCode,
    adapters::pd_l2_adapter::{BufferDevice, PdL2AdapterConfig, Role, TransferChannel},
    get_registered_l2_adapter_types,
};
use serde_json::{Map, Value, json};

const REQUIRED: [&str; 4] = ["role", "peer_host", "peer_init_port", "peer_alloc_port"];
const ALL_KEYS: [&str; 10] = [
    "role",
    "peer_host",
    "peer_init_port",
    "peer_alloc_port",
    "proxy_host",
    "proxy_port",
    "buffer_size",
    "buffer_device",
    "transfer_channel",
    "nixl_backends",
];

fn minimal(role: &str) -> Map<String, Value> {
    object(json!({"role": role, "peer_host": "10.0.0.1", "peer_init_port": [9051], "peer_alloc_port": [9052]}))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

/// A minimal sender with one key replaced or added.
fn with(key: &str, value: Value) -> Map<String, Value> {
    let mut document = minimal("sender");
    document.insert(key.to_owned(), value);
    document
}

fn refused(document: &Map<String, Value>) -> ConfigError {
    match PdL2AdapterConfig::from_dict(document) {
        Ok(config) => panic!("accepted {document:?} as {config:?}"),
        Err(error) => error,
    }
}

/// The only fault of a document, as code and pointer.
fn only_fault(document: &Map<String, Value>) -> (FaultCode, String) {
    let error = refused(document);
    assert_eq!(error.faults.len(), 1, "{error}");
    (error.faults[0].code, error.faults[0].pointer.clone())
}

#[test]
fn test_parse_valid_sender_config() {
    let document = object(json!({
        "type": "pd", "role": "sender", "peer_host": "10.0.0.1", "peer_init_port": [9051], "peer_alloc_port": [9052],
    }));
    let config = PdL2AdapterConfig::from_dict(&document).unwrap();
    assert_eq!(config.role, "sender");
    assert_eq!(config.peer_host, "10.0.0.1");
    assert_eq!(config.buffer_size, 67_108_864);
}

#[test]
fn test_parse_minimal_sender_config() {
    let config = PdL2AdapterConfig::from_dict(&minimal("sender")).unwrap();
    assert_eq!(config.role, Role::Sender);
    assert_eq!(config.peer_host, "10.0.0.1");
    assert_eq!(config.peer_init_port, [9051]);
    assert_eq!(config.peer_alloc_port, [9052]);
}

#[test]
fn test_parse_minimal_receiver_config() {
    let config = PdL2AdapterConfig::from_dict(&minimal("receiver")).unwrap();
    assert_eq!(config.role, Role::Receiver);
    assert_eq!(config.peer_host, "10.0.0.1");
    assert_eq!(config.peer_init_port, [9051]);
    assert_eq!(config.peer_alloc_port, [9052]);
}

#[test]
fn test_fail_on_missing_required() {
    for key in REQUIRED {
        let mut document = minimal("sender");
        document.remove(key);
        assert_eq!(only_fault(&document), (FaultCode::Missing, format!("/{key}")));
    }
}

#[test]
fn test_fail_on_invalid_role() {
    let error = refused(&with("role", json!("invalid")));
    assert_eq!(error.faults[0].code, FaultCode::NotAllowed);
    assert_eq!(error.faults[0].message, "`role` must be \"sender\" or \"receiver\"");
}

#[test]
fn test_help_contains_all_field_names() {
    let help = PdL2AdapterConfig::help();
    for key in ALL_KEYS {
        let line = help.lines().find(|line| line.trim_start().starts_with(&format!("{key} (")));
        let presence = if REQUIRED.contains(&key) { "required" } else { "optional" };
        assert!(
            line.is_some_and(|line| line.contains(presence)),
            "help does not say that {key} is {presence}:\n{help}"
        );
    }
}

#[test]
fn test_registered_in_factory() {
    assert!(get_registered_l2_adapter_types().unwrap().contains(&"pd"));
}

#[test]
fn test_all_fields_round_trip() {
    let document = object(json!({
        "type": "pd", "role": "sender", "peer_host": "decode-0", "peer_init_port": [7300, 7301],
        "peer_alloc_port": [7400, 7401], "proxy_host": "proxy", "proxy_port": 7500, "buffer_size": 1_073_741_824,
        "buffer_device": "cuda", "transfer_channel": "mock_memory", "nixl_backends": ["UCX", "GDS"],
        "eviction": {"eviction_policy": "LRU", "trigger_watermark": 0.9, "eviction_ratio": 0.1},
        "persist_enabled": false, "serde": {"type": "fp8", "max_workers": 4}, "shared": true, "affinity_tag": "blue",
        "proxy_protocol": "zmq", "checksum": false,
    }));
    let config = PdL2AdapterConfig::from_dict(&document).unwrap();
    assert_eq!(config.role, Role::Sender);
    assert_eq!(config.peer_host, "decode-0");
    assert_eq!(config.peer_init_port, [7300, 7301]);
    assert_eq!(config.peer_alloc_port, [7400, 7401]);
    assert_eq!(config.proxy_host, "proxy");
    assert_eq!(config.proxy_port, 7500);
    assert_eq!(config.buffer_size, 1_073_741_824);
    assert_eq!(config.buffer_device, BufferDevice::Cuda);
    assert_eq!(config.transfer_channel, TransferChannel::MockMemory);
    assert_eq!(config.nixl_backends, ["UCX", "GDS"]);
    assert_eq!(config.eviction_config().unwrap().trigger_watermark, 0.9);
    assert!(!config.persist_config().persist_enabled);
    assert_eq!(config.serde_config().unwrap().serde_type, "fp8");
    assert!(config.common.shared);
    assert_eq!(config.common.affinity_tag, "blue");
    assert_eq!(config.to_dict(), document);
}

#[test]
fn test_defaults_applied() {
    let config = PdL2AdapterConfig::from_dict(&minimal("sender")).unwrap();
    assert_eq!(config.proxy_host, "");
    assert_eq!(config.proxy_port, 0);
    assert_eq!(config.buffer_size, 67_108_864);
    assert_eq!(config.buffer_device, "cpu");
    assert_eq!(config.transfer_channel, "nixl");
    assert_eq!(config.nixl_backends, ["tcp"]);
    assert!(config.eviction_config().is_none());
    assert!(config.persist_config().persist_enabled);
    assert!(config.serde_config().is_none());
    assert!(!config.common.shared);
    assert_eq!(config.common.affinity_tag, "_default");
}

#[test]
fn a_buffer_device_that_is_neither_cpu_nor_cuda_is_refused() {
    assert_eq!(only_fault(&with("buffer_device", json!("gpu"))), (FaultCode::NotAllowed, "/buffer_device".into()));
}

#[test]
fn a_transfer_channel_that_is_neither_nixl_nor_mock_memory_is_refused() {
    let channel = with("transfer_channel", json!("invalid"));
    assert_eq!(only_fault(&channel), (FaultCode::NotAllowed, "/transfer_channel".into()));
}

#[test]
fn every_required_key_is_reported_at_once() {
    let error = refused(&Map::new());
    let pointers: Vec<_> = error.faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/role", "/peer_host", "/peer_init_port", "/peer_alloc_port"]);
}

#[test]
fn a_blank_peer_host_is_refused() {
    for blank in ["", " ", "\t\u{3000}"] {
        assert_eq!(only_fault(&with("peer_host", json!(blank))), (FaultCode::Blank, "/peer_host".into()));
    }
}

#[test]
fn a_port_list_that_is_text_or_a_number_is_refused() {
    for value in [json!("9051"), json!(9051), json!({"a": 1}), Value::Null] {
        assert_eq!(only_fault(&with("peer_init_port", value)), (FaultCode::WrongType, "/peer_init_port".into()));
    }
}

#[test]
fn an_empty_port_list_is_refused() {
    let mut document = with("peer_init_port", json!([]));
    document.insert("peer_alloc_port".into(), json!([]));
    let codes: Vec<_> = refused(&document).faults.into_iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [FaultCode::ItemCount, FaultCode::ItemCount]);
}

#[test]
fn a_port_outside_1_to_65535_is_refused_at_its_item() {
    for port in [0, 65_536, -1] {
        let fault = only_fault(&with("peer_init_port", json!([port])));
        assert_eq!(fault, (FaultCode::OutOfRange, "/peer_init_port/0".into()));
    }
    PdL2AdapterConfig::from_dict(&with("peer_init_port", json!([65_535]))).unwrap();
    PdL2AdapterConfig::from_dict(&with("peer_init_port", json!([1]))).unwrap();
}

#[test]
fn port_lists_of_different_length_are_refused() {
    let fault = only_fault(&with("peer_alloc_port", json!([9052, 9053])));
    assert_eq!(fault, (FaultCode::Rule, "/peer_alloc_port".into()));
}

#[test]
fn a_repeated_port_is_refused_at_its_second_place() {
    let across = only_fault(&with("peer_alloc_port", json!([9051])));
    assert_eq!(across, (FaultCode::Rule, "/peer_alloc_port/0".into()));
    let mut within = with("peer_init_port", json!([9051, 9051]));
    within.insert("peer_alloc_port".into(), json!([1, 2]));
    assert_eq!(only_fault(&within), (FaultCode::Rule, "/peer_init_port/1".into()));
}

#[test]
fn a_buffer_of_no_bytes_is_refused() {
    assert_eq!(only_fault(&with("buffer_size", json!(0))), (FaultCode::OutOfRange, "/buffer_size".into()));
    PdL2AdapterConfig::from_dict(&with("buffer_size", json!(1))).unwrap();
}

#[test]
fn nixl_backends_are_a_list_of_different_names() {
    assert_eq!(only_fault(&with("nixl_backends", json!([]))).0, FaultCode::ItemCount);
    assert_eq!(only_fault(&with("nixl_backends", json!("tcp"))).0, FaultCode::WrongType);
    let repeated = only_fault(&with("nixl_backends", json!(["UCX", "UCX"])));
    assert_eq!(repeated, (FaultCode::RepeatedItem, "/nixl_backends/1".into()));
}

#[test]
fn half_a_proxy_address_is_a_fault_of_the_missing_half() {
    assert_eq!(only_fault(&with("proxy_host", json!("proxy"))), (FaultCode::Rule, "/proxy_port".into()));
    assert_eq!(only_fault(&with("proxy_port", json!(7500))), (FaultCode::Rule, "/proxy_host".into()));
}

#[test]
fn proxy_settings_on_a_receiver_have_a_warning() {
    let mut document = minimal("receiver");
    document.insert("proxy_host".into(), json!("proxy"));
    document.insert("proxy_port".into(), json!(7500));
    let parsed = PdL2AdapterConfig::parse(&document, &Context::empty()).unwrap();
    let warnings: Vec<_> = parsed.warnings.iter().map(|warning| (warning.code, warning.pointer.as_str())).collect();
    assert_eq!(warnings, [(WarningCode::Advice, "/proxy_host")]);
}

#[test]
fn proxy_settings_on_a_sender_have_no_warning() {
    let mut document = with("proxy_host", json!("proxy"));
    document.insert("proxy_port".into(), json!(7500));
    assert!(PdL2AdapterConfig::parse(&document, &Context::empty()).unwrap().warnings.is_empty());
}

#[test]
fn the_shared_secret_may_come_from_the_environment() {
    let lookup = |name: &str| (name == "L2_ADAPTER_PD_SHARED_SECRET").then(|| "a secret of some length".into());
    let context = Context::empty().with_environment(&lookup);
    let parsed = PdL2AdapterConfig::parse(&minimal("sender"), &context).unwrap();
    assert_eq!(parsed.value.shared_secret.unwrap().expose(), "a secret of some length");
    assert!(PdL2AdapterConfig::from_dict(&minimal("sender")).unwrap().shared_secret.is_none());
}

#[test]
fn the_shared_secret_is_redacted_everywhere() {
    let config = PdL2AdapterConfig::from_dict(&with("shared_secret", json!("hunter2 hunter2 hunter2"))).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(config.to_dict()["shared_secret"], "[redacted]");
    let short = refused(&with("shared_secret", json!("hunter2")));
    assert_eq!(short.faults[0].code, FaultCode::Length);
    assert!(!short.to_string().contains("hunter2"));
}

#[test]
fn a_lease_lasts_for_two_heartbeats() {
    let timing =
        |lease: f64, heartbeat: f64| with("timing", json!({"lease_seconds": lease, "heartbeat_seconds": heartbeat}));
    PdL2AdapterConfig::from_dict(&timing(2.0, 1.0)).unwrap();
    assert_eq!(only_fault(&timing(2.0, 1.5)), (FaultCode::Rule, "/timing/heartbeat_seconds".into()));
}

#[test]
fn no_deadline_reaches_the_300_seconds_after_which_lmcache_frees_a_buffer() {
    let fault = only_fault(&with("timing", json!({"store_seconds": 300.0})));
    assert_eq!(fault, (FaultCode::OutOfRange, "/timing/store_seconds".into()));
}

#[test]
fn another_type_is_refused() {
    assert_eq!(only_fault(&with("type", json!("fs"))), (FaultCode::OtherType, "/type".into()));
    assert_eq!(only_fault(&with("type", Value::Null)), (FaultCode::WrongType, "/type".into()));
}

#[test]
fn from_dict_parses_eviction_with_ratios_between_0_and_1() {
    let fault = only_fault(&with("eviction", json!({"eviction_policy": "LRU", "trigger_watermark": 1.5})));
    assert_eq!(fault, (FaultCode::OutOfRange, "/eviction/trigger_watermark".into()));
    assert_eq!(only_fault(&with("eviction", json!({}))), (FaultCode::Missing, "/eviction/eviction_policy".into()));
    assert!(PdL2AdapterConfig::from_dict(&with("eviction", Value::Null)).unwrap().eviction_config().is_none());
}

#[test]
fn from_dict_parses_persist_enabled_as_a_boolean() {
    let fault = only_fault(&with("persist_enabled", json!("false")));
    assert_eq!(fault, (FaultCode::WrongType, "/persist_enabled".into()));
}

/// The order is: declared keys, common keys, cross-field rules, unknown keys.
#[test]
fn eight_faults_are_reported_in_order() {
    let text = r#"{
        "type": "pd", "role": "sendr", "peer_host": "", "peer_init_port": [9051, "9053"], "peer_alloc_port": [70000],
        "proxy_port": -5, "buffer_size": 1.9, "peer_hst": "10.0.0.1", "persist_enabled": "yes"
    }"#;
    let error = PdL2AdapterConfig::from_str(text).unwrap_err();
    let faults: Vec<_> =
        error.faults.iter().map(|fault| (fault.pointer.as_str(), fault.code, fault.suggestion.as_deref())).collect();
    assert_eq!(
        faults,
        [
            ("/role", FaultCode::NotAllowed, Some("sender")),
            ("/peer_host", FaultCode::Blank, None),
            ("/peer_init_port/1", FaultCode::WrongType, Some("9053")),
            ("/peer_alloc_port/0", FaultCode::OutOfRange, None),
            ("/proxy_port", FaultCode::OutOfRange, None),
            ("/buffer_size", FaultCode::WrongType, None),
            ("/persist_enabled", FaultCode::WrongType, Some("true")),
            ("/peer_hst", FaultCode::UnknownKey, Some("peer_host")),
        ]
    );
}

#[test]
fn an_integral_float_is_an_integer_with_a_warning() {
    let parsed = PdL2AdapterConfig::parse(&with("buffer_size", json!(1024.0)), &Context::empty()).unwrap();
    assert_eq!(parsed.value.buffer_size, 1024);
    assert_eq!(parsed.warnings[0].code, WarningCode::IntegralFloat);
    assert_eq!(parsed.warnings[0].pointer, "/buffer_size");
}
