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
fn every_schema_is_a_2020_12_schema() {
    let schemas = [
        schema_of(&STORE, &adapters(), None),
        editor_schema_of(&STORE, &adapters(), None),
        spec_schema(&adapters(), "urn:test", None),
        editor_spec_schema(&adapters(), "urn:test", None),
        spec_schema(&[], "urn:none", None),
    ];
    for schema in schemas {
        assert!(jsonschema::draft202012::meta::is_valid(schema.as_value()), "{}", pretty(&schema));
    }
}

#[test]
fn every_reference_has_a_definition() {
    let schema = editor_spec_schema(&adapters(), "urn:test", None);
    let mut references = Vec::new();
    collect_references(schema.as_value(), &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(schema.as_value().pointer(pointer).is_some(), "{reference}");
    }
}

fn collect_references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(entries) => {
            found.extend(entries.get("$ref").and_then(Value::as_str).map(str::to_owned));
            entries.values().for_each(|schema| collect_references(schema, found));
        }
        Value::Array(items) => items.iter().for_each(|schema| collect_references(schema, found)),
        _ => {}
    }
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

#[test]
fn a_secret_is_write_only_and_shows_no_value() {
    let schema = editor_schema_of(&STORE, &[], None);
    let password = schema.as_value().pointer("/properties/password").unwrap();
    assert_eq!(password["writeOnly"], json!(true));
    assert_eq!((password.get("default"), password.get("examples")), (None, None));
}

#[test]
fn a_computed_default_is_not_in_the_schema() {
    let schema = editor_schema_of(&STORE, &[], None);
    let workers = schema.as_value().pointer("/properties/workers").unwrap();
    assert_eq!(workers.get("default"), None);
    assert!(workers["markdownDescription"].as_str().unwrap().contains("the number of CPUs"));
}

#[test]
fn the_bounds_of_64_bits_are_exact() {
    let schema = editor_schema_of(&STORE, &[], None).as_value().to_string();
    assert!(schema.contains("\"maximum\":18446744073709551615"), "{schema}");
}

#[test]
fn a_plain_schema_is_the_editors_schema_without_its_keywords() {
    let plain = schema_of(&STORE, &adapters(), None);
    insta::assert_snapshot!(pretty(&plain));
    let text = plain.as_value().to_string();
    for keyword in ["markdown", "errorMessage", "ErrorMessage", "nippets", "doNotSuggest", "deprecationMessage", "x-"] {
        assert!(!text.contains(&format!("\"{keyword}")) && !text.contains(&format!("{keyword}\":")), "{keyword}");
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
