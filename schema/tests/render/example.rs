//! Examples. tests/whole_table.rs tests that parsers accept them.

use l2_adapter_schema::{Extent, Field, Kind, Literal, Presence, Rule, Table, example};
use serde_json::{Value, json};

use crate::HERE;

/// The value in the minimal example of a required key with this kind and these rules.
fn shown(kind: Kind, rules: &[Rule]) -> Option<Value> {
    let rules = Box::leak(rules.to_vec().into_boxed_slice());
    let field = Field { rules, ..Field::new("key", "A key.", kind, Presence::Required) };
    let table = Table { fields: Box::leak(Box::new([field])), ..Table::new("Shown", "A table.", HERE) };
    example(Box::leak(Box::new(table)), Extent::Minimal).remove("key")
}

#[test]
fn a_key_without_examples_has_its_obvious_value_or_none() {
    static ALLOWED: [Literal; 2] = [Literal::String("cpu"), Literal::String("cuda")];
    static PORT: Kind = Kind::Integer { min: 0, max: 65535 };
    static ONE_ALLOWED: [Rule; 1] = [Rule::Allowed(&ALLOWED)];
    let cases: [(Kind, &[Rule], Option<Value>); 12] = [
        (Kind::Boolean, &[], Some(json!(true))),
        (PORT, &[Rule::MultipleOf(512)], Some(json!(512))),
        (Kind::Number { max: f64::MAX }, &[Rule::Max(Literal::Float(0.5))], Some(json!(0.5))),
        (Kind::String, &[Rule::Allowed(&ALLOWED)], Some(json!("cpu"))),
        (Kind::String, &[Rule::Prefix("s3")], None),
        (Kind::Path, &[], None),
        (Kind::List(&PORT), &[Rule::MinItems(1)], Some(json!([1]))),
        (Kind::List(&PORT), &[Rule::MinItems(2)], None),
        (Kind::List(&Kind::String), &[Rule::Each(&ONE_ALLOWED)], Some(json!(["cpu"]))),
        (Kind::List(&Kind::String), &[], None),
        (Kind::Map(&PORT), &[], None),
        (Kind::AdapterSpec, &[], None),
    ];
    for (kind, rules, expected) in cases {
        assert_eq!(shown(kind, rules), expected, "{kind:?} {rules:?}");
    }
}
