//! Specs that editors offer to insert, in the syntax of their snippets: `${1:value}` is a place that the cursor stops at. They
//! are text instead of JSON values, whose keys a reader may sort: `type` comes first.

use serde_json::{Value, json};

use crate::{
    render::{
        example::{Extent, entries},
        ordered_json::{Layout, OrderedJson, Part},
    },
    table::Table,
};

/// A minimal spec of each adapter type.
pub(super) fn snippets(adapters: &[&'static Table]) -> Value {
    let snippet = |table: &&'static Table| {
        let text = snippet(&OrderedJson::Object(entries(table, Extent::Minimal, None)));
        table.adapter.map(|name| json!({ "label": name, "description": table.summary(), "bodyText": text }))
    };
    adapters.iter().filter_map(snippet).collect()
}

fn snippet(spec: &OrderedJson) -> String {
    let mut scalars = 0;
    let write = |part, literal: String| {
        scalars += usize::from(part == Part::Scalar);
        // The first is the type, which chose the keys.
        if part == Part::Key || scalars == 1 { escaped(&literal) } else { replaceable(&literal, scalars - 1) }
    };
    spec.laid_out(&mut Layout { indent: Some("\t"), columns_max: usize::MAX, write }, "\n")
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
