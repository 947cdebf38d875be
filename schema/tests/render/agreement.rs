//! What the parser accepts, the schema accepts; what the schema accepts and the parser refuses has a code that says why
//! no schema could have known.

use jsonschema::Validator;
use l2_adapter_schema::{Context, Section, parse, schema_of, spec_schema};
use serde_json::{Map, Value, json};

use crate::{
    fixture::{Adapters, Store, adapters},
    verdict::{
        Verdict::{self, Accepted, BeyondSchema, Refused},
        settled,
    },
};

struct Judge {
    schema: Validator,
}

impl Judge {
    fn new() -> Self {
        let schema = schema_of(Store::table(), &adapters());
        Self { schema: jsonschema::draft202012::new(schema.as_value()).unwrap() }
    }

    fn judge(&self, document: &Map<String, Value>) -> Verdict {
        let context = Context::empty().with_adapters(&Adapters);
        let parsed = parse::<Store>(document, &context)
            .map(drop)
            .map_err(|error| error.faults.into_iter().map(|fault| (fault.code, fault.to_string())).collect());
        settled(parsed, self.schema.is_valid(&Value::Object(document.clone())), &Value::Object(document.clone()))
    }
}

/// A sound document with some keys changed; a key set to `MISSING` is taken away.
fn store(changes: Value) -> Map<String, Value> {
    let mut document = json!({
        "role": "receiver", "host": "10.0.0.7", "ports": [7000], "password": "hunter2", "timeout": 5
    });
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (key, value) in changes {
        if value == json!(MISSING) {
            document.as_object_mut().unwrap().remove(&key);
        } else {
            document[key] = value;
        }
    }
    document.as_object().unwrap().clone()
}

const MISSING: &str = "(missing)";

fn each_is(verdict: Verdict, changes: impl IntoIterator<Item = Value>) {
    let judge = Judge::new();
    for change in changes {
        assert_eq!(judge.judge(&store(change.clone())), verdict, "{change}");
    }
}

/// The values of one key that are accepted and those that are refused.
fn key(name: &str, accepted: impl IntoIterator<Item = Value>, refused: impl IntoIterator<Item = Value>) {
    each_is(Accepted, accepted.into_iter().map(|value| json!({ name: value })));
    each_is(Refused, refused.into_iter().map(|value| json!({ name: value })));
}

#[test]
fn required_keys() {
    each_is(Accepted, [json!({})]);
    each_is(Refused, [json!({ "role": MISSING }), json!({ "host": MISSING }), json!({ "ports": MISSING })]);
}

#[test]
fn a_required_key_that_an_environment_variable_may_supply() {
    each_is(BeyondSchema, [json!({ "password": MISSING })]);
}

#[test]
fn type_names_this_type_or_is_absent() {
    key("type", [json!("store")], [json!("sink"), json!("Store"), json!(null), json!(["store"])]);
}

#[test]
fn choices() {
    key(
        "role",
        [json!("receiver")],
        [json!("Sender"), json!("sender\n"), json!("sender\u{0}"), json!(null), json!({ "sender": null })],
    );
    key(
        "policy",
        [json!("lru"), json!("LrU"), json!("NOOP"), json!(null)],
        [json!("lru\n"), json!("xlru"), json!(""), json!(1)],
    );
}

#[test]
fn integers() {
    let powers = [json!(4096), json!(8192.0), json!(1_u64 << 63)];
    let others =
        [json!(2048), json!(4097), json!(1.8446744073709552e19), json!(-4096), json!("4096"), json!(true), json!(null)];
    key("buffer_size", powers, others);
    key(
        "chunk_size",
        [json!(0), json!(512), json!(1_048_576.0), json!(null)],
        [json!(513), json!(1_049_088), json!(512.5), json!(-512)],
    );
    key("key_bits", [json!(128), json!(128.0)], [json!(129), json!("128"), json!(1e300)]);
    key("workers", [json!(0), json!(-0.0), json!(255)], [json!(256), json!(-1), json!(0.5)]);
}

