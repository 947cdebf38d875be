//! `check` and the machine: what the environment may supply is a note, and paths lead anywhere, unless the spec is checked
//! for this machine.

use l2_adapter::{ConfigSection, L2AdapterConfig, RuleError, Secret, SharedConfig, cli::Exit};
use serde_json::{Value, json};

use crate::{program::l2_adapter, secrets::run_on};

/// Keeps chunks behind a token that documents need not hold.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "depot")]
#[config(rule(name = "high_port", doc = "`port` is above `low`.", reads(port, low), check = high_port))]
#[config(warning(name = "known_port", doc = "Few know other ports.", reads(port), check = known_port))]
#[config(warning(name = "gates", doc = "A gate may be shut.", reads(gates), check = gates))]
#[config(warning(name = "low", doc = "Low is hard to reach.", reads(low), check = low))]
struct DepotL2AdapterConfig {
    /// What opens the depot.
    #[config(required, secret, env = "L2_ADAPTER_TEST_UNSET_TOKEN", not_blank)]
    token: Secret<String>,
    /// Where it listens.
    #[config(required, env = "L2_ADAPTER_TEST_UNSET_PORT", min = 1024)]
    port: u16,
    /// A bound of the port.
    #[config(default = 9000)]
    low: u16,
    /// Where it is.
    #[config(default = "/", exists = directory)]
    folder: String,
    /// Ways in.
    #[config(default_with = Vec::new, default_doc = "none")]
    gates: Vec<Gate>,
    /// The keys that every adapter shares.
    shared: SharedConfig,
}

/// A way in.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct Gate {
    /// What opens it.
    #[config(required, secret, key = "pass/word", env = "L2_ADAPTER_TEST_UNSET_PASSWORD")]
    password: Secret<String>,
    /// Where it is.
    #[config(required, example = "/mnt/kv")]
    place: String,
}

fn high_port(port: &u16, low: &u16) -> Result<(), RuleError> {
    if port > low { Ok(()) } else { Err(RuleError::new("must be above `low`")) }
}

fn known_port(port: &u16) -> Result<(), RuleError> {
    if *port == 9001 { Ok(()) } else { Err(RuleError::new("is an unusual port")) }
}

fn gates(gates: &[Gate]) -> Result<(), RuleError> {
    if gates.is_empty() { Ok(()) } else { Err(RuleError::new("may be shut")) }
}

fn low(low: &u16) -> Result<(), RuleError> {
    if *low > 0 { Ok(()) } else { Err(RuleError::new("is hard to reach")) }
}

/// The record of one document.
fn record(arguments: &[&str], document: Value) -> (Exit, Value) {
    let (exit, shown) = run_on(&[&["check", "--quiet", "--format", "json"], arguments].concat(), &document.to_string());
    (exit, serde_json::from_str(&shown).unwrap())
}

/// Pointer and code of each entry of a record's list.
fn listed(record: &Value, list: &str) -> Vec<String> {
    let entries = record[list].as_array().unwrap();
    entries.iter().map(|entry| format!("{} {}", entry["pointer"], entry["code"]).replace('"', "")).collect()
}

#[test]
fn what_the_environment_may_supply_is_a_note() {
    let (exit, record) = record(&[], json!({"type": "depot"}));
    assert_eq!((exit, &record["ok"]), (Exit::Success, &json!(true)));
    assert_eq!(listed(&record, "errors"), [""; 0]);
    assert_eq!(listed(&record, "warnings"), ["/token environment", "/port environment"]);
    let expected = "`token` is required: give it, or set the environment variable L2_ADAPTER_TEST_UNSET_TOKEN";
    assert_eq!(record["warnings"][0]["message"], expected);
    assert_eq!((&record["warnings"][0]["line"], &record["warnings"][0]["column"]), (&json!(1), &json!(1)));
}

#[test]
fn the_value_has_what_is_known_and_nothing_made_up() {
    let document = json!({"type": "depot", "low": 5, "gates": [{"place": "a"}, {"place": "b", "pass/word": "x"}]});
    let (_, record) = record(&[], document);
    let value = json!({
        "type": "depot", "low": 5, "folder": "/", "gates": [{"place": "a"}, {"place": "b", "pass/word": "[redacted]"}],
        "persist_enabled": true, "shared": false,
    });
    assert_eq!(record["value"], value);
}

