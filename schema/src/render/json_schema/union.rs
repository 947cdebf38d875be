//! The schema of a tagged union.

use serde_json::{Map, Value, json};

use super::{Definitions, Tag, annotation, condition, object, value};
use crate::{
    kind::{UnionTable, UnionVariant},
    peer::InVersion as _,
};

/// An object whose tag selects the other keys. For an unknown tag that is the only message.
pub(super) fn union(union: &'static UnionTable, definitions: &mut Definitions<'_>) -> Map<String, Value> {
    let mut tag = Map::new();
    let peer = definitions.peer;
    let variants: Vec<_> = union.variants.iter().filter(|variant| peer.has(&variant.versions)).collect();
    tag.insert("enum".to_owned(), variants.iter().map(|variant| variant.name).collect());
    annotation::say_allowed(&mut tag);
    annotation::describe_values(&mut tag, variants.iter().map(|variant| (variant.doc, &variant.versions)));
    let mut choices = Vec::new();
    for variant in variants {
        let chosen = condition::chosen(union.tag, variant.name);
        choices.push(json!({ "if": chosen, "then": variant_object(union, variant, definitions) }));
    }
    let mut schema = value::typed("object");
    schema.insert("properties".to_owned(), json!({ union.tag: tag }));
    schema.insert("required".to_owned(), json!([union.tag]));
    schema.insert("allOf".to_owned(), Value::Array(choices));
    schema
}

fn variant_object(union: &UnionTable, variant: &UnionVariant, definitions: &mut Definitions<'_>) -> Value {
    let tag = Tag { key: union.tag, name: variant.name, doc: None };
    match variant.table {
        Some(table) => Value::Object(object::object(table(), Some(tag), definitions)),
        None => json!({ "properties": { union.tag: { "const": variant.name } }, "additionalProperties": false }),
    }
}
