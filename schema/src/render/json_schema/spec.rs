//! The schema of adapter specs: objects whose `type` names a registered adapter type.

use l2_adapter_rules::Versions;
use schemars::Schema;
use serde_json::{Map, Value, json};

use super::{DIALECT, Definition, Definitions, Tag, annotation, snippet, standard, union, value};
use crate::{peer::Peer, table::Table};

pub(super) const DOC: &str = "An L2 adapter spec: `type` chooses the adapter, and with it the other keys.";

/// The JSON Schema (2020-12) of one `--l2-adapter` object or an array of them, for the registered adapter types.
///
/// `id` becomes the schema's `$id`; it should carry a version, since registered types change. The schema has only keywords
/// that the standard defines. With a peer it is the schema of specs for that version; without one, keys and values of all versions
/// are accepted.
pub fn spec_schema(adapters: &[&'static Table], id: &str, peer: Option<&Peer<'_>>) -> Schema {
    Schema::from(standard::standard(any_spec_schema(adapters, id, peer)))
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
    root.insert("defaultSnippets".to_owned(), snippet::snippets(adapters));
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
    let mut schema = union::tagged("type", tag, named.into_iter().map(choice).collect());
    schema.insert("defaultSnippets".to_owned(), snippet::snippets(definitions.adapters));
    schema
}
