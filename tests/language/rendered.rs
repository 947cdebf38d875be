//! Help, Markdown, examples and schemas of a type that uses most of the language, as their readers see them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use l2_adapter::{
    AdapterSpec, CommonConfig, ConfigChoice, ConfigSection, ConfigUnion, Extent, L2AdapterConfig, RuleError, Secret,
};
use l2_adapter_schema::{
    Section as _, Table, editor_schema_of, editor_spec_schema, example, example_text, help, markdown, markdown_all,
    schema_of, spec_schema,
};
use serde_json::{Map, Value, json};

/// How failed requests are repeated.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(forbidden(key = "forever", reason = "a retry that never ends hides an outage; raise `attempts`"))]
#[config(rule(name = "pause_for_attempts", doc = "A pause needs an attempt.", reads(attempts, pause), check = pause))]
struct Retry {
    /// How often to try again.
    #[config(default = 3, min = 0, below = 10)]
    attempts: u8,
    /// How long to wait between two attempts.
    #[config(required, above = 0.0, max = 60.5, unit = seconds)]
    pause: f32,
}

/// Settings of the client library.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct Tuning {
    /// How many threads to start.
    #[config(default = 4)]
    threads: u16,
    /// Passed to the client library as they are.
    #[config(rest, min_items = 1, keys(prefix = "x.", max_length = 8), each(max = 9))]
    settings: BTreeMap<String, Option<i32>>,
}

/// A node of a tree.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct Node {
    /// The node's name.
    #[config(required, not_blank, example = "node-1")]
    name: String,
    /// The nodes beneath it.
    #[config(default = [])]
    children: Vec<Node>,
}

/// How chunks are written.
#[derive(Debug, Clone, PartialEq, ConfigUnion)]
#[config(tag = "kind")]
enum Codec {
    /// As they are.
    Plain,
    /// With a retry inside.
    Retry(Retry),
}

/// Which end of the transfer a node is.
#[derive(Debug, Clone, Copy, PartialEq, ConfigChoice)]
enum Role {
    /// Pushes chunks to its peer as soon as they are computed.
    Sender,
    /// Takes them.
    Receiver,
}

/// Who has to go when there is no room.
#[derive(Debug, Clone, Copy, PartialEq, ConfigChoice)]
#[config(ignore_case)]
enum Policy {
    /// What was used least recently.
    #[config(name = "LRU")]
    Lru,
    /// Nobody.
    Noop,
}

/// Drops what it is given.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "sink")]
#[config(common_key(name = "eviction", forbidden, reason = "a sink stores nothing"))]
#[config(common_key(name = "persist_enabled", allowed = [false], reason = "a sink stores nothing"))]
struct SinkConfig {
    common: CommonConfig,
}

/// What every store has.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(forbidden(key = "url", reason = "give `host` and `ports`"))]
struct Base {
    /// Where the peer listens.
    #[config(required, trimmed, not_blank, example = "10.0.0.7")]
    host: String,
}

