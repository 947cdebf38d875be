//! What is written in the words of another config, in those of a spec.

use serde_json::{Map, Value};

use crate::{
    foreign::Named,
    kind::Kind,
    render::example_value,
    table::{Field, Presence, Table},
};

/// How long a rewritten spec may be: longer ones are no help in a message.
const TEXT_BYTES_MAX: usize = 2048;

/// What stands for a value that is not shown.
const SECRET: &str = "...";

/// A spec that says what another config does.
pub(super) struct Rewritten<'a> {
    pub(super) text: String,
    /// Keys that a spec must have and the other config lacks: their values are examples.
    pub(super) examples: Vec<&'static str>,
    /// Keys of the other config that a spec does not have.
    pub(super) dropped: Vec<&'a str>,
}

/// Writes an object in the words of a table; `None` where that takes too long a text.
pub(super) fn rewritten<'a>(map: &'a Map<String, Value>, table: &'static Table) -> Option<Rewritten<'a>> {
    let mut entries: Vec<String> =
        table.adapter.iter().map(|name| format!("\"type\": {}", Value::from(*name))).collect();
    let (mut examples, mut used) = (Vec::new(), vec!["type"]);
    for field in table.fields_with_common() {
        let value = match value_of(field, map) {
            Some((key, value)) => {
                used.push(key);
                worded(field, value)
            }
            None if matches!(field.presence, Presence::Required) => {
                examples.push(field.key);
                // A required key has an example, except in a table that was made by hand.
                example_value(field).unwrap_or_else(|| Value::from(SECRET))
            }
            None => continue,
        };
        entries.push(format!("\"{}\": {}", field.key, spaced(&value)));
    }
    let dropped = map.keys().map(String::as_str).filter(|key| !used.contains(key)).collect();
    let text = format!("{{{}}}", entries.join(", "));
    (text.len() <= TEXT_BYTES_MAX).then_some(Rewritten { text, examples, dropped })
}

/// What an object says of a field, under its own name or another.
fn value_of<'a>(field: &'static Field, map: &'a Map<String, Value>) -> Option<(&'a str, &'a Value)> {
    let named = Named { name: field.key, also_known_as: field.also_known_as };
    let given = map.iter().filter(|(_, value)| !value.is_null());
    given
        .clone()
        .find(|(key, _)| field.is_named(key))
        .or_else(|| given.clone().find(|(key, _)| named.meant_by(key).is_some()))
        .map(|(key, value)| (key.as_str(), value))
}

/// A value as the field takes it, as far as that is known.
fn worded(field: &'static Field, value: &Value) -> Value {
    let kind = field.kind.unwrap_optional();
    if field.secret || kind.holds_secret() {
        return Value::from(SECRET);
    }
    match (kind, value) {
        (Kind::Choice(choices), Value::String(name)) if choices.position(name).is_none() => {
            let meant = choices.variants.iter().map(Named::choice).find_map(|choice| choice.meant_by(name));
            meant.map_or_else(|| value.clone(), |meant| Value::from(meant.name))
        }
        _ => meant_list(kind, value).unwrap_or_else(|| shown(kind, value)),
    }
}

/// A value that may be shown: no object, which may have anything in it, and no address with a password.
fn shown(kind: Kind, value: &Value) -> Value {
    match (kind, value) {
        (Kind::List(_), Value::Array(items)) if !items.iter().any(|item| item.is_array() || item.is_object()) => {
            items.iter().map(|item| shown(Kind::Anything, item)).collect()
        }
        (_, Value::String(text)) if text.contains('@') => Value::from(SECRET),
        (_, Value::Array(_) | Value::Object(_)) => Value::from(SECRET),
        _ => value.clone(),
    }
}

/// What a value was written for that stands alone where a list, or an object around it, is wanted.
pub(super) fn meant_around(kind: Kind, value: &Value) -> Option<Value> {
    meant_list(kind, value).or_else(|| meant_section(kind, value))
}

/// The object whose only required key takes one of some names, where one of them was written in place of it.
fn meant_section(kind: Kind, value: &Value) -> Option<Value> {
    let (Kind::Section(table), Value::String(name)) = (kind.unwrap_optional(), value) else { return None };
    let mut required = table().all_fields().filter(|field| matches!(field.presence, Presence::Required));
    let (Some(field), None) = (required.next(), required.next()) else { return None };
    let Kind::Choice(choices) = field.kind else { return None };
    let named = choices.position(name).map(|index| choices.variants[index].name);
    named.filter(|_| !field.secret).map(|name| serde_json::json!({ field.key: name }))
}

/// The list that one item, or a string with several, was written for.
fn meant_list(kind: Kind, value: &Value) -> Option<Value> {
    const ITEMS_MAX: usize = 64;
    let Kind::List(item) = kind.unwrap_optional() else { return None };
    let is_integer = |value: &Value| value.is_u64() || value.is_i64();
    let items = match (item.unwrap_optional(), value) {
        (Kind::Integer { .. }, value) if is_integer(value) => vec![value.clone()],
        (Kind::Number { .. }, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => vec![value.clone()],
        (Kind::Integer { .. } | Kind::Number { .. }, Value::String(text)) => numbers(text)?,
        (Kind::String | Kind::Path | Kind::Choice(_), Value::String(text)) if !text.starts_with('[') => {
            text.split(',').map(|part| Value::from(part.trim())).collect()
        }
        _ => return None,
    };
    (items.len() <= ITEMS_MAX).then_some(Value::Array(items))
}

/// The numbers of `"1, 2"` or `"[1, 2]"`.
fn numbers(text: &str) -> Option<Vec<Value>> {
    let inner = text.trim();
    let inner = inner.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(inner);
    inner.split(',').map(|part| serde_json::from_str(part).ok().filter(Value::is_number)).collect()
}

/// What else to say of a value of the wrong type: that the right one is inside it, or around it.
pub(super) fn meant_value(kind: Kind, value: &Value) -> &'static str {
    let is_in = |text: &str, open, close| {
        let text = text.trim();
        text.len() > 1 && text.starts_with(open) && text.ends_with(close)
    };
    match (kind.unwrap_optional(), value) {
        (
            Kind::Section(_) | Kind::Union(_) | Kind::Map(_) | Kind::FreeObject | Kind::AdapterSpec,
            Value::String(text),
        ) if is_in(text, '{', '}') => {
            ": it is inside a string, write it without the quotes around it and without backslashes"
        }
        (Kind::List(_), Value::String(text)) if is_in(text, '[', ']') => {
            ": it is inside a string, write it without the quotes around it"
        }
        (Kind::AdapterSpec, Value::Array(items)) if items.iter().any(Value::is_object) => {
            ": give the specs of a list one by one"
        }
        _ => "",
    }
}

/// A value as JSON, with blanks after commas and colons.
pub(super) fn spaced(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), spaced(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}