#[test]
fn numbers() {
    key(
        "ratio",
        [json!(0), json!(0.999), json!(-0.0)],
        [json!(1), json!(1.0), json!(-0.001), json!("0.5"), json!(null)],
    );
    let retry = |pause: Value| json!({ "pause": pause });
    key("retry", [retry(json!(60.5)), retry(json!(1e-40))], [retry(json!(0)), retry(json!(60.6)), retry(json!(1e39))]);
}

#[test]
fn strings() {
    key(
        "host",
        [json!("a"), json!("a b"), json!("é\u{301}")],
        [
            json!(""),
            json!(" "),
            json!(" a"),
            json!("a\n"),
            json!("a\u{3000}"),
            json!("\u{1c}a"),
            json!("\u{85}"),
            json!(1),
            json!(null),
        ],
    );
    key(
        "directory",
        [json!("/"), json!("/a.b.c"), json!(format!("/{}", "é".repeat(39)))],
        [json!("a/"), json!("/a/../b"), json!(""), json!(format!("/{}", "é".repeat(40)))],
    );
    key(
        "name",
        [json!("abc"), json!(null)],
        [json!("ab"), json!("abc\n"), json!("Abc"), json!("a\u{0}bc"), json!("x".repeat(17))],
    );
    key("device", [json!("cpu"), json!(null)], [json!("CPU"), json!("cpu\n"), json!(["cpu"])]);
    key(
        "password",
        [json!("\u{1F511}\u{1F511}\u{1F511}\u{1F511}")],
        [json!("\u{1F511}\u{1F511}\u{1F511}"), json!(1234)],
    );
}

#[test]
fn lists_and_maps() {
    key(
        "ports",
        [json!([1]), json!([1, 2, 3, 65535])],
        [
            json!([]),
            json!([1, 1]),
            json!([1, 1.0]),
            json!([0]),
            json!([1, 2, 3, 4, 5]),
            json!(7300),
            json!("7300"),
            json!({ "0": 1 }),
        ],
    );
    key(
        "labels",
        [json!({}), json!({ "a": "b", "B": "" })],
        [
            json!({ "a1": "b" }),
            json!({ "a": "b " }),
            json!({ "a": "x|y" }),
            json!({ "a": "1$" }),
            json!({ "a": null }),
            json!({ "a": "", "b": "", "c": "" }),
            json!([]),
            json!(null),
        ],
    );
}

#[test]
fn sections_unions_and_recursion() {
    key(
        "retry",
        [json!(null), json!({ "pause": 1, "attempts": 9 })],
        [
            json!({}),
            json!({ "pause": 1, "attempts": 10 }),
            json!({ "pause": 1, "x": 1 }),
            json!({ "pause": 1, "forever": null }),
            json!([3, 1]),
        ],
    );
    key(
        "codec",
        [json!(null), json!({ "kind": "plain" }), json!({ "kind": "retry", "pause": 1 })],
        [
            json!({}),
            json!({ "kind": "Plain" }),
            json!({ "kind": null }),
            json!({ "kind": "plain", "pause": 1 }),
            json!({ "kind": "retry" }),
            json!({ "kind": "retry", "pause": 1, "y": 1 }),
            json!("plain"),
            json!({ "pause": 1 }),
        ],
    );
    let leaf = json!({ "name": "leaf" });
    key(
        "tree",
        [json!({ "name": "root", "children": [leaf, { "name": "b", "children": [leaf] }] })],
        [
            json!({ "name": "root", "children": [{ "name": " " }] }),
            json!({ "name": "root", "children": leaf }),
            json!({ "name": "root", "children": [{ "children": [] }] }),
        ],
    );
}

