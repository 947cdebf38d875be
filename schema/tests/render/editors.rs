//! Schemas of tables that share a name or an address, and snippets.

use l2_adapter_schema::{Field, Kind, Literal, Presence, Table, editor_schema_of, editor_spec_schema};
use serde_json::json;

use crate::HERE;

#[test]
fn two_tables_with_the_same_name_have_separate_definitions() {
    static LEFT: Table = Table::new("Same", "Left.", HERE);
    static RIGHT: Table = Table::new("Same", "Right.", HERE);
    static BOTH: Table = Table {
        fields: &[
            Field::new("left", "Left.", Kind::Section(|| &LEFT), Presence::Required),
            Field::new("right", "Right.", Kind::Section(|| &RIGHT), Presence::Required),
        ],
        ..Table::new("Both", "Two tables of one name.", HERE)
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
            ..Table::new("Copied", "A table that contains itself.", HERE)
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
        ..Table::new("Priced", "A priced thing.", HERE)
    };
    let schema = editor_spec_schema(&[&TABLE], "urn:test", None);
    let text = schema.as_value()["defaultSnippets"][0]["bodyText"].as_str().unwrap();
    insta::assert_snapshot!(text);
}
