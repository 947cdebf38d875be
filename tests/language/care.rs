//! `secret`, `deprecated`, `unit`, `example`, `doc`.

use l2_adapter::{CommonConfig, Context, Extent, L2AdapterConfig, Secret};
use serde_json::{Value, json};

use crate::{accepted, object, refused, round_trips, warned};

/// Shows care.
///
/// A second paragraph.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "care")]
struct Care {
    /// The password.
    #[config(secret, pattern = "^[a-z]+$", min_length = 3, example = "changeme")]
    password: Option<Secret<String>>,
    /// Earlier passwords.
    #[config(secret, required, each(not_blank))]
    old_passwords: Vec<Secret<String>>,
    /// A token that may be empty, but not `null`.
    #[config(secret, default = "", env = "CARE_TOKEN")]
    token: Secret<String>,
    /// A token that only some need.
    #[config(secret, default = "", forbidden_unless(patience = 60))]
    late_token: Secret<String>,
    /// How long to wait.
    #[config(default = 5, unit = seconds, example = 30, example = 60)]
    patience: u32,
    /// Not used any more.
    #[config(deprecated = "use `patience`")]
    timeout: Option<u32>,
    common: CommonConfig,
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
fn an_invalid_secret_is_not_shown() {
    let document = json!({"password": "HUNTER2", "old_passwords": [" ", 12345, {"a": "swordfish"}]});
    let error = Care::from_dict(&object(document)).unwrap_err();
    assert_eq!(error.faults.len(), 4);
    let shown = format!("{error} {error:?}");
    for secret in ["HUNTER2", "12345", "swordfish"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_secret_may_be_empty_by_default() {
    let config: Care = accepted(json!({"old_passwords": []}));
    assert_eq!(config.token.expose(), "");
    assert_eq!(accepted::<Care>(json!({"old_passwords": [], "token": "t"})).token.expose(), "t");
    assert_eq!(refused::<Care>(json!({"old_passwords": [], "token": null})), ["/token wrong_type"]);
    round_trips(&config);
}

#[test]
fn an_environment_variable_overrides_the_default_of_a_secret() {
    let lookup = |name: &str| (name == "CARE_TOKEN").then(|| "t".into());
    let document = object(json!({"old_passwords": []}));
    let parsed = Care::parse(&document, &Context::empty().with_environment(&lookup)).unwrap();
    assert_eq!(parsed.value.token.expose(), "t");
    assert_eq!(parsed.value.to_dict()["token"], "[redacted]");
}

#[test]
fn a_forbidden_secret_is_not_written_even_redacted() {
    let config: Care = accepted(json!({"old_passwords": []}));
    assert!(!config.to_dict().contains_key("late_token"));
    assert_eq!(Care::from_dict(&config.to_dict()).map(|_| ()), Ok(()));
}

#[test]
fn the_empty_default_of_a_secret_is_documented() {
    assert!(Care::help().contains("token (string, optional, default \"\"; secret)"), "{}", Care::help());
    let token = &Care::json_schema().to_value()["properties"]["token"];
    assert_eq!((&token["default"], &token["writeOnly"]), (&json!(""), &json!(true)));
    assert_eq!(Care::example(Extent::Full)["token"], json!(""));
}

#[test]
fn a_secret_whose_rules_refuse_the_placeholder_shows_its_example() {
    let full = Care::example(Extent::Full);
    assert_eq!((&full["password"], &full["old_passwords"]), (&json!("changeme"), &json!(["your-old-passwords"])));
    accepted::<Care>(Value::Object(full));
    let schema = Care::json_schema().to_value();
    assert!(schema["properties"]["password"].get("examples").is_none());
}

#[test]
fn a_deprecated_key_is_accepted_with_a_warning() {
    let (config, warnings) = warned::<Care>(json!({"old_passwords": [], "timeout": 5}));
    assert_eq!(config.timeout, Some(5));
    assert_eq!(warnings, ["/timeout deprecated_key"]);
    let (_, warnings) = warned::<Care>(json!({"old_passwords": []}));
    assert!(warnings.is_empty());
}