/// Keeps chunks on another machine.
///
/// It speaks the store's own protocol.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "store")]
#[config(common_key(name = "persist_enabled", allowed = [true], reason = "a store that forgets is none"))]
#[config(rule(
    name = "first_port_is_not_7",
    doc = "Port 7 is the echo service, which answers everybody with what they said; the first port may not be it.",
    reads(ports),
    check = first_port_is_not_7
))]
#[config(warning(name = "large_ratio", doc = "A ratio near 1 evicts late.", reads(ratio), check = large_ratio))]
struct StoreConfig {
    #[config(extends)]
    base: Base,
    /// Which end of the transfer this node is.
    #[config(required)]
    role: Role,
    /// One port for each TP rank.
    #[config(required, min_items = 1, max_items = 4, unique, each(min = 1, max = 65535))]
    ports: Vec<u16>,
    /// Staging memory for each TP rank.
    ///
    /// It is registered with the transfer channel once, when the adapter starts, and reused for every chunk.
    #[config(default = 67108864, min = 4096, power_of_two, unit = bytes)]
    buffer_size: u64,
    /// How much is written at once.
    #[config(multiple_of = 512, max = 1048576, unit = kib)]
    chunk_size: Option<u32>,
    /// How full it may get.
    #[config(default = 0.8, min = 0.0, below = 1.0)]
    ratio: f64,
    /// Where chunks lie.
    #[config(default = "/var/cache", prefix = "/", must_not_contain = "..", max_length = 40)]
    directory: PathBuf,
    /// Where copies lie.
    #[config(default_from = directory)]
    backup: PathBuf,
    /// What logs call it.
    #[config(pattern = "^[a-z][a-z0-9_-]{2,15}$")]
    name: Option<String>,
    /// The length of the key.
    #[config(default = 128, allowed = [128, 256])]
    key_bits: u16,
    /// Where the buffer lies.
    #[config(allowed = ["cpu", "cuda"])]
    device: Option<String>,
    /// Who has to go.
    policy: Option<Policy>,
    /// How many threads.
    #[config(default_with = workers, default_doc = "the number of CPUs, at most 4")]
    workers: u8,
    /// What the peer asks for.
    #[config(required, secret, env = "STORE_PASSWORD", min_length = 4)]
    password: Secret<String>,
    /// When to give up.
    #[config(required, alias = "timeout_ms", legacy(key = "deadline", both = alias_wins), unit = milliseconds)]
    timeout: u32,
    /// Whether chunks are checked.
    #[config(default = true, deprecated = "chunks are always checked")]
    checksum: bool,
    /// Whom to tell that a chunk is there.
    #[config(required_if(role = "sender", reason = "a sender must know whom to tell"), example = "10.0.0.9")]
    proxy: Option<String>,
    /// When to begin.
    #[config(forbidden_unless(policy = "lru"))]
    watermark: Option<u8>,
    /// Where the key lies.
    #[config(required_if(key_bits = 256), example = "key.pem")]
    key_file: Option<String>,
    /// Shown in metrics.
    #[config(default_with = BTreeMap::new, default_doc = "none", max_items = 2, keys(pattern = "^[A-Za-z]+$"))]
    #[config(each(trimmed, must_not_contain = "|", must_not_contain = "$"), example = {"zone": "eu"})]
    labels: BTreeMap<String, String>,
    /// How failed requests are repeated.
    retry: Option<Retry>,
    /// How chunks are written.
    codec: Option<Codec>,
    /// The nodes it talks to.
    tree: Option<Node>,
    /// Settings of the client library.
    tuning: Option<Tuning>,
    /// The adapter beneath it.
    next: Option<AdapterSpec>,
    /// Passed on.
    free: Option<Map<String, Value>>,
    /// Passed on.
    any: Option<Value>,
    common: CommonConfig,
}

fn pause(_: &u8, _: &f32) -> Result<(), RuleError> {
    Ok(())
}

fn first_port_is_not_7(ports: &[u16]) -> Result<(), RuleError> {
    if ports.first() == Some(&7) { Err(RuleError::new("must not begin with 7")) } else { Ok(()) }
}

fn large_ratio(_: &f64) -> Result<(), RuleError> {
    Ok(())
}

fn workers() -> u8 {
    4
}

fn store() -> &'static Table {
    StoreConfig::table()
}

fn adapters() -> Vec<&'static Table> {
    vec![SinkConfig::table(), store()]
}

/// A schema as text, its keys sorted whatever `serde_json`'s features are, without the keys that are left out.
fn pretty(schema: &schemars::Schema, left_out: fn(&str) -> bool) -> String {
    fn sorted(value: &Value, left_out: fn(&str) -> bool) -> Value {
        match value {
            Value::Object(entries) => {
                let keys: BTreeSet<&String> = entries.keys().filter(|key| !left_out(key)).collect();
                keys.into_iter().map(|key| (key.clone(), sorted(&entries[key], left_out))).collect()
            }
            Value::Array(items) => items.iter().map(|item| sorted(item, left_out)).collect(),
            scalar => scalar.clone(),
        }
    }
    format!("{:#}", sorted(schema.as_value(), left_out))
}

