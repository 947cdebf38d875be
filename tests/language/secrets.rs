//! Nothing inside a secret is shown, whatever its type.

use std::collections::{BTreeMap, BTreeSet};

use l2_adapter::{
    AdapterSpec, CommonConfig, ConfigChoice, ConfigSection, ConfigUnion, Context, Extent, L2AdapterConfig, RuleError,
    Secret, registry::GlobalTypes,
};
use serde_json::{Value, json};

use crate::{accepted, object, round_trips};

/// Holds a secret of every shape.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "secrets")]
#[config(
    rule(name = "unlike", doc = "`word` differs from `plain`.", reads(plain, word), check = unlike),
    rule(name = "not_odd", doc = "`word` is not \"odd\".", reads(word), check = not_odd),
)]
#[config(warning(name = "short", doc = "A short `word` is weak.", reads(word), check = long))]
struct Secrets {
    /// A section.
    #[config(secret)]
    section: Option<Secret<Credentials>>,
    /// A list of sections.
    #[config(secret)]
    sections: Option<Vec<Secret<Credentials>>>,
    /// A union.
    #[config(secret)]
    union: Option<Secret<Login>>,
    /// A map.
    #[config(secret, keys(max_length = 9), each(max_length = 9))]
    map: Option<Secret<BTreeMap<String, String>>>,
    /// A map of sections.
    #[config(secret)]
    map_of_sections: Option<Secret<BTreeMap<String, Credentials>>>,
    /// A choice.
    #[config(secret)]
    choice: Option<Secret<Level>>,
    /// Any adapter.
    #[config(secret)]
    spec: Option<Secret<AdapterSpec>>,
    /// A value that a function reads.
    #[config(secret, parse_with = parse_digits, write_with = write_digits)]
    digits: Option<Secret<u32>>,
    /// A value that rules read.
    #[config(secret, default = "")]
    word: Secret<String>,
    /// A value that may be shown.
    plain: Option<String>,
    common: CommonConfig,
}

/// Credentials.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(rule(name = "unequal", doc = "The password is not the user.", reads(user, password), check = unequal))]
struct Credentials {
    /// The user.
    #[config(default = "root-by-default", min_length = 2, example = "user-for-example")]
    user: String,
    /// The password.
    #[config(required, min_length = 10, example = "password-for-example")]
    password: String,
    /// A number.
    #[config(default = 4711, max = 5000, parse_with = even, write_with = same, wire = u16)]
    number: u16,
    /// Credentials inside these.
    more: Option<Box1>,
}

/// Something deeper.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct Box1 {
    /// Numbers.
    #[config(required, each(max = 9), unique)]
    numbers: Vec<u8>,
}

/// A way to log in.
#[derive(Debug, Clone, PartialEq, ConfigUnion)]
#[config(tag = "kind")]
enum Login {
    /// With credentials.
    Credentials(Credentials),
    /// With nothing.
    Open,
}

/// A level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ConfigChoice)]
enum Level {
    /// Low.
    Low,
    /// High.
    High,
}

fn unequal(user: &str, password: &str) -> Result<(), RuleError> {
    if user == password { Err(RuleError::new(format!("is {user} as well")).at("password")) } else { Ok(()) }
}

fn even(number: u16) -> Result<u16, String> {
    if number == 4713 { Err(format!("does not take {number}")) } else { Ok(number) }
}

fn same(number: &u16) -> u16 {
    *number
}

fn parse_digits(text: String) -> Result<Secret<u32>, String> {
    text.parse().map(Secret::new).map_err(|error| format!("{error} {text}"))
}

fn write_digits(digits: &Secret<u32>) -> String {
    digits.expose().to_string()
}

fn unlike(plain: &Option<String>, word: &Secret<String>) -> Result<(), String> {
    if plain.as_ref() == Some(word.expose()) { Err(format!("must not be {}", word.expose())) } else { Ok(()) }
}

fn not_odd(word: &Secret<String>) -> Result<(), RuleError> {
    if word.expose() == "odd" { Err(RuleError::fixed("must be even")) } else { Ok(()) }
}

fn long(word: &Secret<String>) -> Result<(), String> {
    if word.expose().len() == 3 { Err(format!("is as short as {}", word.expose())) } else { Ok(()) }
}

/// All text about a document: its faults, or its value and warnings.
fn rendered(document: &Value) -> String {
    match Secrets::parse(document.as_object().expect("an object"), &GlobalTypes::CONTEXT) {
        Ok(parsed) => format!("{:?} {} {:?}", parsed.value, Value::Object(parsed.value.to_dict()), parsed.warnings),
        Err(error) => format!("{error} {error:?} {}", serde_json::to_string(&error).expect("an error is JSON")),
    }
}

