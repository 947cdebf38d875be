//! JSON Schema 2020-12 of config types.
//!
//! The law of this module: the schema accepts every document that the parser accepts with an empty environment; what the schema
//! accepts and the parser refuses is refused with a code of [`FaultCode::BEYOND_SCHEMA`](crate::FaultCode) only.
//!
//! Objects are closed with `additionalProperties`, and a type or variant is chosen by `if` and `then` instead of `oneOf`:
//! editors then mark one place for one mistake and offer the keys of the chosen type only.
//!
//! ```text
//! spec              objects whose tag selects the other keys: adapter specs, with snippets for editors, and unions
//! object            objects read by a table
//! condition         keys that other keys require or forbid
//! value             one value: its kind and rules
//! number, string    numbers; strings and patterns
//! annotation        keywords without effect on validation
//! ```

mod annotation;
mod condition;
mod number;
mod object;
mod spec;
mod string;
mod value;

pub use spec::{editor_spec_schema, spec_schema};

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::{lineage::Shape, words};
use crate::{peer::Peer, table::Table};

/// The dialect of every schema made here.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The JSON Schema (2020-12) of one config type standing alone: its `type` key may be absent.
///
/// `adapters` holds the tables of all registered adapter types. They go into `$defs` only where the type contains a
/// nested adapter spec. It has only keywords that the standard defines. With a peer it is the schema of documents for that version;
/// without one, keys and values of all versions are accepted.
pub fn schema_of(table: &'static Table, adapters: &[&'static Table], peer: Option<&Peer<'_>>) -> Schema {
    standard(type_schema(table, adapters, peer))
}

/// The same schema with the keywords that VS Code's JSON language service knows, and `x-` keywords for rules that a schema
/// cannot state.
pub fn editor_schema_of(table: &'static Table, adapters: &[&'static Table], peer: Option<&Peer<'_>>) -> Schema {
    Schema::from(type_schema(table, adapters, peer))
}

fn type_schema(table: &'static Table, adapters: &[&'static Table], peer: Option<&Peer<'_>>) -> Map<String, Value> {
    let mut definitions = Definitions::new(adapters, peer);
    let tag = table.adapter.map(|name| Tag { key: "type", name, doc: Some(table.doc) });
    let mut root = object::object(table, tag, &mut definitions);
    annotation::describe_object(&mut root, table.adapter.unwrap_or(table.name), table.doc);
    root.insert("$schema".to_owned(), Value::from(DIALECT));
    root.extend(version_comment(peer));
    definitions.attach_to(&mut root);
    root
}

/// Which version of the peer a schema is for.
fn version_comment(peer: Option<&Peer<'_>>) -> Option<(String, Value)> {
    peer.map(|peer| ("$comment".to_owned(), json!(format!("For {peer}."))))
}

/// The key that selected a table, as a property of the selected object. The selecting schema requires the key; the object does
/// not, because editors would report a missing key twice.
#[derive(Clone, Copy)]
struct Tag {
    key: &'static str,
    name: &'static str,
    doc: Option<&'static str>,
}

/// What an entry of `$defs` describes.
#[derive(Clone, Copy)]
enum Definition {
    Nested(Shape),
    Adapter(&'static Table),
    AnySpec,
}

impl Definition {
    fn is(&self, other: &Definition) -> bool {
        match (self, other) {
            (Definition::Nested(left), Definition::Nested(right)) => left.is(*right),
            (Definition::Adapter(left), Definition::Adapter(right)) => Shape::Table(left).is(Shape::Table(right)),
            (Definition::AnySpec, Definition::AnySpec) => true,
            _ => false,
        }
    }

    fn named(&self) -> (&'static str, &'static str) {
        match self {
            Definition::Nested(shape) => shape.named(),
            Definition::Adapter(table) => (table.adapter.unwrap_or(table.name), table.doc),
            Definition::AnySpec => ("l2_adapter", spec::DOC),
        }
    }
}

/// The entries of `$defs`, made when they are first referred to.
struct Definitions<'a> {
    adapters: &'a [&'static Table],
    peer: Option<&'a Peer<'a>>,
    entries: Vec<Entry>,
    /// Whether the described value is inside a secret: then no default and no example is shown.
    hidden: bool,
}

