//! The schema of an object that is read by a table: its keys, what must be there, and that nothing else may be.

use l2_adapter_rules::{BothNames, Entries, Rule};
use serde_json::{Map, Value, json};

use super::{Definitions, Tag, annotation, condition, string, value};
use crate::{
    literal::LiteralValue,
    peer::{InVersion as _, Peer},
    render::{
        entry::Entry,
        lineage::{self, CommonField, CrossRules},
        words,
    },
    table::{Alias, CommonKeyDemand, CrossRule, Field, Presence, Rest, Table},
};

/// The schema of an object. `tag` is the key that chose the table.
pub(super) fn object(table: &'static Table, tag: Option<Tag>, definitions: &mut Definitions<'_>) -> Map<String, Value> {
    let mut parts = Parts::default();
    if let Some(tag) = tag {
        parts.add_tag(tag);
    }
    for table in table.lineage() {
        for field in table.fields {
            if parts.lacks(field, definitions.peer) {
                continue;
            }
            parts.add_field(field, &Entry::of(field, definitions.hidden), definitions);
            parts.assertions.extend(condition::conditions(table, field));
            parts.assertions.extend(condition::nested_spec(field, definitions));
        }
    }
    for common in lineage::common_fields(table, definitions.peer) {
        if !parts.lacks(common.field, definitions.peer) {
            parts.add_common(&common, definitions);
        }
    }
    for forbidden in lineage::forbidden(table) {
        parts.properties.insert(forbidden.key.to_owned(), value::never(forbidden.reason));
    }

    let mut schema = value::typed("object");
    match table.rest() {
        Some(rest) => parts.add_rest(rest, &mut schema, definitions),
        None => {
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
    }
    parts.finish(&mut schema);
    // The rules that a schema cannot check, in words.
    for CrossRules { keyword, rules, .. } in lineage::cross_rules(table, definitions.peer) {
        let words = |rule: &&'static CrossRule| {
            let doc = words::in_versions(rule.doc, &rule.versions);
            json!({ "name": rule.name, "description": doc, "keys": rule.reads })
        };
        schema.insert(keyword.to_owned(), rules.iter().map(words).collect());
    }
    schema
}

/// The schema of an object while it is put together.
#[derive(Default)]
struct Parts {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
    /// Schemas that apply where a key is there, by that key.
    dependent: Map<String, Value>,
    /// Members of `allOf`.
    assertions: Vec<Value>,
}

impl Parts {
    fn add_tag(&mut self, tag: Tag) {
        let mut schema = Map::from_iter([("const".to_owned(), json!(tag.name))]);
        if let Some(doc) = tag.doc {
            schema.insert("description".to_owned(), json!(words::paragraphs(doc).join("\n\n")));
        }
        self.properties.insert(tag.key.to_owned(), Value::Object(schema));
    }

    /// Whether a version of the peer lacks a field. Then none of its names may be there.
    fn lacks(&mut self, field: &'static Field, peer: Option<&Peer<'_>>) -> bool {
        let Some(peer) = peer.filter(|_| !peer.has(&field.versions)) else { return false };
        let reason = peer.lacks_key(&field.versions);
        let refused = field.names().map(|name| (name.to_owned(), value::never(&reason)));
        self.properties.extend(refused);
        true
    }

    fn add_field(&mut self, field: &'static Field, entry: &Entry, definitions: &mut Definitions<'_>) {
        let plain = definitions.inside(field.secret, |inside| value::value(field.kind, field.rules, inside));
        for alias in field.aliases {
            self.add_alias(field, alias, &plain);
        }
        let mut schema = plain;
        annotation::describe_field(&mut schema, field, entry, definitions.hidden);
        self.properties.insert(field.key.to_owned(), Value::Object(schema));
        // An environment variable may supply a required key, so no document is refused without it.
        if matches!(field.presence, Presence::Required) && field.environment.is_none() {
            match field.aliases {
                [] => self.required.push(field.key),
                _ => self.assertions.push(condition::given(field)),
            }
        }
    }

