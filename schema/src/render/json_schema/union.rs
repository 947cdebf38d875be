//! Objects whose tag selects the other keys: tagged unions, and adapter specs.

use l2_adapter_rules::Versions;
use serde_json::{Map, Value, json};

use super::{Definitions, Tag, annotation, condition, object, value};
use crate::kind::{UnionTable, UnionVariant};

/// A value of a tag, its documentation, the versions of the peer that have it, and the schema that it selects.
pub(super) type Choice = (&'static str, &'static str, &'static Versions, Value);

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
pub(super) fn tagged(key: &str, mut tag: Map<String, Value>, choices: Vec<Choice>) -> Map<String, Value> {
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
