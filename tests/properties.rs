//! No panic, no stack overflow, no unbounded time or memory, whatever the input.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

#[path = "torture/mod.rs"]
mod torture;

use std::{ffi::OsString, mem::ManuallyDrop, os::unix::ffi::OsStringExt as _};

use l2_adapter::{
    FaultCode, L2AdapterConfig, WarningCode,
    adapters::{
        fs_l2_adapter::FsL2AdapterConfig, mock_l2_adapter::MockL2AdapterConfig, pd_l2_adapter::PdL2AdapterConfig,
    },
    registry::GlobalTypes,
};
use l2_adapter_schema::{AdapterEntry, AdapterSpec, Document, NESTING_MAX, Report, Target};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use torture::{TortureBaseL2AdapterConfig, TortureL2AdapterConfig, TortureOpenL2AdapterConfig};

/// The depth of values that are built here. `serde_json` refuses text of such depth.
const DEEP: usize = 100_000;

const TYPES: &[AdapterEntry] = &[
    AdapterEntry::of::<FsL2AdapterConfig>(),
    AdapterEntry::of::<MockL2AdapterConfig>(),
    AdapterEntry::of::<PdL2AdapterConfig>(),
    AdapterEntry::of::<TortureBaseL2AdapterConfig>(),
    AdapterEntry::of::<TortureL2AdapterConfig>(),
    AdapterEntry::of::<TortureOpenL2AdapterConfig>(),
];

/// Any JSON value. Some of its keys and strings are those of the types.
fn any_value() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        any::<String>(),
        prop::sample::select(
            &["type", "pd", "torture", "eviction", "role", "sender", "names", "tree", "children", "kind"][..]
        )
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Failures are kept as named tests instead of seeds.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn parsing_any_value_returns(value in any_value()) {
        for entry in TYPES {
            match entry.parse(&value, &GlobalTypes::CONTEXT) {
                Ok(parsed) => prop_assert_eq!(parsed.value.type_name(), (entry.table)().adapter.unwrap()),
                Err(error) => prop_assert!(!error.faults.is_empty()),
            }
        }
    }

    #[test]
    fn parsing_any_text_returns(text in any::<String>()) {
        let parsed = PdL2AdapterConfig::from_str(&text);
        prop_assert_eq!(parsed.is_ok(), false, "a random string is a pd config");
        let _ = AdapterSpec::from_text(&text, &GlobalTypes::CONTEXT);
    }

    /// Damaged JSON reaches more code than random text.
    #[test]
    fn parsing_any_damaged_document_returns(value in any_value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = value.to_string().into_bytes();
        let index = at.index(bytes.len());
        bytes[index] = byte;
        if let Ok(text) = str::from_utf8(&bytes) {
            let _ = TortureL2AdapterConfig::from_str(text);
            let _ = AdapterSpec::from_text(text, &GlobalTypes::CONTEXT);
        }
    }

    #[test]
    fn without_an_environment_only_keys_that_it_may_supply_are_not_faults(value in any_value(), role in any::<bool>()) {
        let mut document = json!({"type": "torture", "storage": {"kind": "off"}, "anything": value});
        if role {
            document["role"] = "a".into();
        }
        let text = document.to_string();
        let faults = AdapterSpec::from_text(&text, &GlobalTypes::CONTEXT).expect_err("there is no token").faults;
        let (notes, faults): (Vec<_>, Vec<_>) =
            faults.into_iter().partition(|fault| fault.code == FaultCode::MissingEnvironment);
        let report = Report::of(Document::whole(text), "spec.json", 0, Target::Unknown(GlobalTypes::CONTEXT));
        prop_assert_eq!(report.value().is_some(), faults.is_empty());
        let value = report.value();
        let shown = value.as_ref().map(|map| (map.contains_key("token"), map.get("anything").unwrap_or(&Value::Null)));
        prop_assert!(shown.is_none_or(|shown| shown == (false, &document["anything"])));
        // Any string may look like a variable.
        let warnings = report.warnings.iter().filter(|warning| warning.item.code != WarningCode::Unexpanded);
        let noted: Vec<_> = warnings.map(|note| (note.item.pointer.clone(), note.item.code)).collect();
        let found: Vec<_> = report.faults.into_iter().map(|fault| fault.item).collect();
        prop_assert_eq!(found, faults);
        let expected: Vec<_> = notes.iter().map(|fault| (fault.pointer.clone(), WarningCode::Environment)).collect();
        prop_assert_eq!(noted, expected);
    }

    #[test]
    fn bytes_are_text_only_if_they_are_utf8(bytes in any::<Vec<u8>>()) {
        let is_text = str::from_utf8(&bytes).is_ok();
        let report = Report::of(Document::whole(bytes), "spec.json", 0, Target::Unknown(GlobalTypes::CONTEXT)).to_string();
        prop_assert_eq!(!report.contains("is not UTF-8") && !report.contains("is UTF-16"), is_text, "{}", report);
    }

    #[test]
    fn parsing_in_any_environment_returns(bytes in any::<Vec<u8>>()) {
        let lookup = |_: &str| Some(OsString::from_vec(bytes.clone()));
        let context = GlobalTypes::CONTEXT.with_environment(&lookup);
        let document = json!({"role": "a", "storage": {"kind": "off"}, "names": {"host": "h", "must": true, "shade": 1, "only": 1}});
        let Value::Object(document) = document else { return Ok(()) };
        if let Err(error) = TortureL2AdapterConfig::parse(&document, &context) {
            prop_assert!(error.faults.iter().all(|fault| ["/password", "/token", "/second_token", "/level", "/names/Key.With~0Odd~1Name"].contains(&fault.pointer.as_str())), "{}", error);
        }
    }
}

