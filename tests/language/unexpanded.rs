//! Variables that were not expanded: each string with one has a warning, and its faults explain it in the same words.

use std::{collections::BTreeMap, path::PathBuf};

use l2_adapter::{CommonConfig, Context, L2AdapterConfig, Secret};
use serde_json::{Map, Value, json};

use crate::{object, warned};

/// Shows strings of all kinds.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "unexpanded")]
struct Strings {
    /// A string.
    #[config(default = "a")]
    text: String,
    /// A path.
    #[config(default = "a")]
    path: PathBuf,
    /// A list.
    #[config(default = [])]
    list: Vec<String>,
    /// A map.
    #[config(default_with = BTreeMap::new, default_doc = "none")]
    map: BTreeMap<String, String>,
    /// Any object.
    free: Option<Map<String, Value>>,
    /// A password.
    #[config(secret)]
    password: Option<Secret<String>>,
    /// A number.
    #[config(default = 1)]
    number: u16,
    /// One of two.
    #[config(default = "a", allowed = ["a", "b"])]
    allowed: String,
    /// A pattern, which may have a dollar sign.
    #[config(default = "^a$")]
    pattern: String,
    common: CommonConfig,
}

#[test]
fn an_unexpanded_variable_is_found_in_every_string() {
    for (document, place) in [
        (json!({"text": "$(POD_IP)"}), "/text"),
        (json!({"path": "${CACHE_DIR}/kv"}), "/path"),
        (json!({"list": ["a", "kv-{{ .Release.Name }}"]}), "/list/1"),
        (json!({"map": {"a": "<bucket>"}}), "/map/a"),
        (json!({"map": {"$NAME": "a"}}), "/map/$NAME"),
        (json!({"free": {"a": [{"b": "/mnt/$USER"}]}}), "/free/a/0/b"),
        (json!({"password": "${PASSWORD}"}), "/password"),
        (json!({"affinity_tag": "$TAG"}), "/affinity_tag"),
        (json!({"path": "C:\\kv\\%USERNAME%"}), "/path"),
        (json!({"path": "~/kv"}), "/path"),
        (json!({"list": ["`hostname`"]}), "/list/0"),
    ] {
        let (_, codes) = warned::<Strings>(document.clone());
        assert_eq!(codes, [format!("{place} unexpanded")], "{document}");
    }
}

#[test]
fn strings_without_variables_have_no_warning() {
    let (_, codes) = warned::<Strings>(json!({
        "pattern": "^[a-z]+$", "text": "{hash}@{model}", "password": "pa$SWORD<x>{{y}}$(z)", "list": ["US$ 5", "a < b"],
        "free": {"db": {"password": "a$SECRET"}}, "path": "kv$data",
    }));
    assert_eq!(codes, Vec::<String>::new());
}

#[test]
fn the_warning_about_a_variable_says_what_to_write_and_shows_no_secret() {
    let warnings_of = |document: Value| -> Vec<String> {
        let parsed = Strings::parse(&object(document), &Context::empty()).unwrap();
        parsed.warnings.into_iter().map(|warning| warning.message).collect()
    };
    let expected = "`text` has `$(POD_IP)`, which looks like a variable that nobody expanded: in a shell, between single \
                    quotes, write `'\"$POD_IP\"'` for it; in Kubernetes write `$(POD_IP)` in `command` or `args`, and declare \
                    POD_IP in `env` of the container";
    assert_eq!(warnings_of(json!({"text": "tcp://$(POD_IP):1"})), [expected]);
    for document in [json!({"password": "$HIDDEN_NAME"}), json!({"free": {"token": ["$HIDDEN_NAME"]}})] {
        let messages = warnings_of(document);
        assert!(
            messages.len() == 1 && messages[0].contains("`$(NAME)`") && !messages[0].contains("HIDDEN"),
            "{messages:?}"
        );
    }
}

#[test]
fn a_fault_of_a_string_with_a_variable_says_what_to_write() {
    for (document, message) in [
        (json!({"number": "$PORT"}), "`number` must be an integer, and has `$PORT`, which looks like a variable"),
        (json!({"allowed": "{{ mode }}"}), "and has `{{ mode }}`, which looks like a variable"),
    ] {
        let error = Strings::from_dict(&object(document)).unwrap_err();
        assert!(error.faults[0].message.contains(message), "{error}");
    }
    // The search for the end of a variable must not take quadratic time.
    let braces = "{{".repeat(500_000);
    let (_, codes) = warned::<Strings>(json!({"text": braces}));
    assert_eq!(codes, Vec::<String>::new());
}

#[test]
fn for_a_number_or_boolean_the_same_text_in_quotes_is_suggested() {
    for (document, suggestion) in [
        (json!({"text": 161_061_273_600_u64}), Some("\"161061273600\"")),
        (json!({"map": {"a": true}}), Some("\"true\"")),
        (json!({"list": [1.5]}), Some("\"1.5\"")),
        (json!({"text": [1]}), None),
        (json!({"password": 7}), None),
    ] {
        let error = Strings::from_dict(&object(document.clone())).unwrap_err();
        assert_eq!(error.faults[0].suggestion.as_deref(), suggestion, "{document}");
    }
}

#[test]
fn a_key_that_wants_the_name_of_a_variable_is_told_the_name() {
    for (text, name) in [
        ("$HF_TOKEN", "HF_TOKEN"),
        ("${HF_TOKEN:-x}", "HF_TOKEN"),
        ("%HF_TOKEN%", "HF_TOKEN"),
        ("<hf token>", "HF_TOKEN"),
    ] {
        for key in ["token_env", "KEY_ENV_VAR"] {
            let parsed = Strings::parse(&object(json!({"free": {key: text}})), &Context::empty()).unwrap();
            let [warning] = parsed.warnings.as_slice() else { panic!("{:?}", parsed.warnings) };
            assert!(warning.message.ends_with(&format!("takes the name alone: write `{name}`")), "{}", warning.message);
        }
    }
}

#[test]
fn the_default_of_a_variable_that_holds_a_secret_is_not_shown() {
    for text in ["redis://${PASSWORD:-hunter2}", "a$(pass --token hunter2)"] {
        let parsed = Strings::parse(&object(json!({"text": text})), &Context::empty()).unwrap();
        let [warning] = parsed.warnings.as_slice() else { panic!("{:?}", parsed.warnings) };
        assert!(!warning.message.contains("hunter2") && warning.message.contains("$NAME"), "{}", warning.message);
    }
}
