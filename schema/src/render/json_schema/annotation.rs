//! Keywords that inform people but do not affect validation: descriptions, defaults, examples, deprecation.

use l2_adapter_rules::{Versions, one_of};
use serde_json::{Map, Value, json};

use crate::{
    literal::LiteralValue,
    render::{entry::Entry, example::shown_examples, lineage::shown_default, ordered_json::OrderedJson, words},
    table::Field,
};

pub(super) const ENUM_DESCRIPTIONS: &str = "enumDescriptions";
pub(super) const MARKDOWN_ENUM_DESCRIPTIONS: &str = "markdownEnumDescriptions";

/// Documents the values of an `enum`, in their order, each with the versions of the peer that have it.
pub(super) fn describe_values<'a>(
    schema: &mut Map<String, Value>,
    docs: impl Iterator<Item = (&'a str, &'a Versions)>,
) {
    let docs: Vec<String> = docs.map(|(doc, versions)| described(doc, versions)).collect();
    schema.insert(ENUM_DESCRIPTIONS.to_owned(), json!(docs));
    schema.insert(MARKDOWN_ENUM_DESCRIPTIONS.to_owned(), json!(docs));
}

/// Documentation, and which versions of the peer have what it is about.
fn described(doc: &str, versions: &Versions) -> String {
    words::paragraphs(doc).into_iter().chain(words::version_note(versions)).collect::<Vec<_>>().join("\n\n")
}

/// Adds the parser's message about the values of an `enum`, unless a rule has added one. It is the only message for any other
/// value; otherwise editors would also report its type.
pub(super) fn say_allowed(schema: &mut Map<String, Value>) {
    if let (Some(Value::Array(values)), None) = (schema.get("enum"), schema.get("errorMessage")) {
        let message = format!("must be {}", one_of(values.iter().map(Value::to_string)));
        schema.insert("errorMessage".to_owned(), json!(message));
    }
}

/// Documents an object.
pub(super) fn describe_object(schema: &mut Map<String, Value>, title: &str, doc: &str) {
    schema.insert("title".to_owned(), json!(title));
    describe(schema, doc);
}

pub(super) fn describe(schema: &mut Map<String, Value>, doc: &str) {
    let doc = words::paragraphs(doc).join("\n\n");
    if !doc.is_empty() {
        schema.insert("description".to_owned(), json!(doc));
        schema.insert("markdownDescription".to_owned(), json!(doc));
    }
}

/// Documents a key, whose facts are those of the entry. `hidden` means that it is inside a secret.
pub(super) fn describe_field(schema: &mut Map<String, Value>, field: &'static Field, entry: &Entry, hidden: bool) {
    schema.insert("description".to_owned(), json!(described(field.doc, &field.versions)));
    let mut markdown = vec![format!("{}.", words::markdown_escaped(&entry.headline()))];
    markdown.extend(words::paragraphs(field.doc));
    markdown.extend(entry.notes.iter().cloned());
    schema.insert("markdownDescription".to_owned(), json!(markdown.join("\n\n")));
    if field.secret {
        schema.insert("writeOnly".to_owned(), json!(true));
        schema.insert("x-secret".to_owned(), json!(true));
    }
    let examples = shown_examples(field, hidden);
    if !examples.is_empty() {
        schema.insert("examples".to_owned(), examples.iter().map(OrderedJson::to_value).collect());
    }
    schema.extend(shown_default(field, hidden).map(|default| ("default".to_owned(), default.to_value())));
    if let Some(reason) = field.deprecated {
        deprecate(schema, reason);
    }
    schema.extend(field.unit.map(|unit| ("x-unit".to_owned(), json!(unit.name()))));
    schema.extend(field.environment.map(|variable| ("x-environment".to_owned(), json!(variable))));
}

/// Marks a key that should not be used any more.
pub(super) fn deprecate(schema: &mut Map<String, Value>, reason: &str) {
    schema.insert("deprecated".to_owned(), json!(true));
    schema.insert("deprecationMessage".to_owned(), json!(reason));
    schema.insert("doNotSuggest".to_owned(), json!(true));
}
