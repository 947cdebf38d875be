//! `secret`, `deprecated`, `unit`, `example`, `doc`.

use l2_adapter::{L2AdapterConfig, Secret, SharedConfig};
use serde_json::{Value, json};

use crate::{accepted, object, round_trips, warned};

/// Shows care.
///
/// A second paragraph.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "care")]
struct Care {
    /// The password.
    #[config(secret, pattern = "^[a-z]+$", min_length = 3)]
    password: Option<Secret<String>>,
    /// Passwords of before.
    #[config(secret, required, each(not_blank))]
    old_passwords: Vec<Secret<String>>,
    /// How long to wait.
    #[config(default = 5, unit = seconds, example = 30, example = 60)]
    patience: u32,
    /// How much memory.
    #[config(default = 1, unit = gib)]
    memory: u64,
    /// Not used any more.
    #[config(deprecated = "use `patience`")]
    timeout: Option<u32>,
    #[config(default = 1, doc = "Documented in an attribute.")]
    documented: u16,
    shared: SharedConfig,
}

#[test]
fn a_secret_is_shown_nowhere() {
    let config: Care = accepted(json!({"password": "hunter", "old_passwords": ["swordfish"]}));
    let shown = format!("{config:?} {} {}", Value::Object(config.to_dict()), Care::help());
    assert!(!shown.contains("hunter") && !shown.contains("swordfish"), "{shown}");
    assert_eq!(config.password.as_ref().map(|password| password.expose().as_str()), Some("hunter"));
    round_trips(&config);
}

#[test]
fn a_faulty_secret_is_not_shown_either() {
    let document = json!({"password": "HUNTER2", "old_passwords": [" ", 12345, {"a": "swordfish"}]});
    let error = Care::from_dict(&object(document)).unwrap_err();
    assert_eq!(error.faults.len(), 4);
    let shown = format!("{error} {error:?}");
    for secret in ["HUNTER2", "12345", "swordfish"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_deprecated_key_works_with_a_warning() {
    let (config, warnings) = warned::<Care>(json!({"old_passwords": [], "timeout": 5}));
    assert_eq!(config.timeout, Some(5));
    assert_eq!(warnings, ["/timeout deprecated_key"]);
    let (_, warnings) = warned::<Care>(json!({"old_passwords": []}));
    assert!(warnings.is_empty());
}

#[test]
fn units_and_documentation_are_in_help() {
    let help = Care::help();
    for words in ["seconds", "GiB", "Documented in an attribute.", "use `patience`", "Shows care."] {
        assert!(help.contains(words), "{words} is not in\n{help}");
    }
}

#[test]
fn examples_are_in_the_schema() {
    let schema = Care::json_schema().to_value();
    assert_eq!(schema["properties"]["patience"]["examples"], json!([30, 60]));
}
