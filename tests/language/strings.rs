//! Strings, paths, choices, and the rules on them.

use std::path::PathBuf;

use l2_adapter::{CommonConfig, ConfigChoice, ConfigError, L2AdapterConfig};
use serde_json::{Value, json};

use crate::{accepted, object, refused, round_trips};

/// Shows rules on strings.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "string-rules")]
struct StringRules {
    /// Says something.
    #[config(default = "a", not_blank)]
    not_blank: String,
    /// Has no blanks around it.
    #[config(default = "", trimmed)]
    trimmed: String,
    /// Is an absolute path without `..`.
    #[config(default = "/tmp", prefix = "/", must_not_contain = "..", must_not_contain = "//")]
    path: PathBuf,
    /// Is one of these.
    #[config(default = "red", allowed = ["red", "blue"])]
    allowed: String,
    common: CommonConfig,
}

#[test]
fn blank_strings_are_empty_or_white_space_as_python_has_it() {
    for blank in ["", " ", "\t\n", "\u{1c}", "\u{a0}", "\u{3000}"] {
        assert_eq!(refused::<StringRules>(json!({"not_blank": blank})), ["/not_blank blank"], "{blank:?}");
    }
    // A zero-width space is not white space.
    accepted::<StringRules>(json!({"not_blank": "\u{200b}"}));
    accepted::<StringRules>(json!({"not_blank": " a "}));
}

#[test]
fn trimmed_refuses_and_never_strips() {
    assert_eq!(refused::<StringRules>(json!({"trimmed": " a"})), ["/trimmed not_trimmed"]);
    assert_eq!(refused::<StringRules>(json!({"trimmed": "a\n"})), ["/trimmed not_trimmed"]);
    assert_eq!(accepted::<StringRules>(json!({"trimmed": "a b"})).trimmed, "a b");
    assert_eq!(accepted::<StringRules>(json!({"not_blank": " a "})).not_blank, " a ");
}

#[test]
fn each_forbidden_text_is_found_anywhere() {
    assert_eq!(refused::<StringRules>(json!({"path": "/a/../b"})), ["/path forbidden_text"]);
    assert_eq!(refused::<StringRules>(json!({"path": "/a//.."})), ["/path forbidden_text", "/path forbidden_text"]);
}

#[test]
fn only_allowed_strings_are_accepted_and_close_ones_suggested() {
    accepted::<StringRules>(json!({"allowed": "blue"}));
    let error: ConfigError = StringRules::from_dict(&object(json!({"allowed": "bleu"}))).unwrap_err();
    assert_eq!(error.faults[0].code.as_str(), "not_allowed");
    assert_eq!(error.faults[0].suggestion.as_deref(), Some("blue"));
    assert_eq!(refused::<StringRules>(json!({"allowed": "RED"})), ["/allowed not_allowed"]);
}

#[test]
fn only_json_strings_are_strings() {
    for value in [json!(5), json!(true), json!(null), json!([]), json!({})] {
        assert_eq!(refused::<StringRules>(json!({"path": value.clone()})), ["/path wrong_type"], "{value}");
    }
}

/// How bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ConfigChoice)]
#[config(ignore_case)]
pub(crate) enum Packing {
    /// Not at all.
    #[config(name = "RAW")]
    Raw,
    /// With a fast method.
    ZStd,
    /// With one word for two, to test that words are distinguished.
    LeastRecentlyUsed,
}

/// What goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ConfigChoice)]
#[config(doc = "What goes first, said in an attribute.")]
pub(crate) enum Order {
    #[config(doc = "The oldest.")]
    Oldest,
    /// The newest.
    r#Newest,
}

/// Shows choices.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "choices")]
struct Choices {
    /// How bytes are packed.
    #[config(default = "raw")]
    packing: Packing,
    /// What goes first.
    #[config(required, example = "newest")]
    order: Order,
    /// Several.
    #[config(default = ["RAW"], max_items = 3)]
    packings: Vec<Packing>,
    /// Different ones.
    #[config(default = ["newest", "oldest"], unique)]
    orders: Vec<Order>,
    common: CommonConfig,
}

#[test]
fn a_choice_has_its_name_in_snake_case_or_the_name_of_its_attribute() {
    assert_eq!(Packing::Raw.as_str(), "RAW");
    assert_eq!(Packing::ZStd.as_str(), "z_std");
    assert_eq!(Packing::LeastRecentlyUsed.as_str(), "least_recently_used");
    assert_eq!(Order::Newest.to_string(), "newest");
    assert!(Order::Oldest == "oldest" && Order::Oldest == *"oldest");
    assert_eq!(format!("{:>8}", Order::Oldest), "  oldest");
}

#[test]
fn a_choice_that_ignores_case_is_written_in_its_own_case() {
    let config: Choices = accepted(json!({"order": "oldest", "packing": "Z_sTd"}));
    assert_eq!(config.packing, Packing::ZStd);
    assert_eq!(config.to_dict()["packing"], Value::from("z_std"));
    round_trips(&config);
    assert_eq!(accepted::<Choices>(json!({"order": "oldest"})).packing, Packing::Raw);
}

#[test]
fn a_list_of_choices_has_faults_at_its_items() {
    let faults = refused::<Choices>(json!({"order": "oldest", "packings": ["raw", "zip", 5]}));
    assert_eq!(faults, ["/packings/1 not_allowed", "/packings/2 wrong_type"]);
    let faults = refused::<Choices>(json!({"order": "oldest", "orders": ["oldest", "newest", "oldest"]}));
    assert_eq!(faults, ["/orders/2 repeated_item"]);
}
