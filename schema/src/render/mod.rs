//! Renderers of a table: help, JSON Schema, the Markdown reference and examples.
//!
//! Every renderer reads only tables, so none can contradict the parser. Nothing in here prints, reads files or knows a
//! registry.
//!
//! ```text
//! help, markdown, json_schema     one renderer each
//! example                         documents: examples and defaults, else obvious values
//! entry, words                    shared: the facts of each key in words, phrases
//! lineage, ordered_json           shared: what extended tables have together, ordered JSON
//! ```

mod entry;
mod example;
mod help;
mod json_schema;
mod lineage;
mod markdown;
mod ordered_json;
mod words;

pub(crate) use example::example_value;
pub use example::{Extent, example, example_text};
pub use help::{help, help_of_key};
pub use json_schema::{editor_schema_of, editor_spec_schema, schema_of, spec_schema};
pub use markdown::{markdown, markdown_all};
