//! JSON documents whose keys keep their order, whatever `serde_json`'s features are: an example reads best with `type`
//! first and its keys as the table has them.

use l2_adapter_rules::Literal;
use serde_json::{Map, Value};

use crate::literal::LiteralValue;

/// A JSON value.
pub(super) enum OrderedJson {
    Scalar(Value),
    List(Vec<OrderedJson>),
    Object(Vec<(String, OrderedJson)>),
}

impl OrderedJson {
    /// The value of a literal, its keys in the order written.
    pub(super) fn of(literal: &Literal) -> Self {
        match literal {
            Literal::List(items) => OrderedJson::List(items.iter().map(OrderedJson::of).collect()),
            Literal::Object(entries) => OrderedJson::Object(
                entries.iter().map(|(key, value)| ((*key).to_owned(), OrderedJson::of(value))).collect(),
            ),
            scalar => OrderedJson::Scalar(scalar.to_value()),
        }
    }

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
            OrderedJson::Object(entries) => Value::Object(to_map(entries)),
        }
    }

    /// The value as indented text; a short list of scalars takes one line.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text
    }

    /// The value on one line.
    pub(super) fn to_line(&self) -> String {
        let joined = |items: Vec<String>| items.join(", ");
        match self {
            OrderedJson::Scalar(value) => value.to_string(),
            OrderedJson::List(items) => format!("[{}]", joined(items.iter().map(OrderedJson::to_line).collect())),
            OrderedJson::Object(entries) => {
                let entry =
                    |(key, value): &(String, OrderedJson)| format!("{}: {}", Value::from(&**key), value.to_line());
                format!("{{{}}}", joined(entries.iter().map(entry).collect()))
            }
        }
    }

    fn write(&self, text: &mut String, indent: usize) {
        match self {
            OrderedJson::Scalar(value) => text.push_str(&value.to_string()),
            OrderedJson::List(items) => match on_one_line(items) {
                Some(line) => text.push_str(&line),
                None => write_lines(text, indent, ('[', ']'), items, |text, item, indent| item.write(text, indent)),
            },
            OrderedJson::Object(entries) if entries.is_empty() => text.push_str("{}"),
            OrderedJson::Object(entries) => {
                write_lines(text, indent, ('{', '}'), entries, |text, (key, value), indent| {
                    text.push_str(&Value::from(key.as_str()).to_string());
                    text.push_str(": ");
                    value.write(text, indent);
                })
            }
        }
    }
}

/// The entries as `serde_json` has them.
pub(super) fn to_map(entries: &[(String, OrderedJson)]) -> Map<String, Value> {
    entries.iter().map(|(key, value)| (key.clone(), value.to_value())).collect()
}

/// A list of scalars, if it is short enough for the line of its key.
fn on_one_line(items: &[OrderedJson]) -> Option<String> {
    const COLUMNS_MAX: usize = 50;
    let items: Vec<String> = items.iter().map(|item| item.as_scalar().map(Value::to_string)).collect::<Option<_>>()?;
    let line = format!("[{}]", items.join(", "));
    (line.chars().count() <= COLUMNS_MAX).then_some(line)
}

/// Writes each item on lines of its own, between brackets.
fn write_lines<T>(
    text: &mut String,
    indent: usize,
    (open, close): (char, char),
    items: &[T],
    write: impl Fn(&mut String, &T, usize),
) {
    let inside = indent + 2;
    text.push(open);
    for (position, item) in items.iter().enumerate() {
        text.push_str(if position == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(inside));
        write(text, item, inside);
    }
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(close);
}
