//! The schema of one value: its kind, narrowed by rules. Rules that do not apply to the kind have no effect, as in the parser.

use l2_adapter_rules::{Entries, Rule};
use serde_json::{Map, Value, json};

use super::{Definition, Definitions, annotation, number, spec, string};
use crate::{
    kind::{ChoiceTable, Kind},
    peer::Peer,
    render::lineage::Shape,
};

/// The schema of a value.
pub(super) fn value(kind: Kind, rules: &[Rule], definitions: &mut Definitions<'_>) -> Map<String, Value> {
    let mut schema = shape(kind, rules, definitions);
    annotation::say_allowed(&mut schema);
    schema
}

fn shape(kind: Kind, rules: &[Rule], definitions: &mut Definitions<'_>) -> Map<String, Value> {
    match kind {
        Kind::Boolean => typed("boolean"),
        Kind::Integer { min, max } => number::integer(min, max, rules),
        Kind::Number { max } => number::number(max, rules),
        Kind::String | Kind::Path => string::text(rules),
        Kind::Choice(choices) => choice(choices, definitions.peer),
        Kind::List(item) => {
            let mut schema = typed("array");
            add_counts(&mut schema, "minItems", "maxItems", rules);
            if rules.iter().any(|rule| matches!(rule, Rule::Unique)) {
                schema.insert("uniqueItems".to_owned(), Value::Bool(true));
            }
            schema.insert("items".to_owned(), entry(*item, rules, definitions));
            schema
        }
        Kind::Map(inner) => {
            let mut schema = typed("object");
            add_counts(&mut schema, "minProperties", "maxProperties", rules);
            let names = string::constraints(Entries::of(rules).keys);
            if !names.is_empty() {
                schema.insert("propertyNames".to_owned(), Value::Object(names));
            }
            schema.insert("additionalProperties".to_owned(), entry(*inner, rules, definitions));
            schema
        }
        Kind::Section(table) => definitions.reference(Definition::Nested(Shape::Table(table()))),
        Kind::Union(union) => definitions.reference(Definition::Nested(Shape::Union(union()))),
        Kind::AdapterSpec => definitions.reference(Definition::AnySpec),
        Kind::FreeObject => typed("object"),
        Kind::Anything => Map::new(),
        Kind::Optional(inner) => or_null(shape(inner.unwrap_optional(), rules, definitions)),
    }
}

/// The schema of an item of a list or a value of a map, which no key documents.
fn entry(kind: Kind, rules: &[Rule], definitions: &mut Definitions<'_>) -> Value {
    let mut schema = value(kind, Entries::of(rules).each, definitions);
    let doc = match kind.unwrap_optional() {
        Kind::Section(table) => table().doc,
        Kind::Union(union) => union().doc,
        Kind::AdapterSpec => spec::DOC,
        _ => "",
    };
    annotation::describe(&mut schema, doc);
    Value::Object(schema)
}

/// A schema that requires one JSON type.
pub(super) fn typed(name: &str) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!(name))])
}

/// A schema that no value meets, with the reason in the words editors show.
pub(super) fn never(reason: &str) -> Value {
    json!({ "not": {}, "description": reason, "errorMessage": reason, "doNotSuggest": true })
}

/// Adds the tightest counts of the rules.
pub(super) fn add_counts(schema: &mut Map<String, Value>, min_keyword: &str, max_keyword: &str, rules: &[Rule]) {
    let Entries { min_items, max_items, .. } = Entries::of(rules);
    schema.extend((min_items > 0).then(|| (min_keyword.to_owned(), json!(min_items))));
    schema.extend((max_items < usize::MAX).then(|| (max_keyword.to_owned(), json!(max_items))));
}

fn choice(choices: &'static ChoiceTable, peer: Option<&Peer<'_>>) -> Map<String, Value> {
    let names = || choices.variants_in(peer).map(|choice| choice.name);
    let mut listed = Map::from_iter([("enum".to_owned(), names().collect())]);
    let docs = choices.variants_in(peer).map(|choice| (choice.doc, &choice.versions));
    annotation::describe_values(&mut listed, docs);
    let mut schema = typed("string");
    if choices.ignore_case {
        // The list is for editors, which complete from it; the pattern accepts it too. The type is required once, or editors
        // report it twice.
        let mut named = string::ignoring_case(names());
        named.as_object_mut().map(|named| named.remove("type"));
        schema.insert("anyOf".to_owned(), json!([listed, named]));
    } else {
        schema.extend(listed);
    }
    schema
}

/// The schema, or `null`. Every keyword made in this module but `type`, `enum` and `$ref` lets `null` pass.
fn or_null(mut schema: Map<String, Value>) -> Map<String, Value> {
    if schema.contains_key("$ref") {
        // `anyOf` would make editors report the mistakes of both alternatives.
        let optional = json!({ "type": ["object", "null"], "if": { "type": "object" }, "then": schema });
        return if let Value::Object(optional) = optional { optional } else { Map::new() };
    }
    if let Some(Value::String(name)) = schema.get("type") {
        let types = json!([name, "null"]);
        schema.insert("type".to_owned(), types);
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
        for keyword in [annotation::ENUM_DESCRIPTIONS, annotation::MARKDOWN_ENUM_DESCRIPTIONS] {
            if let Some(Value::Array(descriptions)) = schema.get_mut(keyword) {
                descriptions.push(json!("The same as leaving the key out."));
            }
        }
    }
    schema
}