/// The text of secrets: letters that no message, key or other value has.
const SECRET: &str = "ЖЩЫ";

proptest! {
    #![proptest_config(config())]

    /// The secret may have any fault, or be another value in the place of a secret.
    #[test]
    fn no_fault_or_warning_shows_a_secret(around in any_value(), shape in 0_u8..8, in_environment in any::<bool>()) {
        let secret = match shape {
            0 => json!(SECRET),
            1 => json!([SECRET]),
            2 => json!({SECRET: SECRET}),
            3 => json!([around, {"a": [SECRET]}]),
            4 => json!(SECRET.repeat(3)),
            5 => json!(format!("{SECRET}{around}")),
            6 => json!({"password": SECRET}),
            _ => around,
        };
        let mut document = json!({"role": "a", "storage": {"kind": "off"}, "persist_enabled": true, "token": "token"});
        if !in_environment {
            document["token"] = secret.clone();
            document["password"] = secret.clone();
        }
        document["passwrod"] = secret.clone();
        let text = secret.as_str().map_or_else(|| secret.to_string(), str::to_owned);
        let is_secret = |name: &str| in_environment && matches!(name, "TORTURE_PASSWORD" | "TORTURE_TOKEN");
        let lookup = |name: &str| is_secret(name).then(|| text.clone().into());
        let context = GlobalTypes::CONTEXT.with_environment(&lookup);
        let object = document.as_object().unwrap();
        let error = TortureL2AdapterConfig::parse(object, &context).unwrap_err();
        let mut reported = format!("{error} {error:?} {}", serde_json::to_string(&error).unwrap());
        let mut without = object.clone();
        without.remove("passwrod");
        if let Ok(parsed) = TortureL2AdapterConfig::parse(&without, &context) {
            reported.push_str(&format!("{parsed:?} {} {:?}", Value::Object(parsed.value.to_dict()), parsed.warnings));
        }
        prop_assert!(!reported.contains(SECRET), "{}", reported);
    }
}

/// A document with a value that is too deep for any stack. It is never dropped, because dropping it would overflow the stack.
fn deep_document(mut document: Value, pointer: &str, wrap: impl Fn(Value) -> Value) -> ManuallyDrop<Value> {
    let deep = (0..DEEP).fold(Value::Null, |inner, _| wrap(inner));
    *document.pointer_mut(pointer).unwrap() = deep;
    ManuallyDrop::new(document)
}

fn object(key: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), value)]))
}

fn list(value: Value) -> Value {
    Value::Array(vec![value])
}

fn torture() -> Value {
    json!({
        "role": "a", "storage": {"kind": "off"}, "token": "t", "persist_enabled": true,
        "anything": null, "settings": {"a": null}, "tree": null, "inner": null, "lists": {"once": []},
    })
}

#[track_caller]
fn codes(document: &Value) -> Vec<FaultCode> {
    match TortureL2AdapterConfig::parse(document.as_object().unwrap(), &GlobalTypes::CONTEXT) {
        Ok(_) => Vec::new(),
        Err(error) => error.faults.iter().map(|fault| fault.code).collect(),
    }
}

#[test]
fn the_document_for_deep_values_is_valid() {
    assert_eq!(codes(&torture()), []);
}

#[test]
fn a_deep_value_of_a_free_form_key_is_refused() {
    for pointer in ["/anything", "/settings/a"] {
        assert_eq!(codes(&deep_document(torture(), pointer, list)), [FaultCode::Nesting]);
        assert_eq!(codes(&deep_document(torture(), pointer, |inner| object("a", inner))), [FaultCode::Nesting]);
    }
}

#[test]
fn a_deep_tree_of_sections_is_refused() {
    let in_list = |inner: Value| object("children", if inner.is_null() { json!([]) } else { list(inner) });
    assert_eq!(codes(&deep_document(torture(), "/tree", in_list)), [FaultCode::Nesting]);
    let in_map = |inner: Value| object("named", if inner.is_null() { inner } else { object("a", inner) });
    assert_eq!(codes(&deep_document(torture(), "/tree", in_map)), [FaultCode::Nesting]);
}

