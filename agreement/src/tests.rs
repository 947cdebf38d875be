//! The agreement tests detect schemas that are wrong in one place.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

#[path = "../tests/types/valid.rs"]
mod valid;

use l2_adapter::{adapters::pd_l2_adapter::PdL2AdapterConfig, registry};
use l2_adapter_schema::{AdapterEntry, FaultCode, Section, Table};
use serde_json::{Map, Value, json};

use super::{
    Failure,
    documents::Corpus,
    exhaustive::every_mistake,
    subject::{Outcome, Root, Subject},
};

/// Keywords that decide whether a document is accepted.
const ASSERTIONS: &str = "additionalProperties allOf anyOf const dependentSchemas else enum exclusiveMaximum \
                          exclusiveMinimum if items maxItems maxLength maxProperties maximum minItems minLength \
                          minProperties minimum multipleOf not pattern propertyNames required then type uniqueItems";

/// Assertions that repeat another one, each with its type; those of all types first: the types of objects whose schemas apply only to
/// objects, and that undeclared keys may have any value; the presence of a key that is required anyway, and `null` where another rule
/// refuses it.
const REPEATED: &[(&str, &str)] = &[
    ("", "/$defs/EvictionConfig/type"),
    ("", "/$defs/SerdeConfig/additionalProperties"),
    ("", "/$defs/SerdeConfig/type"),
    ("dax", "/allOf/1/if/not/properties/devices/not"),
    ("dax", "/allOf/2/if/not/properties/devices/not"),
    ("dax", "/allOf/3/if/not/properties/devices/not"),
    ("nixl_store", "/allOf/0/if/required"),
    ("pd", "/$defs/Timing/type"),
    ("plugin", "/allOf/0/if/required"),
    ("plugin", "/allOf/0/then/properties/adapter_params/if/type"),
];

/// Whether documents cannot show that an assertion of a schema is missing.
fn is_beyond_documents(key: &str, value: &Value, schema: &Map<String, Value>) -> bool {
    let ends = |pattern: &Value, end| pattern.as_str().is_some_and(|pattern| pattern.ends_with(end));
    match key {
        // A list of the values says more, and so does the type outside `not`, if it is not `null` too.
        "type" | "minimum" | "maximum" if schema.contains_key("enum") => true,
        "type" => schema.contains_key("pattern"),
        // A fault with the code `address` is beyond the schema; tests/language/addresses.rs tests these patterns.
        "pattern" => ends(value, "|[$<{`]|%[A-Za-z_][^%]*%"),
        // For Python, whose `$` overlooks a final line feed.
        "not" => ends(&value["pattern"], "\\n$"),
        _ => false,
    }
}

/// The places of all assertions in a schema, as JSON Pointers.
fn assertions(schema: &Value, pointer: &str, places: &mut Vec<String>) {
    match schema {
        Value::Object(entries) => {
            for (key, value) in entries {
                let place = format!("{pointer}/{key}");
                // The keys inside these two are names, not keywords.
                if matches!(key.as_str(), "properties" | "$defs" | "dependentSchemas") {
                    for (name, inner) in value.as_object().unwrap() {
                        assertions(inner, &format!("{place}/{name}"), places);
                    }
                    continue;
                }
                if !is_beyond_documents(key, value, entries) && ASSERTIONS.split(' ').any(|assertion| assertion == key)
                {
                    let before = places.len();
                    assertions(value, &place, places);
                    if key != "allOf" || places.len() > before {
                        places.push(place);
                    }
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| assertions(item, &format!("{pointer}/{index}"), places));
        }
        _ => {}
    }
}

/// The assertions without which the schema of a type would agree with the parser as well.
fn missed(root: Root, adapters: &[&'static Table]) -> Vec<String> {
    let schema = root.schema(adapters, None);
    let subject = |schema: &Value| Subject::new(root, adapters.to_vec(), None, schema).unwrap();
    let exported = subject(&schema);
    let own: Vec<&str> = exported.tables().into_iter().flat_map(Table::with_inner).map(|table| table.name).collect();
    let without = |place: String| {
        let (parent, keyword) = place.rsplit_once('/').unwrap();
        let mut changed = schema.clone();
        changed.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(keyword);
        (subject(&changed), place)
    };
    let mut places = Vec::new();
    assertions(&schema, "", &mut places);
    // Those of other types are tested there.
    let definition = |place: &str| Some(place.strip_prefix("/$defs/")?.split('/').next()?.to_owned());
    places.retain(|place| definition(place).is_none_or(|name| own.contains(&name.as_str())));
    let mut open: Vec<_> = places.into_iter().map(without).collect();
    let corpus = Corpus::new(&exported, &valid::documents(root.name()));
    every_mistake(&exported, &corpus, 0, |_, document| {
        let known_to_schema = |code| !FaultCode::BEYOND_SCHEMA.contains(&code);
        match exported.judge(&document, &[])? {
            Outcome::Accepted => open.retain(|(subject, _)| subject.schema_accepts(&document)),
            Outcome::Refused(error) if error.faults.iter().any(|fault| known_to_schema(fault.code)) => {
                open.retain(|(subject, _)| !subject.schema_accepts(&document));
            }
            _ => {}
        }
        Ok::<(), Failure>(())
    })
    .unwrap();
    // The order of keys is that of serde_json's map, which a feature of it changes.
    let mut missed: Vec<_> = open.into_iter().map(|(_, place)| place).collect();
    missed.sort();
    missed
}

#[test]
fn schemas_that_accept_everything_or_nothing_are_detected() {
    let finding = |schema| {
        let root = Root::Config(AdapterEntry::of::<PdL2AdapterConfig>());
        let subject = Subject::new(root, vec![PdL2AdapterConfig::table()], None, &schema).unwrap();
        let judge = |document| subject.judge(&document, &[]).map(drop);
        every_mistake(&subject, &Corpus::new(&subject, &[]), 0, |_, document| judge(document)).unwrap_err()
    };
    assert!(matches!(finding(json!(true)), Failure::OnlySchemaAccepts));
    assert!(matches!(finding(json!(false)), Failure::OnlyParserAccepts));
}

#[test]
fn every_missing_assertion_of_every_registered_type_is_detected() {
    let registry = registry::global().unwrap();
    for name in registry.names() {
        let mut missed = missed(Root::Config(registry.look_up(name).unwrap().entry()), &registry.tables());
        // A type without such a key lacks these.
        missed.retain(|place| !REPEATED.contains(&("", place)));
        let expected: Vec<&str> = REPEATED.iter().filter(|(of, _)| *of == name).map(|(_, place)| *place).collect();
        assert_eq!(missed, expected, "{name}");
    }
}
