//! Specs that editors offer to insert, in the syntax of their snippets: `${1:value}` is a place that the cursor stops at. They
//! are text instead of JSON values, whose keys a reader may sort: `type` comes first.

use serde_json::{Value, json};

use crate::{
    render::{
        example::{Extent, example_document},
        ordered_json::OrderedJson,
    },
    table::Table,
};

/// A minimal spec of each adapter type.
pub(super) fn snippets(adapters: &[&'static Table]) -> Value {
    let snippet = |table: &&'static Table| {
        let text = snippet(&example_document(table, Extent::Minimal));
        table.adapter.map(|name| json!({ "label": name, "description": table.summary(), "bodyText": text }))
    };
    adapters.iter().filter_map(snippet).collect()
}

fn snippet(spec: &OrderedJson) -> String {
    let mut snippet = Snippet { text: String::new(), stops: 0 };
    snippet.write(spec, 0);
    snippet.text
}

struct Snippet {
    text: String,
    stops: usize,
}

impl Snippet {
    fn write(&mut self, value: &OrderedJson, depth: usize) {
        match value {
            OrderedJson::Scalar(value) => self.stop(value),
            OrderedJson::List(items) => {
                let inside = if items.iter().all(|item| item.as_scalar().is_some()) { None } else { Some(depth + 1) };
                self.write_between(('[', ']'), items, inside, |snippet, item| snippet.write(item, depth + 1));
            }
            OrderedJson::Object(entries) => {
                let inside = if entries.is_empty() { None } else { Some(depth + 1) };
                self.write_between(('{', '}'), entries, inside, |snippet, (key, value)| {
                    snippet.text.push_str(&escaped(&Value::from(key.as_str()).to_string()));
                    snippet.text.push_str(": ");
                    match value.as_scalar() {
                        // It chose the other keys.
                        Some(name) if depth == 0 && key == "type" => snippet.text.push_str(&escaped(&name.to_string())),
                        _ => snippet.write(value, depth + 1),
                    }
                });
            }
        }
    }

    /// Writes items between brackets: on lines of their own with this indentation, or all on one.
    fn write_between<T>(
        &mut self,
        (open, close): (char, char),
        items: &[T],
        indentation: Option<usize>,
        write: impl Fn(&mut Self, &T),
    ) {
        self.text.push(open);
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                self.text.push_str(if indentation.is_some() { "," } else { ", " });
            }
            self.break_line(indentation);
            write(self, item);
        }
        self.break_line(indentation.map(|tabs| tabs - 1));
        self.text.push(close);
    }

    fn break_line(&mut self, indentation: Option<usize>) {
        if let Some(tabs) = indentation {
            self.text.push('\n');
            self.text.push_str(&"\t".repeat(tabs));
        }
    }

    /// A value to be replaced: the text between the quotes of a string, or any other value as a whole.
    fn stop(&mut self, value: &Value) {
        self.stops += 1;
        let (stop, literal) = (self.stops, value.to_string());
        match literal.strip_prefix('"').and_then(|literal| literal.strip_suffix('"')) {
            Some(text) => self.text.push_str(&format!("\"${{{stop}:{}}}\"", escaped(text))),
            None => self.text.push_str(&format!("${{{stop}:{literal}}}")),
        }
    }
}

/// The text where its characters have no other meaning.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}
