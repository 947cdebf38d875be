//! `also_known_as`, `known`, `mistaken_for`, `spec_of`: names of other systems and their meaning here.

use std::collections::BTreeMap;

use l2_adapter::{
    CommonConfig, ConfigChoice, ConfigSection, ConfigUnion, Context, L2AdapterConfig, Secret, registry::GlobalTypes,
};
use serde_json::{Map, Value, json};

use crate::{accepted, message, object, refused, warned};

/// Keeps chunks in a bucket.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "foreign-bucket", also_known_as = ["foreign-minio", "foreign-ceph"])]
#[config(mistaken_for(
    what = "a config of the old store",
    keys = ["old_store", "old_bucket"],
    advice = "write a spec",
    rewritten
))]
#[config(mistaken_for(what = "a config of the engine", keys = ["engine"], advice = "give it to the engine"))]
struct Bucket {
    /// The bucket.
    #[config(required, example = "chunks", also_known_as = ["name", "old_bucket"])]
    bucket: String,
    /// Its address.
    #[config(required, example = "https://s3", also_known_as = ["url", "endpoint_url"])]
    #[config(also_known_as(names = ["host"], advice = "the host is a part of it"))]
    endpoint: String,
    /// Ports.
    #[config(default = [], also_known_as = ["old_port"])]
    ports: Vec<u16>,
    /// How it is reached.
    #[config(default = "plain", also_known_as = ["old_mode"])]
    mode: Mode,
    /// How it is written.
    codec: Option<Codec>,
    /// When it is tried again.
    retry: Option<Retry>,
    /// What opens it.
    #[config(secret, also_known_as = ["secret_key"])]
    key: Option<Secret<String>>,
    common: CommonConfig,
}

/// Ways to reach a bucket.
#[derive(Debug, Clone, Copy, PartialEq, ConfigChoice)]
enum Mode {
    /// As it is.
    #[config(also_known_as = ["http"])]
    Plain,
    /// Over TLS.
    #[config(also_known_as(names = ["https"], advice = "the certificate is the system's"))]
    Encrypted,
}

/// Ways to write a chunk.
#[derive(Debug, Clone, PartialEq, ConfigUnion)]
#[config(tag = "kind")]
enum Codec {
    /// As it is.
    #[config(also_known_as = ["raw"])]
    Plain,
    /// With a retry.
    Again(Retry),
}

/// When something is tried again.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct Retry {
    /// How often.
    #[config(default = 1, also_known_as = ["max_attempts"])]
    attempts: u8,
}

fn faults(document: Value) -> Vec<String> {
    let error = Bucket::from_dict(&object(document)).expect_err("the document was accepted");
    error.faults.iter().map(ToString::to_string).collect()
}

fn with(key: &str, value: Value) -> Value {
    let mut document = json!({"bucket": "b", "endpoint": "e"});
    document[key] = value;
    document
}

#[test]
fn a_key_of_another_system_is_a_fault_that_names_ours() {
    for (key, meant) in [
        ("url", "endpoint"),
        ("endpointUrl", "endpoint"),
        ("ENDPOINT-URL", "endpoint"),
        ("endpoint_ulr", "endpoint"),
        ("name", "bucket"),
        ("secret_key", "key"),
    ] {
        assert_eq!(
            faults(with(key, json!("hunter2"))),
            [format!("/{key}: `{key}` is not a key of `foreign-bucket`; did you mean `{meant}`?")]
        );
    }
}

#[test]
fn the_fault_of_another_systems_key_has_its_advice() {
    let text = "/host: `host` is not a key of `foreign-bucket`: the host is a part of it; did you mean `endpoint`?";
    assert_eq!(faults(with("host", json!("h"))), [text]);
}

#[test]
fn keys_of_other_systems_are_recognized_in_sections() {
    let text = "/retry/max_attempts: `max_attempts` is not a key of `retry`; did you mean `attempts`?";
    assert_eq!(faults(with("retry", json!({"max_attempts": 1}))), [text]);
}

#[test]
fn the_fault_of_a_misplaced_key_names_its_section() {
    let text =
        "/attempts: `attempts` is not a key of `foreign-bucket`; it is one of `codec`: write it inside that object";
    assert_eq!(faults(with("attempts", json!(1))), [text]);
    let text = "/eviction_policy: `eviction_policy` is not a key of `foreign-bucket`; it is one of `eviction`: write it \
                inside that object";
    assert_eq!(faults(with("eviction_policy", json!("LRU"))), [text]);
}