#[test]
fn no_value_inside_a_secret_is_shown() {
    let credentials = [
        json!({"password": "hunter2"}),
        json!({"password": "hunter2-hunter2", "user": "h"}),
        json!({"password": "hunter2-hunter2", "user": "hunter2-hunter2"}),
        json!({"password": ["hunter2"], "user": {"hunter2": "hunter2"}}),
        json!({"password": 97797, "number": "97797"}),
        json!({"password": "hunter2-hunter2", "number": 9779}),
        json!({"password": "hunter2-hunter2", "number": 4713}),
        json!({"password": "hunter2-hunter2", "number": 4713.0}),
        json!({"password": "hunter2-hunter2", "hunter2": "hunter2"}),
        json!({"password": "hunter2-hunter2", "passwort": "hunter2"}),
        json!({"password": "hunter2-hunter2", "more": {"numbers": [97, 79, 97, "hunter2"]}}),
        json!({"password": "hunter2-hunter2", "more": {"hunter2": [97]}}),
        json!("hunter2"),
        json!(["hunter2"]),
        json!({"hunter2": {"password": "hunter2"}}),
    ];
    let mut documents = Vec::new();
    for value in credentials {
        documents.push(json!({"section": value}));
        documents.push(json!({"sections": [value]}));
        documents.push(json!({"map_of_sections": {"hunter2": value}}));
        let mut tagged = value;
        if let Value::Object(map) = &mut tagged {
            map.insert("kind".to_owned(), json!("credentials"));
        }
        documents.push(json!({"union": tagged}));
    }
    documents.extend([
        json!({"union": {"kind": "hunter2"}}),
        json!({"union": {"kind": "hunter2s", "password": 1}}),
        json!({"union": {"kind": "opem"}}),
        json!({"union": {"kind": "open", "hunter2": 1}}),
        json!({"map": {"hunter2-hunter2": "a", "a": "hunter2-hunter2", "b": {"hunter2": 1}}}),
        json!({"choice": "hunter2"}),
        json!({"spec": {"type": "hunter2"}}),
        json!({"spec": {"type": ["hunter2"]}}),
        json!({"spec": {"type": "mock", "max_size_gb": "hunter2", "hunter2": 1}}),
        json!({"spec": {"type": "secrets", "plain": 97797, "word": "hunter2"}}),
        json!({"digits": "hunter2"}),
        json!({"digits": "97797"}),
        json!({"word": "hunter2", "plain": "a"}),
    ]);
    for document in documents {
        let text = rendered(&document);
        for secret in ["hunter2", "977", "4713", "97", "opem", "passwort"] {
            assert!(!text.contains(secret), "{document}\n{text}");
        }
    }
}

#[test]
fn a_functions_message_about_a_secret_is_shown_only_if_it_is_constant() {
    let message = |document: Value| Secrets::from_value(&document).unwrap_err().faults[0].message.clone();
    assert_eq!(
        message(json!({"digits": "hunter2"})),
        "`digits` is refused by the function that reads it, whose message is not shown: the value is secret"
    );
    assert_eq!(
        message(json!({"word": "hunter2", "plain": "hunter2"})),
        "`plain` violates the rule `unlike`: `word` differs from `plain`."
    );
    assert_eq!(message(json!({"word": "odd"})), "`word` must be even");
    let warned = Secrets::parse(&object(json!({"word": "abc"})), &Context::empty()).unwrap().warnings;
    assert_eq!(warned[0].message, "`word` violates the rule `short`: A short `word` is weak.");
}

#[test]
fn an_unknown_key_inside_a_secret_is_reported_with_the_known_keys() {
    let document = json!({"section": {"password": "hunter2-hunter2", "pasword": "x"}});
    let fault = Secrets::from_value(&document).unwrap_err().faults.remove(0);
    assert_eq!(fault.pointer, "/section");
    assert_eq!(fault.message, "`section` has a key that is not one of its keys");
    assert_eq!(fault.expected.as_deref(), Some("one of `user`, `password`, `number`, `more`"));
}