#[test]
fn undeclared_keys_have_rules_of_their_own() {
    key(
        "tuning",
        [json!({ "x.a": 9 }), json!({ "threads": 1, "x.b": null })],
        [
            json!({}),
            json!({ "threads": 1 }),
            json!({ "x.a": 10 }),
            json!({ "y": 1 }),
            json!({ "x.a": 1, "x.too-long": 1 }),
            json!({ "x.a": "1" }),
        ],
    );
}

#[test]
fn nested_adapter_specs() {
    let inner = Value::Object(store(json!({ "type": "store" })));
    let sink = json!({ "type": "sink", "persist_enabled": false });
    key(
        "next",
        [json!(null), sink.clone(), inner.clone(), Value::Object(store(json!({ "type": "store", "next": sink })))],
        [
            json!({}),
            json!({ "type": "nope" }),
            json!({ "type": "sink" }),
            json!({ "type": "sink", "persist_enabled": false, "x": 1 }),
            json!({ "type": 1 }),
            json!("sink"),
            json!({ "type": "sink", "persist_enabled": true }),
        ],
    );
}

#[test]
fn free_values() {
    key("free", [json!({}), json!({ "a": [null] }), json!(null)], [json!([]), json!(1)]);
    key("any", [json!({}), json!([1]), json!(null), json!(1e300)], []);
}

#[test]
fn aliases() {
    each_is(
        Accepted,
        [
            json!({ "timeout": MISSING, "timeout_ms": 5 }),
            json!({ "timeout": MISSING, "deadline": 5 }),
            json!({ "deadline": 5 }),
        ],
    );
    each_is(
        Refused,
        [
            json!({ "timeout": MISSING }),
            json!({ "timeout_ms": 5 }),
            json!({ "timeout": MISSING, "timeout_ms": 5, "deadline": 5 }),
            json!({ "deadline": -5 }),
            json!({ "timeout": MISSING, "timeout_ms": null }),
        ],
    );
}

#[test]
fn a_key_required_by_another() {
    each_is(Accepted, [json!({ "role": "sender", "proxy": "p" }), json!({ "proxy": "p" })]);
    each_is(
        Refused,
        [
            json!({ "role": "sender" }),
            json!({ "role": "sender", "proxy": null }),
            json!({ "key_bits": 256 }),
            json!({ "key_bits": 256.0 }),
        ],
    );
    each_is(Accepted, [json!({ "key_bits": 128 }), json!({ "key_bits": 256, "key_file": "k" })]);
}

#[test]
fn a_key_forbidden_by_another() {
    each_is(Accepted, [json!({ "policy": "Lru", "watermark": 5 }), json!({ "policy": "LRU" })]);
    each_is(
        Refused,
        [json!({ "watermark": 5 }), json!({ "watermark": null }), json!({ "policy": "noop", "watermark": 5 })],
    );
}

#[test]
fn shared_keys_and_the_rules_a_type_puts_on_them() {
    key("persist_enabled", [json!(true)], [json!(false), json!(null), json!(1)]);
    key("eviction", [json!(null), json!({ "pause": 1 })], [json!(false), json!({})]);
    let sink = |extra: Value| {
        let mut spec = json!({ "type": "sink", "persist_enabled": false });
        spec.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        spec
    };
    key("next", [sink(json!({ "eviction": null }))], [sink(json!({ "eviction": { "pause": 1 } }))]);
}

#[test]
fn forbidden_and_unknown_keys() {
    each_is(Refused, [json!({ "url": "x" }), json!({ "url": null }), json!({ "hots": "x" }), json!({ "": 1 })]);
}

#[test]
fn rules_over_several_fields_are_beyond_a_schema() {
    each_is(BeyondSchema, [json!({ "ports": [7] })]);
}

#[test]
fn a_list_of_specs_is_as_good_as_its_specs() {
    let schema = spec_schema(&adapters(), "urn:test");
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
    let schema = spec_schema(&adapters(), "urn:test");
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
