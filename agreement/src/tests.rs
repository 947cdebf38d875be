//! The agreement tests detect schemas that are wrong in one place.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

use l2_adapter_schema::{AdapterEntry, Section};
use serde_json::{Value, json};

use super::{
    Agreement, Failure,
    subject::{Root, Subject},
};
use l2_adapter::adapters::pd_l2_adapter::PdL2AdapterConfig;

/// Keywords that decide whether a document is accepted.
const ASSERTIONS: &str = "additionalProperties allOf anyOf const dependentSchemas else enum exclusiveMaximum \
                          exclusiveMinimum if items maxItems maxLength maxProperties maximum minItems minLength \
                          minProperties minimum multipleOf not pattern propertyNames required then type uniqueItems";

/// Assertions that repeat another one, for editors: the type next to a list of names, the type of an object whose schema applies
/// only to objects, and that undeclared keys may have any value. Also those on addresses: a fault with the code `address` is beyond
/// the schema; tests/language/addresses.rs tests their patterns.
const REPEATED: &[&str] = &[
    "/$defs/EvictionConfig/properties/eviction_policy/type",
    "/$defs/EvictionConfig/type",
    "/$defs/SerdeConfig/additionalProperties",
    "/$defs/SerdeConfig/type",
    "/$defs/Timing/type",
    "/properties/buffer_device/type",
    "/properties/listen_host/allOf/0/type",
    "/properties/listen_host/allOf/1/pattern",
    "/properties/listen_host/allOf/1/type",
    "/properties/listen_host/allOf/2/not",
    "/properties/listen_host/type",
    "/properties/peer_host/allOf/0/type",
    "/properties/peer_host/allOf/1/pattern",
    "/properties/peer_host/allOf/1/type",
    "/properties/peer_host/allOf/2/not",
    "/properties/peer_host/allOf/2/not/type",
    "/properties/peer_host/type",
    "/properties/proxy_host/allOf/0/pattern",
    "/properties/proxy_host/allOf/0/type",
    "/properties/proxy_host/allOf/1/not",
    "/properties/proxy_host/allOf/1/not/type",
    "/properties/proxy_host/type",
    "/properties/proxy_protocol/type",
    "/properties/role/type",
    "/properties/transfer_channel/type",
];

const PD: Root = Root::Config(AdapterEntry::of::<PdL2AdapterConfig>());

fn pd_schema() -> Value {
    PD.schema(&[PdL2AdapterConfig::table()], None)
}

/// The disagreements found with this schema instead of the exported one.
fn finding(schema: &Value) -> Option<Failure> {
    let subject = Subject::new(PD, vec![PdL2AdapterConfig::table()], None, schema).unwrap();
    let agreement = Agreement::of::<PdL2AdapterConfig>().documents(2_000);
    let found = agreement.probe_on(&subject).err().or_else(|| agreement.run_on(&subject).err());
    found.map(|disagreement| disagreement.failure)
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
                if ASSERTIONS.split(' ').any(|assertion| assertion == key) {
                    places.push(place.clone());
                    assertions(value, &place, places);
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| assertions(item, &format!("{pointer}/{index}"), places));
        }
        _ => {}
    }
}

#[test]
fn schemas_that_accept_everything_or_nothing_are_detected() {
    assert!(matches!(finding(&json!(true)), Some(Failure::OnlySchemaAccepts)));
    assert!(matches!(finding(&json!(false)), Some(Failure::OnlyParserAccepts)));
}

#[test]
fn every_missing_assertion_is_detected() {
    let schema = pd_schema();
    let mut places = Vec::new();
    assertions(&schema, "", &mut places);
    let mut missed: Vec<String> = places
        .into_iter()
        .filter(|place| {
            let (parent, keyword) = place.rsplit_once('/').unwrap();
            let mut changed = schema.clone();
            changed.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(keyword);
            finding(&changed).is_none()
        })
        .collect();
    // The order of keys is that of serde_json's map, which a feature of it changes.
    missed.sort();
    assert_eq!(missed, REPEATED);
}