struct Entry {
    definition: Definition,
    hidden: bool,
    name: String,
    schema: Map<String, Value>,
}

impl<'a> Definitions<'a> {
    fn new(adapters: &'a [&'static Table], peer: Option<&'a Peer<'a>>) -> Self {
        Self { adapters, peer, entries: Vec::new(), hidden: false }
    }

    /// Describes the value of a key that is secret, or not.
    fn inside<T>(&mut self, secret: bool, describe: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.hidden;
        self.hidden |= secret;
        let described = describe(self);
        self.hidden = outer;
        described
    }

    /// A schema that refers to the entry of `definition`.
    fn reference(&mut self, definition: Definition) -> Map<String, Value> {
        let known =
            self.entries.iter().position(|entry| entry.hidden == self.hidden && entry.definition.is(&definition));
        let index = known.unwrap_or_else(|| self.define(definition));
        Map::from_iter([("$ref".to_owned(), json!(format!("#/$defs/{}", self.entries[index].name)))])
    }

    fn define(&mut self, definition: Definition) -> usize {
        let index = self.entries.len();
        let (name, doc) = definition.named();
        let name = self.free_name(name);
        // The entry is added before its schema is built, so that a recursive table refers to it.
        self.entries.push(Entry { definition, hidden: self.hidden, name, schema: Map::new() });
        let schema = match definition {
            Definition::Nested(Shape::Table(table)) => object::object(table, None, self),
            Definition::Nested(Shape::Union(union)) => spec::union(union, self),
            Definition::Adapter(table) => object::object(table, table.adapter.map(spec::type_tag), self),
            Definition::AnySpec => spec::any_spec(self),
        };
        self.entries[index].schema = schema;
        // No description: next to a `$ref` an editor would show it instead of the key's own description.
        self.entries[index].schema.insert("$comment".to_owned(), json!(words::paragraphs(doc).join("\n\n")));
        index
    }

    /// A name that no entry has, of characters that need no escapes in a URI fragment and a JSON Pointer. Two structs may have
    /// one Rust name.
    fn free_name(&self, wanted: &str) -> String {
        let plain =
            |character: char| if character.is_ascii_alphanumeric() || character == '-' { character } else { '_' };
        let wanted: String = wanted.chars().map(plain).collect();
        let numbered = (2_usize..).map(|number| format!("{wanted}_{number}"));
        let is_free = |name: &String| self.entries.iter().all(|entry| entry.name != *name);
        std::iter::once(wanted.clone()).chain(numbered).find(is_free).unwrap_or_default()
    }

    fn attach_to(self, root: &mut Map<String, Value>) {
        if !self.entries.is_empty() {
            let entries = self.entries.into_iter().map(|entry| (entry.name, Value::Object(entry.schema)));
            root.insert("$defs".to_owned(), Value::Object(entries.collect()));
        }
    }
}

/// Keywords of VS Code's JSON language service.
const EDITOR_KEYWORDS: &[&str] = &[
    "defaultSnippets",
    "deprecationMessage",
    "doNotSuggest",
    "enumDescriptions",
    "errorMessage",
    "markdownDescription",
    "markdownEnumDescriptions",
    "patternErrorMessage",
];

/// The part of a schema that the standard defines. Keywords of editors and our own `x-` ones decide nothing, and validators such
/// as ajv refuse keywords they do not know.
fn standard(mut schema: Map<String, Value>) -> Schema {
    strip(&mut schema);
    Schema::from(schema)
}

fn strip(schema: &mut Map<String, Value>) {
    schema.retain(|keyword, _| !EDITOR_KEYWORDS.contains(&keyword.as_str()) && !keyword.starts_with("x-"));
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            // Objects whose keys are names that users chose.
            ("properties" | "$defs" | "dependentSchemas", Value::Object(named)) => {
                named.values_mut().filter_map(Value::as_object_mut).for_each(strip);
            }
            ("allOf" | "anyOf", Value::Array(schemas)) => {
                schemas.iter_mut().filter_map(Value::as_object_mut).for_each(strip);
            }
            (
                "additionalProperties" | "else" | "if" | "items" | "not" | "propertyNames" | "then",
                Value::Object(inner),
            ) => strip(inner),
            _ => {}
        }
    }
}
