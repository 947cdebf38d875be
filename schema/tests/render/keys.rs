//! Parser and schema agree on which keys may stand together: every combination of names, conditions and defaults.

use std::collections::BTreeMap;

use l2_adapter_schema::{
    Alias, BothNames, Condition, ConditionEffect, ConfigValue, Context, FaultCode, Field, Kind, Literal, Presence,
    Rest, Rule, Section, Table, parse, schema_of,
};
use serde_json::{Map, Value, json};

use crate::fixture::{Policy, STORE, section};

const NAMES: &[Alias] = &[
    Alias { key: "name_1", both: BothNames::KeyWins, legacy: false },
    Alias { key: "name_2", both: BothNames::Refused, legacy: true },
    Alias { key: "name_3", both: BothNames::Refused, legacy: false },
];

const fn condition(effect: ConditionEffect, other: &'static str, values: &'static [Literal]) -> Condition {
    Condition { effect, other, values, reason: "" }
}

static NAMED: Table = Table {
    fields: &[Field { aliases: NAMES, ..Field::new("name", "A name.", <u8 as ConfigValue>::KIND, Presence::Required) }],
    ..Table::new("Named", "A key of four names.", STORE.source)
};
section!(Named by NAMED { name: u8 });

static CONDITIONAL: Table = Table {
    fields: &[
        Field::new(
            "mode",
            "A choice with a default.",
            <Policy as ConfigValue>::KIND,
            Presence::Default(Literal::Text("LRU")),
        ),
        Field::new("flag", "An option.", <Option<bool> as ConfigValue>::KIND, Presence::Optional),
        Field {
            environment: Some("WANTED"),
            aliases: &[Alias { key: "wanted_1", both: BothNames::KeyWins, legacy: false }],
            conditions: &[condition(ConditionEffect::RequiredIf, "mode", &[Literal::Text("lru")])],
            ..Field::new("wanted", "Needed by default.", <Option<u8> as ConfigValue>::KIND, Presence::Optional)
        },
        Field {
            aliases: &[Alias { key: "barred_1", both: BothNames::AliasWins, legacy: false }],
            conditions: &[condition(ConditionEffect::ForbiddenUnless, "mode", &[Literal::Text("noop"), Literal::Null])],
            ..Field::new(
                "barred",
                "Refused by default.",
                <u8 as ConfigValue>::KIND,
                Presence::Default(Literal::Integer(1)),
            )
        },
        Field {
            conditions: &[
                condition(ConditionEffect::RequiredIf, "flag", &[Literal::Bool(true)]),
                condition(ConditionEffect::ForbiddenUnless, "flag", &[Literal::Bool(true), Literal::Null]),
            ],
            ..Field::new("both", "Needed, allowed or refused.", <Option<u8> as ConfigValue>::KIND, Presence::Optional)
        },
    ],
    ..Table::new("Conditional", "Keys that depend on others.", STORE.source)
};
section!(Conditional by CONDITIONAL {
    mode: Policy,
    flag: Option<bool>,
    wanted: Option<u8>,
    barred: u8,
    both: Option<u8>,
});

static OPEN: Table = Table {
    rest: Some(Rest {
        doc: "Anything.",
        kind: Kind::Optional(&<u8 as ConfigValue>::KIND),
        rules: &[Rule::MinItems(2), Rule::MaxItems(3), Rule::Keys(&[Rule::MaxLength(1)])],
        secret: true,
    }),
    ..Table::new("Open", "No key is declared.", STORE.source)
};
section!(Open by OPEN {} rest others: Option<u8>);

/// Every document that takes one of the listed values, or none, for each key.
fn combinations(keys: &[(&str, &[Value])]) -> Vec<Map<String, Value>> {
    let mut documents = vec![Map::new()];
    for (key, values) in keys {
        let with = |document: &Map<String, Value>, value: &Value| {
            let mut document = document.clone();
            document.insert((*key).to_owned(), value.clone());
            document
        };
        let more: Vec<_> = documents
            .iter()
            .flat_map(|document| values.iter().map(|value| with(document, value)).collect::<Vec<_>>())
            .collect();
        documents.extend(more);
    }
    documents
}

fn agree<T: Section>(documents: Vec<Map<String, Value>>) {
    let schema = schema_of(T::table(), &[]);
    let validator = jsonschema::draft202012::new(schema.as_value()).unwrap();
    let mut verdicts: BTreeMap<bool, usize> = BTreeMap::new();
    for document in documents {
        let faults = parse::<T>(&document, &Context::empty()).err().map(|error| error.faults).unwrap_or_default();
        let document = Value::Object(document);
        let valid = validator.is_valid(&document);
        assert_eq!(faults.is_empty(), valid, "{document}: {faults:#?}\n{:#}", schema.as_value());
        assert!(!faults.iter().any(|fault| FaultCode::BEYOND_SCHEMA.contains(&fault.code)), "{faults:#?}");
        *verdicts.entry(valid).or_default() += 1;
    }
    assert_eq!(verdicts.len(), 2, "one verdict only: {verdicts:?}");
}

#[test]
fn four_names_of_one_key() {
    let values: &[Value] = &[json!(1), json!(-1)];
    agree::<Named>(combinations(&[("name", values), ("name_1", values), ("name_2", values), ("name_3", values)]));
}

#[test]
fn keys_that_depend_on_others() {
    agree::<Conditional>(combinations(&[
        ("mode", &[json!("lru"), json!("NoOp"), json!(null), json!("other")]),
        ("flag", &[json!(true), json!(false), json!(null)]),
        ("wanted", &[json!(1), json!(null)]),
        ("wanted_1", &[json!(1)]),
        ("barred", &[json!(1)]),
        ("barred_1", &[json!(1), json!(null)]),
        ("both", &[json!(1), json!(null)]),
    ]));
}

#[test]
fn keys_that_nobody_declared() {
    let values: &[Value] = &[json!(1), json!(null), json!("1")];
    agree::<Open>(combinations(&[("a", values), ("b", values), ("cc", values), ("", values), ("é", values)]));
}
