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
        self.to_text_by("  ", 50, &mut |_, literal| literal)
    }

    /// The value as text: each level indented by `indent`, a list of scalars on one line if that has at most `columns_max`, and each
    /// key and scalar as `write` has it, which is given its JSON.
    pub(super) fn to_text_by(
        &self,
        indent: &'static str,
        columns_max: usize,
        write: &mut dyn FnMut(Part, String) -> String,
    ) -> String {
        let mut writer = Writer { text: String::new(), depth: 0, indent, columns_max, write };
        writer.value(self);
        writer.text
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
}

/// What a text is in a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Scalar,
}

struct Writer<'a> {
    text: String,
    depth: usize,
    indent: &'static str,
    columns_max: usize,
    write: &'a mut dyn FnMut(Part, String) -> String,
}

impl Writer<'_> {
    fn value(&mut self, value: &OrderedJson) {
        match value {
            OrderedJson::Scalar(value) => self.push(Part::Scalar, value),
            OrderedJson::List(items) => match self.on_one_line(items) {
                Some(line) => self.text.push_str(&line),
                None => self.lines(('[', ']'), items, Self::value),
            },
            OrderedJson::Object(entries) if entries.is_empty() => self.text.push_str("{}"),
            OrderedJson::Object(entries) => self.lines(('{', '}'), entries, |writer, (key, value)| {
                writer.push(Part::Key, &Value::from(key.as_str()));
                writer.text.push_str(": ");
                writer.value(value);
            }),
        }
    }

    fn push(&mut self, part: Part, value: &Value) {
        self.text.push_str(&(self.write)(part, value.to_string()));
    }

    /// A list of scalars, if it is short enough for the line of its key.
    fn on_one_line(&mut self, items: &[OrderedJson]) -> Option<String> {
        let items: Vec<&Value> = items.iter().map(OrderedJson::as_scalar).collect::<Option<_>>()?;
        let items: Vec<_> = items.iter().map(|item| (self.write)(Part::Scalar, item.to_string())).collect();
        let line = format!("[{}]", items.join(", "));
        (line.chars().count() <= self.columns_max).then_some(line)
    }

    /// Writes each item on lines of its own, between brackets.
    fn lines<T>(&mut self, (open, close): (char, char), items: &[T], write: impl Fn(&mut Self, &T)) {
        self.text.push(open);
        self.depth += 1;
        for (position, item) in items.iter().enumerate() {
            self.text.push_str(if position == 0 { "\n" } else { ",\n" });
            self.text.push_str(&self.indent.repeat(self.depth));
            write(self, item);
        }
        self.depth -= 1;
        self.text.push('\n');
        self.text.push_str(&self.indent.repeat(self.depth));
        self.text.push(close);
    }
}
