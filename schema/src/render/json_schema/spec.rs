//! Objects whose tag selects the other keys: tagged unions, and adapter specs, whose `type` names a registered adapter type.

use l2_adapter_rules::Versions;
use schemars::Schema;
use serde_json::{Map, Value, json};

use super::{DIALECT, Definition, Definitions, Tag, annotation, condition, object, standard, value};
use crate::{
    kind::{UnionTable, UnionVariant},
    peer::Peer,
    render::{
        example::{Extent, entries},
        ordered_json::OrderedJson,
    },
    table::Table,
};

pub(super) const DOC: &str = "An L2 adapter spec: `type` chooses the adapter, and with it the other keys.";

/// The JSON Schema (2020-12) of one `--l2-adapter` object or an array of them, for the registered adapter types.
///
/// `id` becomes the schema's `$id`; it should carry a version, since registered types change. The schema has only keywords
/// that the standard defines. With a peer it is the schema of specs for that version; without one, keys and values of all versions
/// are accepted.
pub fn spec_schema(adapters: &[&'static Table], id: &str, peer: Option<&Peer<'_>>) -> Schema {
    standard(any_spec_schema(adapters, id, peer))
}

/// The same schema with the keywords that VS Code's JSON language service knows, and `x-` keywords for rules that a schema
/// cannot state.
pub fn editor_spec_schema(adapters: &[&'static Table], id: &str, peer: Option<&Peer<'_>>) -> Schema {
    Schema::from(any_spec_schema(adapters, id, peer))
}

fn any_spec_schema(adapters: &[&'static Table], id: &str, peer: Option<&Peer<'_>>) -> Map<String, Value> {
    let mut definitions = Definitions::new(adapters, peer);
    let spec = definitions.reference(Definition::AnySpec);
    let mut described = spec.clone();
    annotation::describe_object(&mut described, "L2 adapter", DOC);
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!(DIALECT));
    root.insert("$id".to_owned(), json!(id));
    root.extend(super::version_comment(peer));
    annotation::describe_object(&mut root, "--l2-adapter", "One L2 adapter spec, or a list of them.");
    root.insert("if".to_owned(), json!({ "type": "array" }));
    root.insert("then".to_owned(), json!({ "type": "array", "items": described }));
    root.insert("else".to_owned(), Value::Object(spec));
    // Editors look here for what to put into an empty file.
    root.insert("defaultSnippets".to_owned(), snippets(adapters));
    definitions.attach_to(&mut root);
    root
}

/// The `type` key of an adapter type's object.
pub(super) fn type_tag(name: &'static str) -> Tag {
    Tag { key: "type", name, doc: None }
}

/// An object of any registered type.
pub(super) fn any_spec(definitions: &mut Definitions<'_>) -> Map<String, Value> {
    let named: Vec<_> =
        definitions.adapters.iter().filter_map(|table| table.adapter.map(|name| (name, *table))).collect();
    if named.is_empty() {
        let mut schema = value::typed("object");
        let none = value::never("no adapter type is registered");
        schema.insert("properties".to_owned(), json!({ "type": none }));
        schema.insert("required".to_owned(), json!(["type"]));
        return schema;
    }
    let choice = |(name, table): (_, &'static Table)| {
        (name, table.doc, &Versions::ALL, Value::Object(definitions.reference(Definition::Adapter(table))))
    };
    let tag = Map::from_iter([("description".to_owned(), json!("The adapter type."))]);
    let mut schema = tagged("type", tag, named.into_iter().map(choice).collect());
    schema.insert("defaultSnippets".to_owned(), snippets(definitions.adapters));
    schema
}

/// A value of a tag, its documentation, the versions of the peer that have it, and the schema that it selects.
type Choice = (&'static str, &'static str, &'static Versions, Value);

/// The schema of a union.
pub(super) fn union(union: &'static UnionTable, definitions: &mut Definitions<'_>) -> Map<String, Value> {
    let variants = union.variants_in(definitions.peer);
    let choice = |variant: &'static UnionVariant| {
        let tag = Tag { key: union.tag, name: variant.name, doc: None };
        let then = match variant.table() {
            Some(table) => Value::Object(object::object(table, Some(tag), definitions)),
            None => json!({ "properties": { union.tag: { "const": variant.name } }, "additionalProperties": false }),
        };
        (variant.name, variant.doc, &variant.versions, then)
    };
    tagged(union.tag, Map::new(), variants.map(choice).collect())
}

/// An object whose tag selects the other keys. For an unknown tag that is the only message.
fn tagged(key: &str, mut tag: Map<String, Value>, choices: Vec<Choice>) -> Map<String, Value> {
    tag.insert("enum".to_owned(), choices.iter().map(|(name, ..)| *name).collect());
    annotation::say_allowed(&mut tag);
    annotation::describe_values(&mut tag, choices.iter().map(|(_, doc, versions, _)| (*doc, *versions)));
    let mut schema = value::typed("object");
    schema.insert("properties".to_owned(), json!({ key: tag }));
    schema.insert("required".to_owned(), json!([key]));
    let selected = |(name, _, _, then)| json!({ "if": condition::chosen(key, name), "then": then });
    schema.insert("allOf".to_owned(), choices.into_iter().map(selected).collect());
    schema
}

/// A minimal spec of each adapter type for editors to offer, in the syntax of their snippets: `${1:value}` is a place that the
/// cursor stops at. It is text instead of a JSON value, whose keys a reader may sort: `type` comes first.
fn snippets(adapters: &[&'static Table]) -> Value {
    let snippet = |table: &&'static Table| {
        let text = snippet(&OrderedJson::Object(entries(table, Extent::Minimal, None)));
        table.adapter.map(|name| json!({ "label": name, "description": table.summary(), "bodyText": text }))
    };
    adapters.iter().filter_map(snippet).collect()
}

fn snippet(spec: &OrderedJson) -> String {
    let mut scalars = 0;
    let mut write = |is_key: bool, literal: String| {
        scalars += usize::from(!is_key);
        // The first is the type, which chose the keys.
        if is_key || scalars == 1 { escaped(&literal) } else { replaceable(&literal, scalars - 1) }
    };
    spec.laid_out(Some("\t"), usize::MAX, &mut write, "\n")
}

/// A value to be replaced: the text between the quotes of a string, or any other value as a whole.
fn replaceable(literal: &str, stop: usize) -> String {
    match literal.strip_prefix('"').and_then(|literal| literal.strip_suffix('"')) {
        Some(text) => format!("\"${{{stop}:{}}}\"", escaped(text)),
        None => format!("${{{stop}:{literal}}}"),
    }
}

/// The text where its characters have no other meaning.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}
