//! Parser and schema agree on every small change of sound documents.

use jsonschema::Validator;
use l2_adapter_schema::{AdapterSpec, Context, Extent, Section, example, spec_schema};
use serde_json::{Value, json};

use crate::{
    fixture::{Adapters, Store, adapters},
    verdict::{Verdict::Accepted, settled},
};

/// Values of every JSON type, at the edges where parsers and schemas have been seen to part.
fn awkward_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.0),
        json!(-0.0),
        json!(1.5),
        json!(1e300),
        json!(1e-300),
        json!(255),
        json!(256),
        json!(65535),
        json!(65536),
        json!(4294967296_u64),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(9223372036854775808.0),
        json!(1.8446744073709552e19),
        json!(""),
        json!(" "),
        json!("x"),
        json!("x\n"),
        json!("\n"),
        json!("LRU"),
        json!("lru"),
        json!("sender"),
        json!("store"),
        json!("/x"),
        json!("x.y"),
        json!([]),
        json!([1]),
        json!([[]]),
        json!({}),
        json!({ "x.a": 1 }),
        json!({ "kind": "plain" }),
        json!({ "type": "sink" }),
        json!({ "name": "n" }),
        json!({ "pause": 1 }),
    ]
}

/// Calls `visit` with the document changed in one place, for every place and every awkward value, and with every place
/// taken away.
fn mutants(document: &Value, visit: &mut impl FnMut(&Value)) {
    let mut pointers = Vec::new();
    collect_pointers(document, String::new(), &mut pointers);
    for pointer in pointers {
        for value in awkward_values() {
            let mut mutant = document.clone();
            *mutant.pointer_mut(&pointer).unwrap() = value;
            visit(&mutant);
        }
        let Some((parent, key)) = pointer.rsplit_once('/') else { continue };
        let mut mutant = document.clone();
        match mutant.pointer_mut(parent) {
            Some(Value::Object(entries)) => drop(entries.remove(key)),
            Some(Value::Array(items)) => drop(items.pop()),
            _ => unreachable!("a place stands in an object or a list"),
        }
        visit(&mutant);
    }
}

fn collect_pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| collect_pointers(value, format!("{at}/{key}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| collect_pointers(value, format!("{at}/{index}"), found));
        }
        _ => {}
    }
    found.push(at);
}

#[test]
fn every_small_change_of_a_full_spec() {
    let schema = spec_schema(&adapters(), "urn:test");
    let schema = jsonschema::draft202012::new(schema.as_value()).unwrap();
    let context = Context::empty().with_adapters(&Adapters);
    let (mut accepted, mut refused) = (0, 0);
    let mut documents = vec![Value::Object(example(Store::table(), Extent::Full))];
    let minimal = Value::Object(example(Store::table(), Extent::Minimal));
    for key in ["timeout_ms", "deadline", "url", "unknown", "watermark", "host"] {
        let mut document = minimal.clone();
        document[key] = json!(1);
        documents.push(document);
    }
    for document in documents {
        mutants(&document, &mut |mutant| visit(mutant, &schema, &context, &mut accepted, &mut refused));
    }
    assert!(accepted > 300 && refused > 2000, "{accepted} accepted, {refused} refused: too few to mean anything");
}

fn visit(mutant: &Value, schema: &Validator, context: &Context<'_>, accepted: &mut usize, refused: &mut usize) {
    // An array is a list of specs to the schema, and no spec to this parser.
    if mutant.is_array() {
        return;
    }
    let parsed = AdapterSpec::from_value(mutant, context)
        .map(drop)
        .map_err(|error| error.faults.into_iter().map(|fault| (fault.code, fault.to_string())).collect());
    match settled(parsed, schema.is_valid(mutant), mutant) {
        Accepted => *accepted += 1,
        _ => *refused += 1,
    }
}
