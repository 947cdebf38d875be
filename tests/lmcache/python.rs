//! How Python writes a JSON value with `str()`.

use serde_json::Value;

/// `str(value)`: text as it is, anything else as its `repr`.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

fn repr(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        Value::Array(items) => format!("[{}]", list(items.iter().map(repr).collect())),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| format!("{}: {}", repr(&Value::from(&**key)), repr(value)));
            format!("{{{}}}", list(entries.collect()))
        }
    }
}
