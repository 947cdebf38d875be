//! `key`, `alias`, `legacy`, `env`.

use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

use l2_adapter::{
    CommonConfig, ConfigError, ConfigSection, Context, L2AdapterConfig, Parsed, RuleError, registry::GlobalTypes,
    specs::L2AdapterArgs,
};
use serde_json::json;

use crate::{accepted, message, object, refused, round_trips, warned};

/// Shows names.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "names")]
struct Names {
    /// Named by a keyword of Rust.
    #[config(default = "a")]
    r#match: String,
    /// Has another name in JSON.
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
    #[config(required, legacy = "hostname", example = "10.0.0.7")]
    host: String,
    /// Has an old name that gives way.
    #[config(default = 1, legacy(key = "tries", both = key_wins), alias = "attempts")]
    retries: u16,
    common: CommonConfig,
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
fn an_alias_is_another_name_of_its_key() {
    let config: Names = accepted(json!({"host": "a", "port_number": 5}));
    assert_eq!(config.port, 5);
    round_trips(&config);
    assert_eq!(refused::<Names>(json!({"host": "a", "port_number": 10})), ["/port_number out_of_range"]);
}

#[test]
fn the_values_of_a_key_and_its_alias_are_checked_although_both_are_given() {
    let faults = refused::<Names>(json!({"host": "a", "port": 10, "port_number": "x"}));
    assert_eq!(faults, ["/port_number conflicting_keys", "/port out_of_range", "/port_number wrong_type"]);
}

#[test]
fn both_decides_whether_a_key_or_its_alias_is_used() {
    let config: Names = accepted(json!({"host": "a", "share": 5, "weight": 6, "depth": 7, "new_depth": 8}));
    assert_eq!((config.share, config.depth), (5, 8));
    assert_eq!(accepted::<Names>(json!({"host": "a", "weight": 6})).share, 6);
}

#[test]
fn a_legacy_name_is_accepted_with_a_warning() {
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
    #[config(required, env = "STORE_TOKEN", not_blank, example = "guest")]
    token: String,
    /// A number.
    #[config(default = 1, env = "STORE_PORT", min = 1)]
    port: u16,
    /// A list.
    #[config(default = [], env = "STORE_RANKS")]
    ranks: Vec<u16>,
    common: CommonConfig,
}

fn parse(document: serde_json::Value, variables: &[(&str, &str)]) -> Result<Environment, Vec<String>> {
    let lookup =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
    let context = Context::empty().with_environment(&lookup);
    match Environment::parse(&object(document), &context) {
        Ok(parsed) => Ok(parsed.value),
        Err(error) => Err(error.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()),
    }
}

#[test]
fn the_environment_supplies_absent_keys() {
    let variables = [("STORE_TOKEN", "5"), ("STORE_PORT", "80"), ("STORE_RANKS", "[1, 2]")];
    let config = parse(json!({}), &variables).expect("accepted");
    assert_eq!((config.token.as_str(), config.port, config.ranks.as_slice()), ("5", 80, &[1, 2][..]));
}

#[test]
fn the_document_overrides_the_environment() {
    let config =
        parse(json!({"token": "a", "port": 81}), &[("STORE_TOKEN", "b"), ("STORE_PORT", "80")]).expect("accepted");
    assert_eq!((config.token.as_str(), config.port), ("a", 81));
}

#[test]
fn values_from_the_environment_must_satisfy_the_rules() {
    let faults = parse(json!({}), &[("STORE_TOKEN", " "), ("STORE_PORT", "0"), ("STORE_RANKS", "1,2")]).unwrap_err();
    assert_eq!(faults, ["/token blank", "/port out_of_range", "/ranks wrong_type"]);
}

#[test]
fn from_dict_reads_no_environment() {
    assert_eq!(refused::<Environment>(json!({})), ["/token missing_environment"]);
    assert_eq!(message::<Environment>(json!({})), "`token` is required");
}

/// Takes everything from the environment.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "names-variables")]
#[config(rule(name = "unlike", doc = "`word` is not \"bad\".", reads(word), check = unlike))]
#[config(rule(name = "no_seven", doc = "`list` has no 7.", reads(list), check = no_seven))]
struct Variables {
    /// A flag.
    #[config(default = false, env = "V_FLAG")]
    flag: bool,
    /// A number.
    #[config(default = 0, env = "V_NUMBER")]
    number: i32,
    /// Another number.
    #[config(env = "V_OPTION", deprecated = "use `number`")]
    option: Option<u8>,
    /// A list.
    #[config(default = [], env = "V_LIST")]
    list: Vec<u8>,
    /// A section.
    #[config(env = "V_SECTION")]
    section: Option<Section>,
    /// A word.
    #[config(default = "", env = "V_WORD")]
    word: String,
    /// A digit.
    #[config(default = "0", env = "V_DIGIT", parse_with = digit, write_with = u8::to_string)]
    digit: u8,
    common: CommonConfig,
}

/// A section.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(rule(name = "small", doc = "`a` is not 9.", reads(a), check = small))]
struct Section {
    /// A number.
    #[config(required)]
    a: u8,
}

fn unlike(word: &str) -> Result<(), String> {
    if word == "bad" { Err("must not be bad".to_owned()) } else { Ok(()) }
}

fn no_seven(list: &[u8]) -> Result<(), RuleError> {
    match list.iter().position(|item| *item == 7) {
        Some(index) => Err(RuleError::new("must not be 7").at("list").item(index)),
        None => Ok(()),
    }
}

fn small(a: &u8) -> Result<(), String> {
    if *a == 9 { Err("must not be 9".to_owned()) } else { Ok(()) }
}

fn digit(text: String) -> Result<u8, String> {
    text.parse().map_err(|_| "must be a digit".to_owned())
}

fn with_variable(name: &str, text: &str) -> Result<Parsed<Variables>, ConfigError> {
    let lookup = |asked: &str| (asked == name).then(|| text.into());
    Variables::parse(&object(json!({})), &Context::empty().with_environment(&lookup))
}

#[test]
fn every_fault_of_a_value_from_a_variable_names_the_variable() {
    for (name, text, fault) in [
        (
            "V_FLAG",
            "1",
            "/flag: `flag`, from the environment variable V_FLAG, must be true or false, got 1; did you mean `true`?",
        ),
        (
            "V_LIST",
            "[300]",
            "/list/0: `list[0]`, from the environment variable V_LIST, must be between 0 and 255, got 300",
        ),
        (
            "V_SECTION",
            "{}",
            "/section/a: `a`, from the environment variable V_SECTION, is required, expected an integer",
        ),
        (
            "V_SECTION",
            "{\"a\": 1, \"b\": 1}",
            "/section/b: `b`, from the environment variable V_SECTION, is not a key of `section`",
        ),
        ("V_SECTION", "{\"a\": 9}", "/section/a: `a`, from the environment variable V_SECTION, must not be 9"),
        (
            "V_SECTION",
            "{\"a\": 1, \"a\": 2}",
            "/section: `section`, from the environment variable V_SECTION, has a fault at /a: `a` appears more than once \
             in this object: remove the duplicates",
        ),
        ("V_WORD", "bad", "/word: `word`, from the environment variable V_WORD, must not be bad"),
        ("V_LIST", "[1, 7]", "/list/1: `list[1]`, from the environment variable V_LIST, must not be 7"),
        ("V_DIGIT", "x", "/digit: `digit`, from the environment variable V_DIGIT, must be a digit"),
    ] {
        let faults = with_variable(name, text).expect_err(text).faults;
        assert_eq!(faults[0].to_string(), fault);
    }
}

#[test]
fn a_variable_holds_a_scalar_exactly_as_json_writes_it() {
    for (name, text) in
        [("V_NUMBER", "-5"), ("V_NUMBER", "5e0"), ("V_FLAG", "true"), ("V_OPTION", "null"), ("V_LIST", " [1]\n")]
    {
        assert!(with_variable(name, text).is_ok(), "{name}={text}");
    }
    for (name, text) in [
        ("V_NUMBER", " 5"),
        ("V_NUMBER", "5\n"),
        ("V_NUMBER", "+5"),
        ("V_NUMBER", "05"),
        ("V_NUMBER", ""),
        ("V_FLAG", "TRUE"),
        ("V_FLAG", "yes"),
        ("V_FLAG", "1"),
        ("V_OPTION", " null"),
        ("V_LIST", "1,2"),
    ] {
        assert!(with_variable(name, text).is_err(), "{name}={text}");
    }
    assert_eq!(with_variable("V_WORD", " null ").map(|parsed| parsed.value.word), Ok(" null ".to_owned()));
}

#[test]
fn a_variable_that_is_not_utf8_is_a_fault() {
    let lookup = |asked: &str| (asked == "V_WORD").then(|| OsString::from_vec(vec![b'a', 0xff]));
    let faults = Variables::parse(&object(json!({})), &Context::empty().with_environment(&lookup)).unwrap_err().faults;
    let [fault] = &*faults else { panic!("{faults:?}") };
    assert_eq!(
        fault.to_string(),
        "/word: `word`, from the environment variable V_WORD, must be UTF-8, got other bytes"
    );
    assert!(Variables::parse(&object(json!({"word": "a"})), &Context::empty().with_environment(&lookup)).is_ok());
}

#[test]
fn a_deprecated_key_from_a_variable_has_a_warning() {
    let warnings = with_variable("V_OPTION", "5").unwrap().warnings;
    assert_eq!(
        warnings[0].to_string(),
        "/option: `option`, from the environment variable V_OPTION, is deprecated: use `number`"
    );
}

/// Takes a path from a variable that every process has.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "names-path")]
struct PathVariable {
    /// The search path.
    #[config(required, env = "PATH", example = "/usr/bin")]
    path: String,
    common: CommonConfig,
}

#[test]
fn the_arguments_of_a_server_read_the_variables_of_the_process() {
    let args = L2AdapterArgs { l2_adapter: vec![r#"{"type": "names-path"}"#.to_owned()] };
    let spec = args.parse().expect("PATH is set").remove(0).value;
    let config: &PathVariable = spec.downcast_ref().expect("the type of the spec");
    assert_eq!(Some(&config.path), std::env::var("PATH").as_ref().ok());
    // Without variables in the context the message names none.
    let error = args.parse_in(&GlobalTypes::CONTEXT).unwrap_err().to_string();
    assert!(error.contains("\n--l2-adapter #1:1:1: error[missing_environment]: /path: `path` is required"), "{error}");
    assert!(!error.contains("PATH"), "{error}");
}
