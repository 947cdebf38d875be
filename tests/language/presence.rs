//! `required`, `default`, `default_from`, `default_with`, options, `Given`, `required_if`, `forbidden_unless`,
//! `forbidden`.

use l2_adapter::{CommonConfig, ConfigChoice, Given, L2AdapterConfig};
use serde_json::json;

use crate::{accepted, message, refused, round_trips};

const CHUNK_BYTES: u64 = 256 * 1024;
const HOST: &str = "localhost";

/// Shows presence.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "presence")]
struct Presence {
    /// Is required.
    #[config(required, example = "/cache")]
    path: String,
    /// Has an integer default.
    #[config(default = 8, min = 1)]
    threads: u32,
    /// Has a negative default.
    #[config(default = -1)]
    priority: i8,
    /// Has a default with a fraction.
    #[config(default = 0.5)]
    share: f64,
    /// Is a float with an integer literal as its default.
    #[config(default = 2)]
    factor: f32,
    /// Has a boolean default.
    #[config(default = true)]
    fast: bool,
    /// Has a list as its default.
    #[config(default = ["tcp", "rdma"])]
    transports: Vec<String>,
    /// Has a list with a constant expression as its default.
    #[config(default = [if cfg!(test) { 1 } else { 2 }, 3])]
    sizes: Vec<u16>,
    /// Has an empty list as its default.
    #[config(default = [])]
    ranks: Vec<u16>,
    /// Has a constant as its default.
    #[config(default = CHUNK_BYTES, min = 1)]
    chunk_bytes: u64,
    /// Has a constant expression as its default.
    #[config(default = 2 * CHUNK_BYTES + 1)]
    buffer_bytes: u64,
    /// Has a string constant as its default.
    #[config(default = HOST, not_blank)]
    host: String,
    /// Has the default of another field.
    #[config(default_from = host)]
    fallback_host: String,
    /// Has a computed default.
    #[config(default_with = default_workers, default_doc = "twice the smallest useful number")]
    workers: u16,
    /// Has the name of a choice as its default.
    #[config(default = "slow")]
    speed: Speed,
    /// May be absent.
    limit: Option<u16>,
    /// Has a default, and `null` turns it off.
    #[config(default = 30)]
    timeout: Option<u32>,
    /// Distinguishes absence from `null`.
    cache: Given<u16>,
    common: CommonConfig,
}

/// How fast.
#[derive(Debug, Clone, Copy, PartialEq, ConfigChoice)]
enum Speed {
    /// Slowly.
    Slow,
    /// Fast.
    Fast,
}

fn default_workers() -> u16 {
    4
}

#[test]
fn absent_keys_have_their_defaults() {
    let config: Presence = accepted(json!({"path": "a"}));
    let expected = Presence {
        path: "a".to_owned(),
        threads: 8,
        priority: -1,
        share: 0.5,
        factor: 2.0,
        fast: true,
        transports: vec!["tcp".to_owned(), "rdma".to_owned()],
        sizes: vec![1, 3],
        ranks: vec![],
        chunk_bytes: 262_144,
        buffer_bytes: 524_289,
        host: "localhost".to_owned(),
        fallback_host: "localhost".to_owned(),
        workers: 4,
        speed: Speed::Slow,
        limit: None,
        timeout: Some(30),
        cache: Given::Absent,
        common: CommonConfig::default(),
    };
    assert_eq!(config, expected);
    round_trips(&config);
}

#[test]
fn a_default_from_another_field_follows_its_value() {
    let config: Presence = accepted(json!({"path": "a", "host": "b"}));
    assert_eq!(config.fallback_host, "b");
    let config: Presence = accepted(json!({"path": "a", "host": "b", "fallback_host": "c"}));
    assert_eq!(config.fallback_host, "c");
}

#[test]
fn a_default_from_a_faulty_field_adds_no_fault() {
    assert_eq!(refused::<Presence>(json!({"path": "a", "host": 5})), ["/host wrong_type"]);
}

#[test]
fn null_turns_off_an_option_with_a_default() {
    let config: Presence = accepted(json!({"path": "a", "timeout": null}));
    assert_eq!(config.timeout, None);
    round_trips(&config);
    assert_eq!(config.to_dict().get("timeout"), Some(&json!(null)));
}

