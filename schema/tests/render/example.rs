//! Examples, and the values that are made for them. That parsers accept them is shown by tests/whole_table.rs.

use l2_adapter_schema::{Bound, Extent, Field, Kind, Literal, Pattern, Presence, Rule, Table, example, example_text};
use serde_json::Value;

use crate::fixture::STORE;

#[test]
fn minimal_has_the_required_keys() {
    insta::assert_snapshot!(example_text(&STORE, Extent::Minimal));
}

#[test]
fn full_has_every_key() {
    insta::assert_snapshot!(example_text(&STORE, Extent::Full));
}

static HEX: Pattern = Pattern::new("^[0-9a-f]{8}$");
static URL: Pattern = Pattern::new("://[a-z]+\\.example$");

/// A value made for a required key with this kind and these rules.
fn made(kind: Kind, rules: &[Rule]) -> Value {
    let rules = Box::leak(rules.to_vec().into_boxed_slice());
    let field = Field { rules, ..Field::new("key", "A key.", kind, Presence::Required) };
    let table = Table { fields: Box::leak(Box::new([field])), ..Table::new("Made", "A table.", STORE.source) };
    example(Box::leak(Box::new(table)), Extent::Minimal).remove("key").unwrap()
}

const ANY_INTEGER: Kind = Kind::Integer { min: i64::MIN as i128, max: i64::MAX as i128 };

#[test]
fn an_integer_is_a_multiple_within_its_range() {
    let rules = &[Rule::Min(Bound::Integer(1000)), Rule::MultipleOf(512), Rule::MultipleOf(3)];
    assert_eq!(made(ANY_INTEGER, rules), 1536);
}

#[test]
fn a_negative_integer_keeps_its_upper_bound() {
    assert_eq!(made(ANY_INTEGER, &[Rule::Below(Bound::Integer(-10)), Rule::MultipleOf(4)]), -12);
}

#[test]
fn a_power_of_two_is_the_least_in_range() {
    assert_eq!(made(ANY_INTEGER, &[Rule::Above(Bound::Integer(4096)), Rule::PowerOfTwo]), 8192);
}

#[test]
fn a_number_lies_between_open_bounds() {
    let value =
        made(Kind::Number { max: f64::MAX }, &[Rule::Above(Bound::Float(2.5)), Rule::Below(Bound::Float(2.75))]);
    assert_eq!(value, 2.625);
}

#[test]
fn a_string_matches_an_anchored_pattern() {
    assert_eq!(made(Kind::Text, &[Rule::Pattern(&HEX)]), "aaaaaaaa");
}

#[test]
fn a_string_has_its_prefix_and_matches_its_pattern() {
    assert_eq!(made(Kind::Text, &[Rule::Prefix("s3"), Rule::Pattern(&URL)]), "s3://a.example");
}

#[test]
fn a_string_is_as_long_as_it_must_be() {
    assert_eq!(made(Kind::Text, &[Rule::MinLength(12)]), "your-keyaaaa");
}

#[test]
fn a_string_is_no_longer_than_it_may_be() {
    assert_eq!(made(Kind::Text, &[Rule::MaxLength(4)]), "your");
}

#[test]
fn a_string_avoids_what_it_must_not_contain() {
    assert_eq!(made(Kind::Text, &[Rule::MustNotContain("your")]), "xa");
}

#[test]
fn the_items_of_a_list_differ_where_they_must() {
    static EACH: [Rule; 1] = [Rule::Pattern(&HEX)];
    static PORT: Kind = Kind::Integer { min: 0, max: 65535 };
    assert_eq!(made(Kind::List(&PORT), &[Rule::MinItems(3), Rule::Unique]), serde_json::json!([1, 2, 3]));
    assert_eq!(
        made(Kind::List(&Kind::Text), &[Rule::MinItems(2), Rule::Unique, Rule::Each(&EACH)]),
        serde_json::json!(["aaaaaaaa", "baaaaaaa"])
    );
}

#[test]
fn an_allowed_value_keeps_the_other_rules() {
    static ALLOWED: [Literal; 3] = [Literal::Integer(1), Literal::Integer(64), Literal::Integer(128)];
    assert_eq!(made(ANY_INTEGER, &[Rule::Allowed(&ALLOWED), Rule::Above(Bound::Integer(64))]), 128);
}

#[test]
fn a_table_that_contains_itself_is_not_repeated() {
    let full = example(&STORE, Extent::Full);
    assert_eq!(full["tree"], serde_json::json!({ "name": "your-name" }));
}

#[test]
fn text_has_the_type_first_and_the_keys_as_the_table_has_them() {
    let text = example_text(&STORE, Extent::Minimal);
    let keys: Vec<_> = text.lines().filter_map(|line| line.trim().split('"').nth(1)).collect();
    assert_eq!(keys, ["type", "host", "role", "ports", "password", "timeout", "proxy"]);
}

#[test]
fn text_is_the_same_document() {
    for extent in [Extent::Minimal, Extent::Full] {
        let text: Value = serde_json::from_str(&example_text(&STORE, extent)).unwrap();
        assert_eq!(text, Value::Object(example(&STORE, extent)));
    }
}