/// Whether only editors know a keyword.
fn is_of_editors(keyword: &str) -> bool {
    let words = "defaultSnippets deprecationMessage doNotSuggest enumDescriptions errorMessage markdownDescription \
                 markdownEnumDescriptions patternErrorMessage";
    keyword.starts_with("x-") || words.split(' ').any(|word| word == keyword)
}

#[test]
fn schemas_for_editors() {
    let shown = |schema| pretty(&schema, |_| false);
    insta::assert_snapshot!("schema_of_a_type", shown(editor_schema_of(store(), &adapters(), None)));
    insta::assert_snapshot!("schema_of_a_section", shown(editor_schema_of(Retry::table(), &[], None)));
    let id = "https://l2-adapter.example/0.1.0/spec.json";
    insta::assert_snapshot!("schema_of_any_spec", shown(editor_spec_schema(&[SinkConfig::table()], id, None)));
}

#[test]
fn a_plain_schema_is_the_editors_schema_without_its_keywords() {
    for (plain, of_editors) in [
        (schema_of(store(), &adapters(), None), editor_schema_of(store(), &adapters(), None)),
        (spec_schema(&adapters(), "urn:test", None), editor_spec_schema(&adapters(), "urn:test", None)),
    ] {
        assert_eq!(pretty(&plain, |_| false), pretty(&of_editors, is_of_editors));
    }
}

#[test]
fn unused_definitions_of_adapters_are_omitted() {
    let schema = editor_schema_of(SinkConfig::table(), &adapters(), None);
    assert_eq!(schema.as_value().pointer("/$defs/l2_adapter"), None);
}

#[test]
fn a_list_of_specs_is_valid_if_its_specs_are() {
    let schema = spec_schema(&adapters(), "urn:test", None);
    let schema = jsonschema::draft202012::new(schema.as_value()).unwrap();
    let sink = json!({ "type": "sink", "persist_enabled": false });
    assert!(schema.is_valid(&json!([])));
    assert!(schema.is_valid(&json!([sink, sink])));
    assert!(!schema.is_valid(&json!([sink, { "type": "sink" }])));
    assert!(!schema.is_valid(&json!([[sink]])));
    assert!(!schema.is_valid(&json!(null)));
}

#[test]
fn a_broken_spec_has_one_error() {
    let schema = spec_schema(&adapters(), "urn:test", None);
    let schema = jsonschema::draft202012::new(schema.as_value()).unwrap();
    let broken = [
        json!({ "type": "sinc", "persist_enabled": false }),
        json!({ "persist_enabled": false }),
        json!({ "type": "sink", "persist_enabled": false, "affinity_tga": "x" }),
        json!({ "type": "sink", "persist_enabled": "no" }),
        json!(5),
    ];
    for document in broken {
        let errors: Vec<_> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.len() <= 2, "{document}: {errors:#?}");
    }
}

#[test]
fn pages_of_help() {
    insta::assert_snapshot!("help_of_a_type", help(store(), None));
    insta::assert_snapshot!("help_of_a_small_type", help(SinkConfig::table(), None));
    insta::assert_snapshot!("help_of_a_section", help(Retry::table(), None));
}

#[test]
fn pages_of_the_reference() {
    insta::assert_snapshot!("markdown_of_a_type", markdown(store()));
    insta::assert_snapshot!("markdown_of_all_types", markdown_all(&[SinkConfig::table()]));
    for line in markdown_all(&adapters()).lines().filter(|line| line.starts_with('|')) {
        assert_eq!(line.replace("\\|", "").matches('|').count(), 5, "a row of a table has four cells: {line}");
    }
}

#[test]
fn examples_as_text_parse_to_the_examples() {
    insta::assert_snapshot!("minimal_example", example_text(store(), Extent::Minimal, None));
    insta::assert_snapshot!("full_example", example_text(store(), Extent::Full, None));
    for extent in [Extent::Minimal, Extent::Full] {
        let text: Value = serde_json::from_str(&example_text(store(), extent, None)).unwrap();
        assert_eq!(text, Value::Object(example(store(), extent)));
    }
}
