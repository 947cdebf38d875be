//! Computed defaults, and defaults and examples of sections, satisfy the rules.

use std::panic::catch_unwind;

use l2_adapter::{
    AdapterSpec, CommonConfig, ConfigDefaults, ConfigSection, L2AdapterConfig, RuleError, Secret, assert_sound,
};
use serde_json::json;

use crate::{accepted, message, refused, round_trips};

/// Computes defaults.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "sound-computed")]
struct Computed {
    /// A limit.
    #[config(default = 5)]
    limit: u16,
    /// Another limit.
    #[config(default_from = limit, max = 100)]
    second: u16,
    /// A share.
    #[config(default_with = not_a_number, default_doc = "what is not a number")]
    share: f64,
    /// Another share, or none.
    #[config(default_with = maybe_a_number, default_doc = "what is not a number either")]
    second_share: Option<f64>,
    /// Sections.
    #[config(default_with = two, default_doc = "two of them", max_items = 1)]
    sections: Vec<Defaults>,
    common: CommonConfig,
}

fn not_a_number() -> f64 {
    f64::NAN
}

fn maybe_a_number() -> Option<f64> {
    Some(f64::NAN)
}

fn two() -> Vec<Defaults> {
    vec![Defaults::defaults(), Defaults { times: 10, ..Defaults::defaults() }]
}

/// Has defaults.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(default)]
struct Defaults {
    /// How often.
    #[config(default = 3, max = 9)]
    times: u8,
    /// A name.
    #[config(default = "a")]
    name: String,
}

#[test]
fn a_computed_default_that_breaks_a_rule_is_refused() {
    let given = json!({"sections": [], "share": 1.0, "second_share": null});
    assert_eq!(accepted::<Computed>(given.clone()).second, 5);
    let with = |key: &str, value| {
        let mut document = given.clone();
        document[key] = value;
        document
    };
    assert_eq!(refused::<Computed>(with("limit", json!(150))), ["/second computed_default"]);
    assert_eq!(message::<Computed>(with("limit", json!(150))), "`second`, by default as `limit`, must be at most 100");
    assert_eq!(
        refused::<Computed>(json!({"share": 1, "second_share": null})),
        ["/sections computed_default", "/sections/1/times computed_default"]
    );
    assert_eq!(
        refused::<Computed>(json!({"sections": []})),
        ["/share computed_default", "/second_share computed_default"]
    );
}

/// Holds sections with defaults of their own.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "sound-sections")]
struct Sections {
    /// A section.
    #[config(default)]
    section: Defaults,
    /// A section that `null` turns off.
    #[config(default)]
    optional: Option<Defaults>,
    common: CommonConfig,
}

#[test]
fn an_absent_section_with_default_has_the_defaults_of_its_keys() {
    let config: Sections = accepted(json!({}));
    assert_eq!(config.section, Defaults { times: 3, name: "a".to_owned() });
    assert_eq!(config.optional, Some(Defaults::default()));
    assert_eq!(accepted::<Sections>(json!({"optional": null, "section": {}})).optional, None);
    round_trips(&config);
    round_trips(&accepted::<Sections>(json!({"optional": null})));
    assert_eq!(Sections::defaults(), config);
    assert!(Sections::help().contains("section (object, optional, defaults of its own keys)"), "{}", Sections::help());
    assert_eq!(Sections::json_schema().to_value()["properties"]["section"]["default"], json!({}));
    assert_sound::<Sections>();
}

/// Has a key that requires the absence of a key with a default.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "sound-absent")]
struct Absent {
    /// A key with a default.
    #[config(default = 1)]
    usual: u8,
    /// A key that requires its absence.
    #[config(forbidden_unless(usual = absent))]
    instead: Option<u8>,
    common: CommonConfig,
}

#[test]
fn a_written_config_with_a_key_that_must_be_absent_round_trips() {
    let config: Absent = accepted(json!({"instead": 1}));
    assert!(!config.to_dict().contains_key("usual"));
    round_trips(&config);
    round_trips(&accepted::<Absent>(json!({"usual": 1})));
    assert_sound::<Absent>();
}

/// Has mistakes that the compiler cannot see.
#[derive(Debug, ConfigSection)]
#[allow(dead_code, reason = "only its table is looked at")]
struct Mistaken {
    /// Has an example with an unknown key.
    #[config(required, example = {"timse": 1})]
    example: Defaults,
    /// Has an example out of range.
    #[config(required, example = [{"times": 300}])]
    list: Vec<Defaults>,
    /// Has a default that its function refuses.
    #[config(default = "zz", parse_with = number, write_with = u8::to_string)]
    default: u8,
    /// Computes a default out of range.
    #[config(default_with = nine, default_doc = "9", max = 5)]
    computed: u8,
    /// Is a secret that lists values.
    #[config(secret)]
    secret: Option<Secret<Lists>>,
}

/// Lists values.
#[derive(Debug, ConfigSection)]
#[allow(dead_code, reason = "only its table is looked at")]
struct Lists {
    /// One of two.
    #[config(default = "a", allowed = ["a", "b"])]
    word: String,
}

fn number(text: String) -> Result<u8, RuleError> {
    text.parse().map_err(|_| RuleError::new("must be a number"))
}

fn nine() -> u8 {
    9
}

#[test]
fn assert_sound_finds_what_the_compiler_cannot_see() {
    let panic = catch_unwind(assert_sound::<Mistaken>).expect_err("it has mistakes");
    let message = panic.downcast_ref::<String>().expect("a message");
    for line in [
        "/example: the example {\"timse\":1} is refused: /example/timse: `timse` is not a key of `example`",
        "/list: the example [{\"times\":300}] is refused: /list/0/times: `times` must be between 0 and 9, got 300",
        "/default: the default is refused: /default: `default` must be a number",
        "/computed: the default is refused: /computed: `computed`, by default 9, must be at most 5, got 9",
        "/secret/word: lists allowed values, and is inside a secret",
    ] {
        assert!(message.contains(line), "{line}\nis not in\n{message}");
    }
    assert_eq!(message.lines().count(), 6, "{message}");
}

/// Shows the password of a spec in an example.
#[derive(Debug, ConfigSection)]
#[allow(dead_code, reason = "only its table is looked at")]
struct Specs {
    /// Has a password in an example.
    #[config(example = [{"type": "sound-spec", "password": "hunter2"}])]
    specs: Option<Vec<AdapterSpec>>,
    /// Has none.
    #[config(example = {"type": "sound-spec", "password": "", "user": "a"})]
    spec: Option<AdapterSpec>,
}

/// Has a password.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "sound-spec")]
#[allow(dead_code, reason = "only its table is looked at")]
struct Spec {
    /// The user.
    #[config(default = "")]
    user: String,
    /// The password.
    #[config(default = "", secret)]
    password: Secret<String>,
    common: CommonConfig,
}

#[test]
fn assert_sound_finds_the_password_of_a_spec_in_an_example() {
    let panic = catch_unwind(assert_sound::<Specs>).expect_err("it shows a password");
    let message = panic.downcast_ref::<String>().expect("a message");
    let line = "/specs: an example has a secret of a spec: help and schema would show it";
    assert_eq!(message.lines().skip(1).collect::<Vec<_>>(), [line]);
}
