//! `locate` and `locate_warnings` find lines and columns.

use l2_adapter_schema::{Fault, FaultCode, Position, Warning, WarningCode, locate, locate_warnings};
use proptest::prelude::*;
use serde_json::{Value, json};

fn at(text: &str, pointer: &str, code: FaultCode) -> (usize, usize) {
    let [position] = locate(text, &[Fault::new(pointer, code, "")])[..] else { panic!("one fault, one position") };
    (position.line, position.column)
}

#[test]
fn a_wrong_value_is_marked_at_the_value() {
    assert_eq!(at(r#"{"role": 5}"#, "/role", FaultCode::WrongType), (1, 10));
}

#[test]
fn an_item_of_a_list_is_marked_at_the_item() {
    assert_eq!(at("{\"ports\": [1,\n  70000]}", "/ports/1", FaultCode::OutOfRange), (2, 3));
}

#[test]
fn an_unknown_key_is_marked_at_the_key() {
    assert_eq!(at(r#"{"a": {"prot" : 5}}"#, "/a/prot", FaultCode::UnknownKey), (1, 8));
}

#[test]
fn forbidden_and_conflicting_keys_are_marked_at_the_key() {
    for code in [FaultCode::ForbiddenKey, FaultCode::ConflictingKeys] {
        assert_eq!(at("{\n\"a\": 1}", "/a", code), (2, 1), "{code}");
    }
}

#[test]
fn a_missing_key_is_marked_at_the_brace_of_its_object() {
    let text = " {\"eviction\":\n {}}";
    assert_eq!(at(text, "/role", FaultCode::Missing), (1, 2));
    assert_eq!(at(text, "/eviction/eviction_policy", FaultCode::Missing), (2, 2));
}

#[test]
fn columns_count_characters() {
    assert_eq!(at("{\"größe\": \"日本\", \"x\": 1}", "/x", FaultCode::WrongType), (1, 22));
}

#[test]
fn carriage_returns_do_not_end_lines() {
    assert_eq!(at("{\r\n\"x\": 1}", "/x", FaultCode::WrongType), (2, 6));
}

#[test]
fn pointers_and_keys_are_unescaped() {
    assert_eq!(at(r#"{"a\/b": {"~": {"\u0061": 1}}}"#, "/a~1b/~0/a", FaultCode::WrongType), (1, 27));
}

#[test]
fn braces_and_quotes_inside_strings_are_skipped() {
    assert_eq!(at(r#"{"a": "}\"{,:[", "b": 1}"#, "/b", FaultCode::WrongType), (1, 23));
}

#[test]
fn the_last_of_repeated_keys_is_marked() {
    assert_eq!(at(r#"{"a": 1, "a": 2}"#, "/a", FaultCode::WrongType), (1, 15));
}

#[test]
fn the_second_of_repeated_keys_is_marked_as_repeated() {
    assert_eq!(at(r#"{"a": 1, "a": 2, "a": 3}"#, "/a", FaultCode::RepeatedKey), (1, 10));
}

#[test]
fn a_key_repeated_where_a_later_value_wins_is_still_marked() {
    assert_eq!(at(r#"{"a": {"b": 1, "b": 2}, "a": {}}"#, "/a/b", FaultCode::RepeatedKey), (1, 16));
}

#[test]
fn parts_of_an_overwritten_value_are_not_marked() {
    assert_eq!(at(r#"{"a": {"b": 1}, "a": {"c": 1}}"#, "/a/b", FaultCode::Missing), (1, 22));
}

#[test]
fn a_pointer_to_nothing_falls_back_to_the_value_around_it() {
    assert_eq!(at(r#"{"a": [1, 2]}"#, "/a/7/b", FaultCode::Rule), (1, 7));
    assert_eq!(at(r#"{"a": 1}"#, "/b", FaultCode::Rule), (1, 1));
}

#[test]
fn broken_syntax_is_marked_where_json_ends() {
    assert_eq!(at("{\"ü\": 1,\n \"ö\" 2}", "", FaultCode::Syntax), (2, 6));
    assert_eq!(at("{\"a\": ", "", FaultCode::Syntax), (1, 6));
    assert_eq!(at("", "", FaultCode::Syntax), (1, 1));
}

#[test]
fn legacy_names_are_marked_at_the_key_and_other_warnings_at_the_value() {
    let text = r#"{"old": 1.0}"#;
    let column = |code| locate_warnings(text, &[Warning::new("/old", code, "")])[0].column;
    assert_eq!([column(WarningCode::LegacyKey), column(WarningCode::DeprecatedKey)], [2, 2]);
    assert_eq!([column(WarningCode::IntegralFloat), column(WarningCode::Advice)], [9, 9]);
}

/// Small documents with the keys that are hardest for pointers.
fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let keys = prop_oneof!["[a-c]", "[/~\"\\\\üé\n]{0,3}", "[01]"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn pointers(value: &Value, prefix: &str, into: &mut Vec<String>) {
    into.push(prefix.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{prefix}/{index}"), into);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                pointers(value, &format!("{prefix}/{}", key.replace('~', "~0").replace('/', "~1")), into);
            }
        }
        _ => {}
    }
}

/// The rest of a text from a position on.
fn rest(text: &str, position: Position) -> &str {
    let line = text.split_inclusive('\n').take(position.line - 1).map(str::len).sum::<usize>();
    let column = text[line..].char_indices().nth(position.column - 1).map_or(text.len() - line, |(offset, _)| offset);
    &text[line + column..]
}

proptest! {
    #[test]
    fn every_value_is_located_in_the_text(document in documents(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) }.unwrap();
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        let faults: Vec<_> = all.iter().map(|pointer| Fault::new(pointer, FaultCode::WrongType, "")).collect();
        for (pointer, position) in all.iter().zip(locate(&text, &faults)) {
            let mut values = serde_json::Deserializer::from_str(rest(&text, position)).into_iter::<Value>();
            let found = values.next().unwrap().unwrap();
            prop_assert_eq!(&found, document.pointer(pointer).unwrap(), "{}", pointer);
        }
    }

    #[test]
    fn every_position_is_inside_the_text(text in "[\\[\\]{}\":,\\\\a1 ü\n]{0,40}", pointer in "[/~01a\"]{0,8}") {
        let codes = FaultCode::ALL.iter().map(|code| Fault::new(pointer.clone(), *code, "")).collect::<Vec<_>>();
        for position in locate(&text, &codes) {
            prop_assert!(position.line >= 1 && position.column >= 1);
            prop_assert!(position.line <= text.matches('\n').count() + 1);
        }
    }
}
