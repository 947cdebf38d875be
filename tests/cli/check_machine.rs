//! `check --on-this-machine`. Without it, a key that the environment may supply is a note, and paths need not exist.

use l2_adapter::{CommonConfig, ConfigSection, L2AdapterConfig, RuleError, Secret, cli::Exit};
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
    common: CommonConfig,
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
fn a_key_that_the_environment_may_supply_is_a_note() {
    let (exit, record) = record(&[], json!({"type": "depot"}));
    assert_eq!((exit, &record["ok"]), (Exit::Success, &json!(true)));
    assert_eq!(listed(&record, "errors"), [""; 0]);
    assert_eq!(listed(&record, "warnings"), ["/token environment", "/port environment"]);
    let expected = "`token` is required: give it, or set the environment variable L2_ADAPTER_TEST_UNSET_TOKEN";
    assert_eq!(record["warnings"][0]["message"], expected);
    assert_eq!((&record["warnings"][0]["line"], &record["warnings"][0]["column"]), (&json!(1), &json!(1)));
}

#[test]
fn the_value_omits_keys_that_the_environment_may_supply() {
    let document = json!({"type": "depot", "low": 5, "gates": [{"place": "a"}, {"place": "b", "pass/word": "x"}]});
    let (_, record) = record(&[], document);
    let value = json!({
        "type": "depot", "low": 5, "folder": "/", "gates": [{"place": "a"}, {"place": "b", "pass/word": "[redacted]"}],
        "persist_enabled": true, "shared": false,
    });
    assert_eq!(record["value"], value);
}

#[test]
fn rules_and_warnings_ignore_keys_that_the_environment_may_supply() {
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
fn on_this_machine_paths_must_exist() {
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

const SENDER: &str =
    r#"{"type": "pd", "role": "sender", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2]}"#;

#[test]
fn on_this_machine_values_come_from_its_environment() {
    let value = |arguments: &[&str]| {
        let program = l2_adapter(&[&["check", "--format", "json"], arguments].concat());
        let program = program.variable("L2_ADAPTER_PD_SHARED_SECRET", "sixteen characters and more");
        program.input(SENDER).run().records()[0]["value"]["shared_secret"].clone()
    };
    assert_eq!(value(&["--on-this-machine"]), "[redacted]");
    assert_eq!(value(&[]), Value::Null);
}

#[test]
fn on_this_machine_values_from_its_environment_are_checked() {
    let program = l2_adapter(&["check", "--on-this-machine"]).variable("L2_ADAPTER_PD_SHARED_SECRET", "xyzzy");
    let ended = program.input(SENDER).run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("from the environment variable L2_ADAPTER_PD_SHARED_SECRET"), "{ended}");
    assert!(!ended.out.contains("xyzzy"), "{ended}");
}

/// Errors and warnings of `check --on-this-machine` of a document, each with its message.
fn on_this_machine(document: Value) -> String {
    let (_, record) = record(&["--on-this-machine"], document);
    let findings = ["errors", "warnings"].iter().flat_map(|list| record[*list].as_array().unwrap());
    let lines = findings.map(|one| format!("{} {} {}", one["pointer"], one["code"], one["message"]).replace('"', ""));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(target_os = "linux")]
mod pd {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    fn receiver(changes: Value) -> Value {
        let ports = crate::free_ports::free_ports(2).unwrap();
        let mut document = json!({
            "type": "pd", "role": "receiver", "peer_host": "127.0.0.1", "peer_init_port": ports[..1],
            "peer_alloc_port": ports[1..], "buffer_size": 4096,
        });
        document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        document
    }

    #[test]
    fn a_receiver_needs_free_ports_at_an_address_of_this_machine() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        // Addresses reserved for documentation.
        let foreign = "not_on_machine `peer_host` cannot be listened on: Cannot assign requested address";
        for (changes, expected) in [
            (json!({}), String::new()),
            (json!({"peer_host": "192.0.2.1", "listen_host": "0.0.0.0"}), String::new()),
            (json!({"peer_host": "192.0.2.1"}), format!("/peer_host {foreign}")),
            (json!({"peer_host": "[2001:db8::1]"}), format!("/peer_host {foreign}")),
            (json!({"listen_host": "192.0.2.1"}), "/listen_host not_on_machine `listen_host`".to_owned()),
            (json!({"peer_host": "no.such.name.invalid"}), "/peer_host not_on_machine".to_owned()),
            (
                json!({"peer_alloc_port": [port]}),
                "/peer_alloc_port/0 not_on_machine `peer_alloc_port[0]` cannot be listened on at 127.0.0.1: Address already in \
                 use (os error 98): free the port"
                    .to_owned(),
            ),
            // A sender does not listen.
            (json!({"role": "sender", "peer_host": "192.0.2.1", "peer_init_port": [port]}), String::new()),
        ] {
            let found = on_this_machine(receiver(changes.clone()));
            assert!(found.starts_with(&expected) && found.is_empty() == expected.is_empty(), "{changes}: {found}");
        }
    }

    #[test]
    fn buffers_beyond_the_memory_of_this_machine_are_refused_for_both_roles() {
        for role in ["sender", "receiver"] {
            let found = on_this_machine(receiver(json!({"role": role, "buffer_size": 1_u64 << 50})));
            let expected = "/buffer_size not_on_machine `buffer_size` times the number of TP ranks is 112589990";
            assert!(found.starts_with(expected), "{found}");
        }
    }
}

#[test]
fn on_this_machine_folders_files_and_keys_must_be_usable() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("file"), "key").unwrap();
    let fs = |base_path: String| json!({"type": "fs", "base_path": base_path});
    let key = |path: String| json!({"type": "fs", "base_path": folder.path(), "serde": {"type": "aesgcm", "master_key_path": path}});
    let nixl = |path: String| {
        let params = json!({"file_path": path, "use_direct_io": "false"});
        json!({"type": "nixl_store", "backend": "POSIX", "pool_size": 1, "backend_params": params})
    };
    for (document, expected) in [
        (fs(path("none/deeper")), ""),
        (
            fs(path("file")),
            "/base_path not_on_machine `base_path` must be a directory that is writable or can be created",
        ),
        (fs(path("file/deeper")), "/base_path not_on_machine"),
        (key(path("file")), ""),
        (key(path("none")), "/serde/type not_on_machine `type` "),
        (key(path("")), "/serde/type not_on_machine `type` "),
        (nixl(path("none")), ""),
        (nixl(path("file")), "/backend_params/file_path not_on_machine"),
    ] {
        let found = on_this_machine(document.clone());
        assert!(found.starts_with(expected) && found.is_empty() == expected.is_empty(), "{document}: {found}");
    }
}