    fn add_alias(&mut self, field: &'static Field, alias: &Alias, plain: &Map<String, Value>) {
        let mut schema = plain.clone();
        let what = if alias.legacy { "Old name" } else { "Another name" };
        schema.insert(
            "description".to_owned(),
            json!(format!("{what} of `{}`: {}", field.key, crate::summary(field.doc))),
        );
        if alias.legacy {
            annotation::deprecate(&mut schema, &format!("Write `{}`.", field.key));
        } else if let Some(reason) = field.deprecated {
            annotation::deprecate(&mut schema, reason);
        }
        self.properties.insert(alias.key.to_owned(), Value::Object(schema));
        if alias.both == BothNames::Refused {
            let message = format!("is another name of `{}`: give only one of them", alias.key);
            let others = field.names().filter(|name| *name != alias.key);
            let refused: Map<_, _> = others.map(|name| (name.to_owned(), value::never(&message))).collect();
            self.dependent.insert(alias.key.to_owned(), json!({ "properties": refused }));
        }
    }

    fn add_common(&mut self, common: &CommonField, definitions: &mut Definitions<'_>) {
        let entry = Entry::of_common(common);
        if common.forbidden() {
            let mut schema = value::never(&format!("Not allowed here. {}", entry.notes.join(" ")));
            if common.field.kind.accepts_null() {
                schema["not"] = json!({ "not": { "type": "null" } });
            }
            self.properties.insert(common.field.key.to_owned(), schema);
            return;
        }
        self.add_field(common.field, &entry, definitions);
        let Some(Value::Object(schema)) = self.properties.get_mut(common.field.key) else { return };
        for rule in &common.demands {
            let CommonKeyDemand::Allowed(values) = rule.demand else { continue };
            let values: Value = values.iter().map(|value| value.to_value()).collect();
            if schema.contains_key("enum") {
                self.assertions.push(json!({ "properties": { rule.key: { "enum": values } } }));
            } else {
                schema.insert("enum".to_owned(), values);
                annotation::say_allowed(schema);
            }
        }
        if common.required() {
            schema.remove("default");
            if !self.required.contains(&common.field.key) {
                self.required.push(common.field.key);
            }
        }
    }

    /// Undeclared keys. `propertyNames` and the counts of a schema look at declared keys too, which rules on the rest do not:
    /// declared names are excluded, and "at least one" is expressed as "not all names are declared". Other counts can only be
    /// approached from the accepting side.
    fn add_rest(&mut self, rest: &Rest, schema: &mut Map<String, Value>, definitions: &mut Definitions<'_>) {
        let mut values = value::value(rest.kind, Entries::of(rest.rules).each, definitions);
        values.insert("description".to_owned(), json!(words::paragraphs(rest.doc).join("\n\n")));
        if rest.secret {
            values.insert("writeOnly".to_owned(), json!(true));
            values.insert("x-secret".to_owned(), json!(true));
        }
        schema.insert("additionalProperties".to_owned(), Value::Object(values));
        let names = string::constraints(Entries::of(rest.rules).keys);
        if self.properties.is_empty() {
            if !names.is_empty() {
                schema.insert("propertyNames".to_owned(), Value::Object(names));
            }
            value::add_counts(schema, "minProperties", "maxProperties", rest.rules);
            return;
        }
        let declared: Vec<&String> = self.properties.keys().collect();
        if !names.is_empty() {
            let undeclared = json!({ "not": { "enum": declared } });
            schema.insert("propertyNames".to_owned(), json!({ "if": undeclared, "then": names }));
        }
        let Entries { min_items, max_items, .. } = Entries::of(rest.rules);
        if min_items > 0 {
            let only_declared = json!({ "propertyNames": { "enum": declared } });
            let message = Rule::MinItems(min_items).demand();
            self.assertions.push(json!({ "not": only_declared, "errorMessage": message }));
        }
        schema.extend((min_items > 1).then(|| ("minProperties".to_owned(), json!(min_items))));
        let all_max = max_items.saturating_add(declared.len());
        schema.extend((max_items < usize::MAX).then(|| ("maxProperties".to_owned(), json!(all_max))));
    }

    fn finish(self, schema: &mut Map<String, Value>) {
        schema.insert("properties".to_owned(), Value::Object(self.properties));
        if !self.required.is_empty() {
            schema.insert("required".to_owned(), json!(self.required));
        }
        if !self.dependent.is_empty() {
            schema.insert("dependentSchemas".to_owned(), Value::Object(self.dependent));
        }
        if !self.assertions.is_empty() {
            schema.insert("allOf".to_owned(), Value::Array(self.assertions));
        }
    }
}