#[test]
fn a_repeated_key_inside_a_secret_is_not_named() {
    for (text, pointer) in [
        (r#"{"map": {"hunter2": "a", "hunter2": "b"}}"#, "/map"),
        (r#"{"section": {"password": "0123456789", "more": {"hunter2": 1, "hunter2": 1}}}"#, "/section"),
        (r#"{"sections": [{"hunter2": 1, "hunter2": 1}]}"#, "/sections"),
        (r#"{"spec": {"type": "secrets-of-others", "hunter2": "a", "hunter2": "b"}}"#, "/spec"),
    ] {
        let error = Secrets::from_str(text).unwrap_err();
        assert_eq!((&*error.faults[0].pointer, error.faults[0].code.as_str()), (pointer, "repeated_key"));
        assert!(!format!("{error:?}").contains("hunter2"), "{error}");
    }
    let error = Secrets::from_str(r#"{"word": "a", "word": "b"}"#).unwrap_err();
    assert_eq!(error.faults[0].pointer, "/word");
}

/// Takes keys that are not declared, from a variable too.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "secrets-of-others")]
#[config(
    rule(name = "no_guest", doc = "The user is not a guest.", reads(login), check = no_guest),
    rule(name = "short", doc = "The password is short.", reads(credentials), check = short),
)]
struct Others {
    #[config(extends)]
    credentials: Base,
    /// How to log in.
    #[config(env = "OTHERS_LOGIN")]
    login: Option<Key>,
    /// Ways to log in.
    #[config(env = "OTHERS_LOGINS")]
    logins: Option<BTreeMap<String, Vec<Ways>>>,
    /// Any adapter.
    #[config(env = "OTHERS_SPEC")]
    spec: Option<AdapterSpec>,
    /// The result of a function on a login.
    #[config(env = "OTHERS_CLIENT", parse_with = client, write_with = Key::clone, wire = Key)]
    client: Option<Key>,
    /// Passwords of others.
    #[config(rest, secret, each(max_length = 9))]
    others: BTreeMap<String, Secret<String>>,
    common: CommonConfig,
}

/// A base of other types.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct Base {
    /// Another password.
    #[config(default = "", secret)]
    second: Secret<String>,
}

/// A way to log in, or none.
#[derive(Debug, Clone, PartialEq, ConfigUnion)]
#[config(tag = "kind")]
enum Ways {
    /// None.
    Open,
    /// With a key.
    Key(Key),
}

fn no_guest(login: &Option<Key>) -> Result<(), String> {
    match login {
        Some(key) if key.user == "guest" => Err(format!("must not be that of a guest, {}", key.password.expose())),
        _ => Ok(()),
    }
}

fn short(base: &Base) -> Result<(), String> {
    if base.second.expose().len() > 9 { Err(format!("{} is long", base.second.expose())) } else { Ok(()) }
}

fn client(key: Key) -> Result<Key, String> {
    if key.user == "guest" { Err(format!("refuses {}", key.password.expose())) } else { Ok(key) }
}

#[test]
fn no_value_that_may_be_a_secret_is_shown() {
    let key = json!({"user": "guest", "password": "hunter2-hunter2"});
    for document in [
        // A password in place of the value that contains it.
        json!({"login": "hunter2"}),
        json!({"logins": "hunter2"}),
        json!({"logins": {"a": "hunter2"}}),
        json!({"logins": {"a": ["hunter2"]}}),
        json!({"spec": "hunter2"}),
        json!({"client": "hunter2"}),
        // Messages of functions that read a value with a secret inside.
        json!({"login": key}),
        json!({"client": key}),
        json!({"second": "hunter2-hunter2"}),
        // Keys that are not declared.
        json!({"hunter2": 1}),
        json!({"hunter2": "a password that is too long"}),
    ] {
        let error = Others::parse(&object(document.clone()), &GlobalTypes::CONTEXT).expect_err("refused");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{document}\n{error}");
    }
    let error = Others::from_str(r#"{"hunter2": "a", "hunter2": "b"}"#).expect_err("refused");
    assert_eq!(error.faults[0].to_string(), "a key inside the config appears more than once: remove the duplicates");
}

#[test]
fn no_secret_inside_the_value_of_a_variable_is_shown() {
    for (name, text) in [
        ("OTHERS_LOGIN", r#"{"user": "a", "password": "hunter2-hunter2""#),
        ("OTHERS_LOGIN", "hunter2"),
        ("OTHERS_LOGIN", r#"{"user": "a", "password": {"hunter2": 1, "hunter2": 2}}"#),
        ("OTHERS_LOGIN", r#"{"user": "guest", "password": "hunter2-hunter2"}"#),
        ("OTHERS_LOGINS", r#"{"a": [{"kind": "key", "user": "a", "password": "hunter2"}]}"#),
        ("OTHERS_LOGINS", r#"{"a": [{"kind": "key", "user": "a", "password": {"hunter2": 1, "hunter2": 2}}]}"#),
        ("OTHERS_LOGINS", r#"{"a": [{"kind": "key", "password": "hunter2-hunter2"]}"#),
        ("OTHERS_SPEC", r#"{"type": "secrets-of-others", "hunter2": "a", "hunter2": "b"}"#),
        ("OTHERS_SPEC", r#"{"type": "secrets-of-others", "second": "hunter2}"#),
        ("OTHERS_CLIENT", r#"{"user": "guest", "password": "hunter2-hunter2"}"#),
    ] {
        let lookup = |asked: &str| (asked == name).then(|| text.into());
        let context = GlobalTypes::CONTEXT.with_environment(&lookup);
        let error = Others::parse(&object(json!({})), &context).expect_err("refused");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(name) && !shown.contains("hunter2"), "{name}={text}\n{shown}");
    }
}

#[test]
fn faults_that_differ_only_in_hidden_text_are_reported_once() {
    for document in [
        json!({"map": {"a": 1, "b": 2, "c": [1]}}),
        json!({"section": {"password": "0123456789", "a": 1, "b": 1}}),
        json!({"map_of_sections": {"a": {"password": 1}, "b": {"password": 2}}}),
    ] {
        let faults = Secrets::from_value(&document).unwrap_err().faults;
        let distinct: BTreeSet<_> = faults.iter().map(|fault| (&fault.pointer, fault.code, &fault.message)).collect();
        assert_eq!(distinct.len(), faults.len(), "{faults:?}");
    }
}

#[test]
fn no_rendered_text_has_a_literal_of_a_secret() {
    let schema = Secrets::json_schema().to_value().to_string();
    let examples = [Extent::Minimal, Extent::Full].map(|extent| Value::Object(Secrets::example(extent)).to_string());
    for text in [Secrets::help(), Secrets::markdown(), schema, examples.concat()] {
        for literal in ["root-by-default", "4711", "user-for-example"] {
            assert!(!text.contains(literal), "{literal} is in\n{text}");
        }
    }
}

#[test]
fn a_secret_in_the_example_of_a_section_is_replaced() {
    let shown = [
        Shown::help(),
        Shown::markdown(),
        Shown::json_schema().to_value().to_string(),
        Value::Object(Shown::example(Extent::Minimal)).to_string(),
    ];
    for text in shown {
        assert!(text.contains("visitor-for-example"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    accepted::<Shown>(Value::Object(Shown::example(Extent::Minimal)));
}

/// Shows an example of a section.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "secrets-shown")]
struct Shown {
    /// How to come in.
    #[config(required, example = {"user": "visitor-for-example", "pass": "hunter2-hunter2", "all": ["hunter2-hunter2"]})]
    key: Key,
    /// How to come in elsewhere.
    #[config(required, example = [{"user": "visitor-for-example", "pass": "hunter2-hunter2"}])]
    keys: Vec<Key>,
    common: CommonConfig,
}

/// A key.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct Key {
    /// The user.
    #[config(required, example = "user")]
    user: String,
    /// The password.
    #[config(required, secret, alias = "pass", min_length = 10)]
    password: Secret<String>,
    /// All passwords.
    #[config(secret)]
    all: Option<Vec<Secret<String>>>,
}

#[test]
fn secrets_of_every_shape_round_trip() {
    let config: Secrets = accepted(json!({
        "section": {"password": "hunter2-hunter2"},
        "union": {"kind": "open"},
        "map": {"a": "b"},
        "choice": "low",
        "digits": "12",
    }));
    round_trips(&config);
    assert_eq!(config.to_dict()["digits"], "[redacted]");
}

/// Takes passwords under any name.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(rule(name = "no_pets", doc = "No password is that of a pet.", reads(passwords), check = no_pets))]
struct Passwords {
    /// The passwords.
    #[config(rest, secret)]
    passwords: BTreeMap<String, Secret<String>>,
}

fn no_pets(passwords: &BTreeMap<String, Secret<String>>) -> Result<(), String> {
    Err(format!("contain {}", passwords["pet"].expose()))
}

#[test]
fn the_message_of_a_rule_over_secret_undeclared_keys_is_not_shown() {
    let document = object(json!({"pet": "hunter2"}));
    let error = l2_adapter::schema::parse::<Passwords>(&document, &Context::empty()).unwrap_err();
    assert_eq!(error.faults[0].message, "the config violates the rule `no_pets`: No password is that of a pet.");
}
