//! JSON documents whose keys keep their order, whatever `serde_json`'s features are: an example reads best with `type`
//! first and its keys as the table has them.

use serde_json::Value;

/// A JSON value.
pub(super) enum OrderedJson {
    Scalar(Value),
    List(Vec<OrderedJson>),
    Object(Vec<(String, OrderedJson)>),
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
        self.laid_out(Some("  "), 50, &mut |_, json| json, "\n")
    }

    /// The value on one line.
    pub(super) fn to_line(&self) -> String {
        self.laid_out(None, usize::MAX, &mut |_, json| json, "")
    }

    /// The value with an indentation for each level, or on one line. A list of scalars takes one line up to so many characters.
    /// `write` is given whether it is a key, and its JSON, for each key and scalar; `line` begins a line as deep as the value.
    pub(super) fn laid_out(
        &self,
        indent: Option<&str>,
        columns_max: usize,
        write: &mut dyn FnMut(bool, String) -> String,
        line: &str,
    ) -> String {
        let inner = [line, indent.unwrap_or_default()].concat();
        let (brackets, items): (_, Vec<String>) = match self {
            OrderedJson::Scalar(value) => return write(false, value.to_string()),
            OrderedJson::List(items) => {
                ("[]", items.iter().map(|item| item.laid_out(indent, columns_max, write, &inner)).collect())
            }
            OrderedJson::Object(entries) => {
                let entry = |(key, value): &(String, OrderedJson)| {
                    let key = write(true, Value::from(key.as_str()).to_string());
                    format!("{key}: {}", value.laid_out(indent, columns_max, write, &inner))
                };
                ("{}", entries.iter().map(entry).collect())
            }
        };
        let (open, close) = brackets.split_at(1);
        let is_flat = matches!(self, OrderedJson::List(items) if items.iter().all(|item| item.as_scalar().is_some()));
        let one_line = format!("{open}{}{close}", items.join(", "));
        if indent.is_none() || items.is_empty() || is_flat && one_line.chars().count() <= columns_max {
            return one_line;
        }
        format!("{open}{inner}{}{line}{close}", items.join(&format!(",{inner}")))
    }
}