#[test]
fn a_deep_union_is_refused() {
    let chain = |inner: Value| {
        let places = if inner.is_null() { json!([]) } else { list(inner) };
        Value::Object(Map::from_iter([("kind".to_owned(), "chain".into()), ("places".to_owned(), places)]))
    };
    assert_eq!(codes(&deep_document(torture(), "/storage", chain)), [FaultCode::Nesting]);
}

#[test]
fn deep_specs_inside_specs_are_refused() {
    let spec = |inner: Value| {
        let mut spec =
            json!({"type": "torture", "role": "a", "storage": {"kind": "off"}, "token": "t", "persist_enabled": true});
        spec["inner"] = inner;
        spec
    };
    // The deepest spec that is read has two objects that are not read: its storage, and the spec inside it.
    assert_eq!(codes(&deep_document(torture(), "/inner", spec)), [FaultCode::Nesting, FaultCode::Nesting]);
}

#[test]
fn a_deep_value_of_the_wrong_type_is_one_fault() {
    let mut document = torture();
    document["low"] = Value::Null;
    assert_eq!(codes(&deep_document(document, "/low", list)), [FaultCode::WrongType]);
}

#[test]
fn a_deep_value_under_an_unknown_key_is_one_fault() {
    let mut document = torture();
    document["nothing_like_it"] = Value::Null;
    assert_eq!(codes(&deep_document(document, "/nothing_like_it", list)), [FaultCode::UnknownKey]);
}

#[test]
fn deep_items_that_must_be_unique_are_refused() {
    let mut document = torture();
    document["lists"]["once"] = json!([null, null]);
    let deep = || (0..DEEP).fold(Value::Null, |inner, _| list(inner));
    document["lists"]["once"][0] = deep();
    document["lists"]["once"][1] = deep();
    let document = ManuallyDrop::new(document);
    assert_eq!(codes(&document), [FaultCode::Nesting, FaultCode::Nesting]);
}

#[test]
fn a_deep_text_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{}null{}", open.repeat(DEEP), close.repeat(DEEP));
        let error = PdL2AdapterConfig::from_str(&text).unwrap_err();
        assert_eq!(error.faults.len(), 1, "{error}");
        assert!(matches!(error.faults[0].code, FaultCode::Syntax | FaultCode::Nesting), "{error}");
    }
}

#[test]
fn a_deep_text_that_is_cut_off_is_refused() {
    let error = PdL2AdapterConfig::from_str(&"[".repeat(DEEP)).unwrap_err();
    assert_eq!(error.faults.len(), 1, "{error}");
}

#[test]
fn the_deepest_accepted_value_round_trips() {
    let nested = |levels| (0..levels).fold(Value::Null, |inner, _| list(inner));
    let mut document = torture();
    document["anything"] = nested(NESTING_MAX);
    let config = TortureL2AdapterConfig::from_value(&document).unwrap();
    assert_eq!(config.to_dict_with_secrets()["anything"], document["anything"]);
    document["anything"] = nested(NESTING_MAX + 1);
    assert_eq!(codes(&document), [FaultCode::Nesting]);
}

#[test]
fn a_key_of_a_million_letters_is_not_repeated_in_the_message() {
    let key = "x".repeat(1_000_000);
    let error = MockL2AdapterConfig::from_value(&object(&key, Value::Null)).unwrap_err();
    let fault = error.faults.iter().find(|fault| fault.code == FaultCode::UnknownKey).unwrap();
    assert_eq!(fault.pointer, format!("/{key}"));
    assert!(fault.message.len() < 500, "{} bytes", fault.message.len());
}

#[test]
fn a_wrong_value_of_a_million_letters_is_not_repeated_in_the_message() {
    let text = "x".repeat(1_000_000);
    let error = PdL2AdapterConfig::from_value(&json!({"role": text, "buffer_size": text})).unwrap_err();
    for fault in &error.faults {
        assert!(fault.to_string().len() < 500, "{} bytes", fault.to_string().len());
    }
}

#[test]
fn a_number_of_a_hundred_thousand_digits_is_a_fault() {
    let digits = "9".repeat(100_000);
    for number in
        [digits.clone(), format!("-{digits}"), format!("{digits}.5"), format!("1e{digits}"), format!("1e-{digits}")]
    {
        for key in ["buffer_size", "proxy_port"] {
            let error = PdL2AdapterConfig::from_str(&format!("{{\"{key}\": {number}}}")).unwrap_err();
            for fault in &error.faults {
                assert!(fault.to_string().len() < 500, "{} bytes", fault.to_string().len());
            }
        }
        let text = format!("{{\"max_size_gb\": {number}, \"mock_bandwidth_gb\": 1}}");
        if let Ok(config) = MockL2AdapterConfig::from_str(&text) {
            assert!(config.max_size_gb.is_finite() && config.max_size_gb > 0.0);
        }
    }
}

