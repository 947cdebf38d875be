//! The exported schema, for readers and for editors.

use std::collections::BTreeMap;

use l2_adapter_schema::{
    Field, Kind, Literal, Presence, Source, Table, editor_schema_of, editor_spec_schema, schema_of, spec_schema,
};
use serde_json::{Value, json};

use crate::fixture::{RETRY, SINK, STORE, adapters};

/// The schema as text with sorted keys, because serde_json's order depends on its features.
fn pretty(schema: &schemars::Schema) -> String {
    format!("{:#}", sorted(schema.as_value()))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entries: BTreeMap<_, _> = entries.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn schema_of_a_type_that_uses_the_whole_language() {
    insta::assert_snapshot!(pretty(&editor_schema_of(&STORE, &adapters(), None)));
}

#[test]
fn schema_of_a_section() {
    insta::assert_snapshot!(pretty(&editor_schema_of(&RETRY, &[], None)));
}

#[test]
fn schema_of_any_spec() {
    insta::assert_snapshot!(pretty(&editor_spec_schema(&[&SINK], "https://l2-adapter.example/0.1.0/spec.json", None)));
}

#[test]
fn unused_definitions_of_adapters_are_omitted() {
    let schema = editor_schema_of(&SINK, &adapters(), None);
    assert_eq!(schema.as_value().pointer("/$defs/l2_adapter"), None);
}

#[test]
fn two_tables_with_the_same_name_have_separate_definitions() {
    static LEFT: Table = Table::new("Same", "Left.", Source { file: "left.rs", line: 1 });
    static RIGHT: Table = Table::new("Same", "Right.", Source { file: "right.rs", line: 1 });
    static BOTH: Table = Table {
        fields: &[
            Field::new("left", "Left.", Kind::Section(|| &LEFT), Presence::Required),
            Field::new("right", "Right.", Kind::Section(|| &RIGHT), Presence::Required),
        ],
        ..Table::new("Both", "Two tables of one name.", LEFT.source)
    };
    let schema = editor_schema_of(&BOTH, &[], None);
    let described = |key: &str| {
        let reference = schema.as_value()["properties"][key]["$ref"].as_str().unwrap().trim_start_matches('#');
        schema.as_value().pointer(reference).unwrap()["$comment"].clone()
    };
    assert_eq!((described("left"), described("right")), (json!("Left."), json!("Right.")));
}

#[test]
fn one_table_at_two_addresses_has_one_definition() {
    // The two addresses of a constant table.
    fn copy() -> &'static Table {
        Box::leak(Box::new(Table {
            fields: Box::leak(Box::new([Field::new("again", "Itself.", Kind::Section(copy), Presence::Optional)])),
            ..Table::new("Copied", "A table that contains itself.", Source { file: "copied.rs", line: 1 })
        }))
    }
    let definitions = editor_schema_of(copy(), &[], None).as_value()["$defs"].clone();
    assert_eq!(definitions.as_object().unwrap().keys().collect::<Vec<_>>(), ["Copied"]);
}

#[test]
fn a_snippet_has_a_stop_for_each_value_and_escapes_special_characters() {
    static TABLE: Table = Table {
        adapter: Some("priced"),
        fields: &[
            Field {
                examples: &[Literal::String("${1:x}\\\"")],
                ..Field::new("price$", "A price.", Kind::String, Presence::Required)
            },
            Field::new("paid", "Whether it is paid.", Kind::Boolean, Presence::Required),
        ],
        ..Table::new("Priced", "A priced thing.", Source { file: "priced.rs", line: 1 })
    };
    let schema = editor_spec_schema(&[&TABLE], "urn:test", None);
    let text = schema.as_value()["defaultSnippets"][0]["bodyText"].as_str().unwrap();
    insta::assert_snapshot!(text);
}

/// A schema without the keywords that only editors know.
fn without_those_of_editors(schema: &Value) -> Value {
    const WORDS: [&str; 8] = [
        "defaultSnippets",
        "deprecationMessage",
        "doNotSuggest",
        "enumDescriptions",
        "errorMessage",
        "markdownDescription",
        "markdownEnumDescriptions",
        "patternErrorMessage",
    ];
    match schema {
        Value::Object(entries) => {
            let others = entries.iter().filter(|(key, _)| !key.starts_with("x-") && !WORDS.contains(&key.as_str()));
            others.map(|(key, value)| (key.clone(), without_those_of_editors(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_those_of_editors).collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn a_plain_schema_is_the_editors_schema_without_its_keywords() {
    for (plain, of_editors) in [
        (schema_of(&STORE, &adapters(), None), editor_schema_of(&STORE, &adapters(), None)),
        (spec_schema(&adapters(), "urn:test", None), editor_spec_schema(&adapters(), "urn:test", None)),
    ] {
        assert_eq!(pretty(&plain), format!("{:#}", sorted(&without_those_of_editors(of_editors.as_value()))));
    }
}

#[test]
fn a_list_of_specs_is_valid_if_its_specs_are() {
    let schema = spec_schema(&adapters(), "urn:test", None);
    let schema = jsonschema::draft202012::new(schema.as_value()).unwrap();
    let sink = json!({ "type": "sink", "persist_enabled": false });
    assert!(schema.is_valid(&json!([])));
    assert!(schema.is_valid(&json!([sink, sink])));
    assert!(!schema.is_valid(&json!([sink, { "type": "sink" }])));
    assert!(!schema.is_valid(&json!([[sink]])));
    assert!(!schema.is_valid(&json!(null)));
}

#[test]
fn a_broken_spec_has_one_error() {
    let schema = spec_schema(&adapters(), "urn:test", None);
    let schema = jsonschema::draft202012::new(schema.as_value()).unwrap();
    let broken = [
        json!({ "type": "sinc", "persist_enabled": false }),
        json!({ "persist_enabled": false }),
        json!({ "type": "sink", "persist_enabled": false, "affinity_tga": "x" }),
        json!({ "type": "sink", "persist_enabled": "no" }),
        json!(5),
    ];
    for document in broken {
        let errors: Vec<_> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.len() <= 2, "{document}: {errors:#?}");
    }
}