#[test]
fn names_of_other_systems_are_recognized_for_choices_and_variants() {
    let text = "/mode: `mode` must be \"plain\" or \"encrypted\", got \"HTTP\"; did you mean `plain`?";
    assert_eq!(faults(with("mode", json!("HTTP"))), [text]);
    let text = "/mode: `mode` must be \"plain\" or \"encrypted\": the certificate is the system's, got \"https\"; did you \
                mean `encrypted`?";
    assert_eq!(faults(with("mode", json!("https"))), [text]);
    let text = "/codec/kind: `kind` must be \"plain\" or \"again\", got \"raw\"; did you mean `plain`?";
    assert_eq!(faults(with("codec", json!({"kind": "raw"}))), [text]);
}

#[test]
fn a_config_of_another_system_is_one_fault_with_the_equivalent_spec() {
    let document = json!({
        "old_bucket": "b", "old_port": 7300, "old_mode": "http", "secret_key": "hunter2", "old_store": true, "x": "hunter2",
        "mode": 5,
    });
    let [text] = <[String; 1]>::try_from(faults(document)).expect("one fault");
    assert_eq!(
        text,
        "/old_store: `old_store` is not a key of `foreign-bucket`: this is a config of the old store; write a spec; to be \
         filled in: `endpoint`, `key`; left out because of its value: `mode`; without a counterpart: `old_mode`, `old_store`, `x`; \
         did you mean `{\"type\": \"foreign-bucket\", \"bucket\": \"b\", \"endpoint\": \"https://s3\", \"ports\": [7300]}`?"
    );
    let hidden = faults(json!({
        "old_store": 1, "bucket": {"password": "hunter2"}, "endpoint": "http://user:hunter2@h", "ports": [["hunter2"]],
    }));
    assert!(hidden.len() == 1 && !hidden[0].contains("hunter2"), "{hidden:?}");
    let text = "/engine: `engine` is not a key of `foreign-bucket`: this is a config of the engine; give it to the engine; \
                did you mean `{\"type\": \"foreign-bucket\", \"bucket\": \"b\", \"endpoint\": \"e\"}`?";
    assert_eq!(faults(with("engine", json!(1))), [text]);
}

/// Has a key that identifies an engine's config in other types.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "foreign-engine")]
struct Engine {
    /// A connector.
    #[config(default = "a")]
    kv_connector: String,
    common: CommonConfig,
}

#[test]
fn a_declared_key_does_not_identify_another_config() {
    assert_eq!(refused::<Engine>(json!({"kv_connector": "b", "x": 1})), ["/x unknown_key"]);
    assert_eq!(refused::<Engine>(json!({"kv_role": "b", "x": 1})), ["/kv_role unknown_key"]);
}

#[test]
fn a_list_is_suggested_for_a_single_item() {
    for (written, list) in [
        (json!(7300), "[7300]"),
        (json!("7300"), "[7300]"),
        (json!("7300, 7301"), "[7300, 7301]"),
        (json!("[7300]"), "[7300]"),
    ] {
        let error = Bucket::from_dict(&object(with("ports", written))).unwrap_err();
        assert_eq!(error.faults[0].suggestion.as_deref(), Some(list));
    }
    for other in [json!({}), json!("a"), json!(true), json!(null)] {
        assert_eq!(Bucket::from_dict(&object(with("ports", other))).unwrap_err().faults[0].suggestion, None);
    }
}

#[test]
fn the_fault_of_an_object_inside_a_string_says_so() {
    let text = message::<Bucket>(with("retry", json!("{\"attempts\": 1}")));
    assert!(text.starts_with("`retry` must be an object: it is inside a string"), "{text}");
}

/// Passes keys on.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "foreign-open")]
struct Open {
    /// Threads.
    #[config(default = 1, also_known_as = ["pool_size"])]
    threads: u8,
    /// Settings of the client.
    #[config(rest, known = ["hostname", "metadata_server"])]
    #[config(known(key = "master_addr", also_known_as = ["leader"], advice = "The client passes over `leader`."))]
    settings: BTreeMap<String, String>,
    common: CommonConfig,
}