#[test]
fn a_lone_surrogate_is_not_text() {
    for text in [r#"{"peer_host": "\ud800"}"#, r#"{"\udc00": 1}"#, r#"{"peer_host": "\ud800\u0041"}"#] {
        let error = PdL2AdapterConfig::from_str(text).unwrap_err();
        assert_eq!(error.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), [FaultCode::Syntax], "{text}");
    }
}

#[test]
fn a_key_repeated_a_thousand_times_is_reported_once() {
    let text = format!("{{{}}}", vec!["\"role\": \"sender\""; 1000].join(","));
    let error = PdL2AdapterConfig::from_str(&text).unwrap_err();
    let repeated = error.faults.iter().filter(|fault| fault.code == FaultCode::RepeatedKey).count();
    assert_eq!(repeated, 1);
}

#[test]
fn a_list_of_a_million_equal_items_is_compared_quickly() {
    let names = vec![Value::from("tcp"); 1_000_000];
    let document = json!({
        "role": "sender", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2], "nixl_backends": names,
    });
    let error = PdL2AdapterConfig::from_value(&document).unwrap_err();
    assert_eq!(error.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), [FaultCode::RepeatedItem]);
}

#[test]
fn a_list_of_a_hundred_thousand_warnings_is_read_without_comparing_each_with_all() {
    let ports = vec![json!(7100.0); 100_000];
    let document = json!({"role": "sender", "peer_host": "h", "peer_init_port": ports, "peer_alloc_port": [2]});
    let error = PdL2AdapterConfig::from_value(&document).unwrap_err();
    assert_eq!(error.warnings.len(), 100_000);
}

/// How many bytes a report may take for one byte of the document, in addition to a constant.
const AMPLIFICATION_MAX: usize = 16;
const REPORT_BYTES: usize = 32 << 20;

/// A document of about a million bytes: one key of half of them, and as many short ones below it.
fn long_key_above_many(inner: impl Fn(usize) -> (String, Value)) -> (Value, usize) {
    const BYTES: usize = 500_000;
    let mut document = torture();
    let map: Map<String, Value> = (0..BYTES / 12).map(inner).collect();
    document["tree"] = object("named", object(&"k".repeat(BYTES), Value::Object(map)));
    let bytes = document.to_string().len();
    (document, bytes)
}

/// Each fault has its own pointer, but the long key must not be repeated in all of them.
#[test]
fn faults_below_a_long_key_take_bounded_memory() {
    let (document, bytes) = long_key_above_many(|index| (format!("u{index:05}"), Value::Null));
    let error = TortureL2AdapterConfig::from_value(&document).unwrap_err();
    let reported: usize = error.faults.iter().map(|fault| fault.pointer.len() + fault.message.len()).sum();
    assert!(reported < AMPLIFICATION_MAX * bytes + REPORT_BYTES, "{} faults, {reported} bytes", error.faults.len());
    assert!(error.faults.iter().all(|fault| fault.code == FaultCode::UnknownKey));
}

#[test]
fn warnings_below_a_long_key_take_bounded_memory() {
    let values: Vec<Value> = vec![json!({"value": 1.0}); 30_000];
    let mut document = torture();
    let children: Vec<Value> = values.chunks(3).map(|chunk| json!({"children": chunk})).collect();
    let named: Map<String, Value> =
        children.into_iter().enumerate().map(|(index, node)| (index.to_string(), node)).collect();
    document["tree"] = object("named", object(&"k".repeat(500_000), object("named", Value::Object(named))));
    let bytes = document.to_string().len();
    let parsed = TortureL2AdapterConfig::parse(document.as_object().unwrap(), &GlobalTypes::CONTEXT).unwrap();
    let reported: usize = parsed.warnings.iter().map(|warning| warning.pointer.len() + warning.message.len()).sum();
    assert!(!parsed.warnings.is_empty());
    assert!(
        reported < AMPLIFICATION_MAX * bytes + REPORT_BYTES,
        "{} warnings, {reported} bytes",
        parsed.warnings.len()
    );
}

#[test]
fn a_thousand_faults_are_all_listed() {
    let document: Map<String, Value> = (0..1000).map(|index| (format!("unknown_{index}"), Value::Null)).collect();
    let error =
        TortureOpenL2AdapterConfig::from_value(&json!({"shared": true, "serde": {"type": "x"}, "eviction": document}))
            .unwrap_err();
    let unknown = error.faults.iter().filter(|fault| fault.code == FaultCode::UnknownKey).count();
    assert_eq!(unknown, 1000);
}