#[test]
fn given_distinguishes_absent_null_and_a_value() {
    let cache = |document| accepted::<Presence>(document).cache;
    assert_eq!(cache(json!({"path": "a"})), Given::Absent);
    assert_eq!(cache(json!({"path": "a", "cache": null})), Given::Null);
    assert_eq!(cache(json!({"path": "a", "cache": 5})), Given::Value(5));
    for document in [json!({"path": "a"}), json!({"path": "a", "cache": null}), json!({"path": "a", "cache": 5})] {
        round_trips(&accepted::<Presence>(document));
    }
}

/// Shows conditions.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "conditions")]
#[config(forbidden(key = "storage_type", reason = "write `type` instead"))]
struct Conditions {
    /// The mode.
    #[config(default = "direct", allowed = ["direct", "proxied", "mirrored"])]
    mode: String,
    /// Where the proxy is.
    #[config(required_if(mode = ["proxied", "mirrored"], reason = "there is no other way in"), example = "10.0.0.7")]
    proxy: Option<String>,
    /// How many mirrors.
    #[config(default = 1, forbidden_unless(mode = "mirrored"))]
    mirrors: u16,
    common: CommonConfig,
}

#[test]
fn a_key_that_is_forbidden_is_not_written() {
    let config: Conditions = accepted(json!({"mode": "mirrored", "proxy": "a", "mirrors": 2}));
    assert_eq!(config.mirrors, 2);
    round_trips(&config);
    round_trips(&accepted::<Conditions>(json!({})));
}

/// Shows conditions on the absence of a key.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "alternatives")]
struct Alternatives {
    /// The paths.
    #[config(required_if(path = absent), example = ["/cache"])]
    paths: Option<Vec<String>>,
    /// The path, if there is only one.
    #[config(forbidden_unless(paths = absent, reason = "it would be ignored"))]
    path: Option<String>,
    common: CommonConfig,
}

#[test]
fn the_fault_of_a_condition_states_it_and_has_its_reason() {
    let expected = "`proxy` is required when `mode` is \"proxied\" or \"mirrored\" (there is no other way in)";
    assert_eq!(message::<Conditions>(json!({"mode": "proxied"})), expected);
    assert_eq!(message::<Alternatives>(json!({})), "`paths` is required when `path` is absent");
    let expected = "`path` must not be given unless `paths` is absent (it would be ignored)";
    assert_eq!(message::<Alternatives>(json!({"paths": [], "path": "a"})), expected);
}

#[test]
fn for_a_condition_an_option_that_is_null_is_absent() {
    assert_eq!(refused::<Alternatives>(json!({"path": null})), ["/paths missing"]);
    let config: Alternatives = accepted(json!({"paths": null, "path": "a"}));
    assert_eq!(config.paths, None);
    round_trips(&config);
}

#[test]
fn a_forbidden_key_is_refused_with_its_reason() {
    assert_eq!(refused::<Conditions>(json!({"storage_type": "fs"})), ["/storage_type forbidden_key"]);
    let message = message::<Conditions>(json!({"storage_type": null}));
    assert!(message.ends_with("write `type` instead"), "{message}");
}

/// Has two conditions on one key whose values may be equal: they do not contradict each other.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "presence-equal")]
struct Equal {
    /// A host.
    #[config(default = "elsewhere")]
    host: String,
    /// How bytes are packed.
    #[config(default = "z_std")]
    packing: crate::strings::Packing,
    /// By a constant and by the text that it is.
    #[config(required_if(host = HOST), forbidden_unless(host = "localhost"))]
    by_constant: Option<u8>,
    /// In two letter cases.
    #[config(required_if(packing = "raw"), forbidden_unless(packing = "RAW"))]
    by_case: Option<u8>,
    common: CommonConfig,
}

#[test]
fn two_conditions_on_one_key_may_have_one_value() {
    accepted::<Equal>(json!({"host": "localhost", "by_constant": 1, "packing": "Raw", "by_case": 1}));
    let faults = refused::<Equal>(json!({"host": "localhost", "packing": "raw"}));
    assert_eq!(faults, ["/by_constant missing", "/by_case missing"]);
}
