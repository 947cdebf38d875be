//! `locate` and `locate_warnings` find lines and columns.

use l2_adapter_schema::{Fault, FaultCode, Position, Warning, WarningCode, locate, locate_warnings};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn a_fault_is_marked_where_its_cause_is_written() {
    use FaultCode::{
        ConflictingKeys, ForbiddenKey, Missing, OutOfRange, RepeatedKey, Rule, Syntax, UnknownKey, WrongType,
    };
    for (text, pointer, code, place, what) in [
        (r#"{"role": 5}"#, "/role", WrongType, (1, 10), "a wrong value at the value"),
        ("{\"ports\": [1,\n  70000]}", "/ports/1", OutOfRange, (2, 3), "an item of a list at the item"),
        (r#"{"a": {"prot" : 5}}"#, "/a/prot", UnknownKey, (1, 8), "an unknown key at the key"),
        ("{\n\"a\": 1}", "/a", ForbiddenKey, (2, 1), "a forbidden key at the key"),
        ("{\n\"a\": 1}", "/a", ConflictingKeys, (2, 1), "a conflicting key at the key"),
        (" {\"b\":\n {}}", "/role", Missing, (1, 2), "a missing key at the brace of its object"),
        (" {\"b\":\n {}}", "/b/c", Missing, (2, 2), "a missing key of an inner object at its brace"),
        ("{\"größe\": \"日本\", \"x\": 1}", "/x", WrongType, (1, 22), "columns count characters"),
        ("{\r\n\"x\": 1}", "/x", WrongType, (2, 6), "carriage returns do not end lines"),
        (r#"{"a\/b": {"~": {"\u0061": 1}}}"#, "/a~1b/~0/a", WrongType, (1, 27), "pointers and keys are unescaped"),
        (r#"{"a": "}\"{,:[", "b": 1}"#, "/b", WrongType, (1, 23), "brackets inside strings are skipped"),
        (r#"{"a": 1, "a": 2}"#, "/a", WrongType, (1, 15), "the last of repeated keys counts"),
        (r#"{"a": 1, "a": 2, "a": 3}"#, "/a", RepeatedKey, (1, 10), "a repeated key at the second one"),
        (r#"{"a": {"b": 1, "b": 2}, "a": {}}"#, "/a/b", RepeatedKey, (1, 16), "one inside an overwritten value too"),
        (r#"{"a": {"b": 1}, "a": {"c": 1}}"#, "/a/b", Missing, (1, 22), "parts of an overwritten value are not marked"),
        (r#"{"a": [1, 2]}"#, "/a/7/b", Rule, (1, 7), "what is not there at the value around it"),
        (r#"{"a": 1}"#, "/b", Rule, (1, 1), "what is not there at the document"),
        ("{\"ü\": 1,\n \"ö\" 2}", "", Syntax, (2, 6), "broken syntax where JSON ends"),
        ("{\"a\": ", "", Syntax, (1, 6), "an unfinished text at its end"),
        ("", "", Syntax, (1, 1), "an empty text at its beginning"),
    ] {
        let [position] = locate(text, &[Fault::new(pointer, code, "")])[..] else { panic!("one fault, one position") };
        assert_eq!((position.line, position.column), place, "{what}: {text}");
    }
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
