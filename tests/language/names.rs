//! `key`, `alias`, `legacy`, `env`.

use l2_adapter::{Context, L2AdapterConfig, SharedConfig};
use serde_json::json;

use crate::{accepted, message, object, refused, round_trips, warned};

/// Shows names.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "names")]
struct Names {
    /// Named by a word of Rust.
    #[config(default = "a")]
    r#match: String,
    /// Named otherwise in JSON.
    #[config(default = 1, key = "max-size.bytes")]
    max_size: u64,
    /// Has another name.
    #[config(default = 1, alias = "port_number", max = 9)]
    port: u16,
    /// Has another name that gives way.
    #[config(default = 1, alias(key = "weight", both = key_wins))]
    share: u16,
    /// Has another name that goes first.
    #[config(default = 1, alias(key = "new_depth", both = alias_wins))]
    depth: u16,
    /// Has an old name.
    #[config(required, legacy = "hostname")]
    host: String,
    /// Has an old name that gives way.
    #[config(default = 1, legacy(key = "tries", both = key_wins), alias = "attempts")]
    retries: u16,
    shared: SharedConfig,
}

#[test]
fn a_raw_identifier_is_a_plain_key() {
    assert_eq!(accepted::<Names>(json!({"host": "a", "match": "b"})).r#match, "b");
}

#[test]
fn a_key_may_differ_from_its_field() {
    assert_eq!(accepted::<Names>(json!({"host": "a", "max-size.bytes": 5})).max_size, 5);
    assert_eq!(refused::<Names>(json!({"host": "a", "max_size": 5})), ["/max_size unknown_key"]);
}

#[test]
fn an_alias_is_the_same_key() {
    let config: Names = accepted(json!({"host": "a", "port_number": 5}));
    assert_eq!(config.port, 5);
    round_trips(&config);
    assert_eq!(refused::<Names>(json!({"host": "a", "port_number": 10})), ["/port_number out_of_range"]);
}

#[test]
fn a_key_and_its_alias_are_refused_together() {
    let faults = refused::<Names>(json!({"host": "a", "port": 5, "port_number": 5}));
    assert_eq!(faults, ["/port_number conflicting_keys"]);
}

#[test]
fn a_key_or_its_alias_wins_if_it_says_so() {
    let config: Names = accepted(json!({"host": "a", "share": 5, "weight": 6, "depth": 7, "new_depth": 8}));
    assert_eq!((config.share, config.depth), (5, 8));
    assert_eq!(accepted::<Names>(json!({"host": "a", "weight": 6})).share, 6);
}

#[test]
fn the_loser_is_checked_all_the_same() {
    assert_eq!(refused::<Names>(json!({"host": "a", "share": 5, "weight": "6"})), ["/weight wrong_type"]);
}

#[test]
fn an_old_name_works_with_a_warning() {
    let (config, warnings) = warned::<Names>(json!({"hostname": "a"}));
    assert_eq!(config.host, "a");
    assert_eq!(warnings, ["/hostname legacy_key"]);
    let (config, warnings) = warned::<Names>(json!({"host": "a", "tries": 5, "retries": 6}));
    assert_eq!(config.retries, 6);
    assert_eq!(warnings, ["/tries legacy_key"]);
    assert_eq!(accepted::<Names>(json!({"host": "a", "attempts": 5})).retries, 5);
}

/// Shows the environment.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "environment")]
struct Environment {
    /// A required string.
    #[config(required, env = "STORE_TOKEN", not_blank)]
    token: String,
    /// A number.
    #[config(default = 1, env = "STORE_PORT", min = 1)]
    port: u16,
    /// A list.
    #[config(default = [], env = "STORE_RANKS")]
    ranks: Vec<u16>,
    shared: SharedConfig,
}

fn parse(document: serde_json::Value, variables: &[(&str, &str)]) -> Result<Environment, Vec<String>> {
    let lookup = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let context = Context::empty().with_environment(&lookup);
    match Environment::parse(&object(document), &context) {
        Ok(parsed) => Ok(parsed.value),
        Err(error) => Err(error.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()),
    }
}

#[test]
fn the_environment_supplies_what_is_absent() {
    let variables = [("STORE_TOKEN", "5"), ("STORE_PORT", "80"), ("STORE_RANKS", "[1, 2]")];
    let config = parse(json!({}), &variables).expect("accepted");
    assert_eq!((config.token.as_str(), config.port, config.ranks.as_slice()), ("5", 80, &[1, 2][..]));
}

#[test]
fn the_document_goes_before_the_environment() {
    let config =
        parse(json!({"token": "a", "port": 81}), &[("STORE_TOKEN", "b"), ("STORE_PORT", "80")]).expect("accepted");
    assert_eq!((config.token.as_str(), config.port), ("a", 81));
}

#[test]
fn the_environment_is_held_to_the_rules() {
    let faults = parse(json!({}), &[("STORE_TOKEN", " "), ("STORE_PORT", "0"), ("STORE_RANKS", "1,2")]).unwrap_err();
    assert_eq!(faults, ["/token blank", "/port out_of_range", "/ranks wrong_type"]);
}

#[test]
fn from_dict_reads_no_environment() {
    assert_eq!(refused::<Environment>(json!({})), ["/token missing_environment"]);
    let message = message::<Environment>(json!({}));
    assert!(message.contains("STORE_TOKEN"), "{message}");
}