#[test]
fn an_undeclared_key_that_means_a_declared_one_has_a_warning() {
    let document = json!({
        "hostname": "a", "metadata_server": "b", "master_addr": "c", "anything_else": "d",
        "leader": "x", "metadata_sever": "x", "pool_size": "x",
    });
    let parsed = Open::parse(&object(document), &Context::empty()).unwrap();
    let text: Vec<_> = parsed.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(parsed.value.settings.len(), 7);
    assert_eq!(
        text,
        [
            "/leader: `leader` is passed on unchanged; did you mean `master_addr`? The client passes over `leader`.",
            "/metadata_sever: `metadata_sever` is passed on unchanged; did you mean `metadata_server`?",
            "/pool_size: `pool_size` is passed on unchanged; did you mean `threads`?",
        ]
    );
}

/// Loads a class.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "foreign-plugin")]
struct Plugin {
    /// The class.
    #[config(required, example = "Bucket")]
    class: String,
    /// What it is configured with.
    #[config(default_with = Map::new, default_doc = "nothing")]
    #[config(spec_of(config = Bucket, class = ["Bucket", "OldBucket"], outside = ["serde", "persist_enabled"]))]
    params: Map<String, Value>,
    common: CommonConfig,
}

#[test]
fn another_key_decides_whether_an_object_is_a_spec() {
    let plugin = |class: &str| json!({"class": class, "params": {"bucket": 5, "endpint": "e"}});
    for class in ["Bucket", "OldBucket"] {
        assert_eq!(
            refused::<Plugin>(plugin(class)),
            ["/params/bucket wrong_type", "/params/endpoint missing", "/params/endpint unknown_key"]
        );
    }
    let absent = json!({"class": "Bucket"});
    assert_eq!(refused::<Plugin>(absent), ["/params missing"]);
    let around = json!({"class": "Bucket", "bucket": "b", "endpoint": "e"});
    assert_eq!(refused::<Plugin>(around.clone()), ["/params missing", "/bucket unknown_key", "/endpoint unknown_key"]);
    let suggestion = Plugin::from_dict(&object(around)).unwrap_err().faults[0].suggestion.clone().unwrap();
    let spec: Value = serde_json::from_str(&suggestion).unwrap();
    accepted::<Plugin>(json!({"class": "Bucket", "params": spec}));
    let schema = Value::from(Plugin::json_schema());
    let is_valid = |document: Value| jsonschema::validator_for(&schema).unwrap().is_valid(&document);
    assert!(!is_valid(json!({"class": "Bucket"})) && is_valid(json!({"class": "Other"})));
    let other: Plugin = accepted(plugin("Other"));
    assert_eq!(other.params.len(), 2);
    let other_type = json!({"class": "Bucket", "params": {"type": "fs", "bucket": "b", "endpoint": "e"}});
    assert_eq!(refused::<Plugin>(other_type), ["/params/type other_type"]);
}

#[test]
fn common_keys_in_the_wrong_object_have_a_warning() {
    let document = json!({"class": "Bucket", "params": {
        "bucket": "b", "endpoint": "e", "persist_enabled": false, "serde": {"type": "fp8"}, "shared": true,
    }});
    let (_, warnings) = warned::<Plugin>(document);
    assert_eq!(warnings, ["/params/serde advice", "/params/persist_enabled advice"]);
    let (_, warnings) = warned::<Plugin>(
        json!({"class": "Bucket", "params": {"bucket": "b", "endpoint": "e", "persist_enabled": true}}),
    );
    assert_eq!(warnings, [""; 0]);
    let (_, warnings) = warned::<Plugin>(json!({"class": "Bucket", "persist_enabled": false, "params": {
        "bucket": "b", "endpoint": "e", "persist_enabled": true,
    }}));
    assert_eq!(warnings, ["/params/persist_enabled advice"], "the key outside counts");
    let outside = json!({"class": "Bucket", "bucket": "b", "params": {"bucket": "b", "endpoint": "e"}});
    let error = Plugin::parse(&object(outside), &GlobalTypes::CONTEXT).unwrap_err();
    assert!(error.to_string().contains("it is one of the spec in `params`: write it inside that object"), "{error}");
}

#[test]
fn secrets_of_an_object_that_is_a_spec_are_redacted() {
    let document = json!({"class": "Bucket", "params": {"bucket": "b", "endpoint": "e", "key": "hunter2"}});
    let plugin: Plugin = accepted(document);
    assert_eq!(plugin.to_dict()["params"]["key"], "[redacted]");
    assert_eq!(plugin.to_dict_with_secrets()["params"]["key"], "hunter2");
}