#[test]
fn rules_and_warnings_do_not_speak_of_what_is_made_up() {
    let document = json!({"type": "depot", "low": 65535, "gates": [{"place": "a"}]});
    let (exit, record) = record(&[], document);
    assert_eq!(exit, Exit::Success, "{record}");
    let notes = ["/token environment", "/port environment", "/gates/0/pass~1word environment"];
    assert_eq!(listed(&record, "warnings"), notes);
}

#[test]
fn other_warnings_are_reported_next_to_notes() {
    let (_, record) = record(&[], json!({"type": "depot", "port": 9001, "low": 0}));
    assert_eq!(listed(&record, "warnings"), ["/token environment", "/low advice"]);
}

#[test]
fn other_faults_stay_faults_next_to_notes() {
    let (exit, record) = record(&[], json!({"type": "depot", "port": 80, "lwo": 1}));
    assert_eq!((exit, &record["value"]), (Exit::Refused, &Value::Null));
    assert_eq!(listed(&record, "errors"), ["/port out_of_range", "/lwo unknown_key"]);
    assert_eq!(listed(&record, "warnings"), ["/token environment"]);
}

#[test]
fn rules_on_known_values_apply_next_to_notes() {
    let (exit, record) = record(&[], json!({"type": "depot", "port": 1024}));
    assert_eq!((exit, listed(&record, "errors")), (Exit::Refused, vec!["/port rule".to_owned()]));
}

#[test]
fn on_this_machine_a_variable_that_is_not_set_is_an_error() {
    let (exit, record) = record(&["--on-this-machine"], json!({"type": "depot", "port": 9001}));
    assert_eq!((exit, listed(&record, "warnings")), (Exit::Refused, vec![]));
    assert_eq!(listed(&record, "errors"), ["/token missing_environment"]);
    assert!(record["errors"][0]["message"].as_str().unwrap().contains("L2_ADAPTER_TEST_UNSET_TOKEN"), "{record}");
}

#[test]
fn on_this_machine_paths_must_lead_where_they_should() {
    let document = |folder: &str| json!({"type": "depot", "port": 9001, "token": "t", "folder": folder});
    let here = env!("CARGO_MANIFEST_DIR");
    let errors = |arguments: &[&str], folder: &str| listed(&record(arguments, document(folder)).1, "errors");
    assert_eq!(errors(&["--on-this-machine"], here), [""; 0]);
    assert_eq!(errors(&["--on-this-machine"], &format!("{here}/Cargo.toml")), ["/folder not_on_machine"]);
    assert_eq!(errors(&["--on-this-machine"], &format!("{here}/none")), ["/folder not_on_machine"]);
    assert_eq!(errors(&[], &format!("{here}/none")), [""; 0]);
}

#[test]
fn notes_are_lines_and_are_counted() {
    let (exit, shown) = run_on(&["check"], r#"{"type": "depot", "low": 0, "port": 9001}"#);
    let expected = "\
<stdin>:1:1: note[environment]: /token: `token` is required: give it, or set the environment variable \
                    L2_ADAPTER_TEST_UNSET_TOKEN\n\
<stdin>:1:26: warning[advice]: /low: `low` is hard to reach\n\
checked 1 document: 1 valid (1 warning, 1 note)\n";
    assert_eq!((exit, anstream::adapter::strip_str(&shown).to_string()), (Exit::Success, expected.to_owned()));
    let (_, shown) = run_on(&["check", "--quiet"], r#"{"type": "depot", "port": 9001}"#);
    assert_eq!(shown, "");
}

const RECEIVER: &str =
    r#"{"type": "pd", "role": "receiver", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2]}"#;

#[test]
fn on_this_machine_values_come_from_its_environment() {
    let value = |arguments: &[&str]| {
        let program = l2_adapter(&[&["check", "--format", "json"], arguments].concat());
        let program = program.variable("L2_ADAPTER_PD_SHARED_SECRET", "sixteen characters and more");
        program.input(RECEIVER).run().records()[0]["value"]["shared_secret"].clone()
    };
    assert_eq!(value(&["--on-this-machine"]), "[redacted]");
    assert_eq!(value(&[]), Value::Null);
}

#[test]
fn on_this_machine_values_from_its_environment_are_checked() {
    let program = l2_adapter(&["check", "--on-this-machine"]).variable("L2_ADAPTER_PD_SHARED_SECRET", "xyzzy");
    let ended = program.input(RECEIVER).run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("from the environment variable L2_ADAPTER_PD_SHARED_SECRET"), "{ended}");
    assert!(!ended.out.contains("xyzzy"), "{ended}");
}
