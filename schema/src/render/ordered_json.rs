//! JSON documents whose keys keep their order, whatever `serde_json`'s features are: an example reads best with `type`
//! first and its keys as the table has them.

use serde_json::Value;

/// A JSON value.
pub(super) enum OrderedJson {
    Scalar(Value),
    List(Vec<OrderedJson>),
    Object(Vec<(String, OrderedJson)>),
}

/// How a value is written as text.
pub(super) struct Layout<W> {
    /// The indentation of each level; `None` for one line.
    pub(super) indent: Option<&'static str>,
    /// How long a list of scalars may be that takes one line.
    pub(super) columns_max: usize,
    /// What is written for a key or a scalar. It is given its JSON.
    pub(super) write: W,
}

/// What a text is in a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Scalar,
}

impl OrderedJson {
    /// The value, if it holds no others.
    pub(super) fn as_scalar(&self) -> Option<&Value> {
        match self {
            OrderedJson::Scalar(value) => Some(value),
            OrderedJson::List(_) | OrderedJson::Object(_) => None,
        }
    }

    /// The value as `serde_json` has it.
    pub(super) fn to_value(&self) -> Value {
        match self {
            OrderedJson::Scalar(value) => value.clone(),
            OrderedJson::List(items) => items.iter().map(OrderedJson::to_value).collect(),
            OrderedJson::Object(entries) => {
                entries.iter().map(|(key, value)| (key.clone(), value.to_value())).collect()
            }
        }
    }

    /// The value as indented text; a short list of scalars takes one line.
    pub(super) fn to_text(&self) -> String {
        self.laid_out(&mut Layout { indent: Some("  "), columns_max: 50, write: |_, json| json }, "\n")
    }

    /// The value on one line.
    pub(super) fn to_line(&self) -> String {
        self.laid_out(&mut Layout { indent: None, columns_max: usize::MAX, write: |_, json| json }, "")
    }

    /// The value in a layout; `line` begins a line as deep as the value.
    pub(super) fn laid_out<W: FnMut(Part, String) -> String>(&self, layout: &mut Layout<W>, line: &str) -> String {
        let inner = [line, layout.indent.unwrap_or_default()].concat();
        let (brackets, items): (_, Vec<String>) = match self {
            OrderedJson::Scalar(value) => return (layout.write)(Part::Scalar, value.to_string()),
            OrderedJson::List(items) => ("[]", items.iter().map(|item| item.laid_out(layout, &inner)).collect()),
            OrderedJson::Object(entries) => {
                let mut entry = |(key, value): &(String, OrderedJson)| {
                    let key = (layout.write)(Part::Key, Value::from(key.as_str()).to_string());
                    format!("{key}: {}", value.laid_out(layout, &inner))
                };
                ("{}", entries.iter().map(&mut entry).collect())
            }
        };
        let (open, close) = brackets.split_at(1);
        let is_flat = matches!(self, OrderedJson::List(items) if items.iter().all(|item| item.as_scalar().is_some()));
        let one_line = format!("{open}{}{close}", items.join(", "));
        if layout.indent.is_none() || items.is_empty() || is_flat && one_line.chars().count() <= layout.columns_max {
            return one_line;
        }
        format!("{open}{inner}{}{line}{close}", items.join(&format!(",{inner}")))
    }
}
