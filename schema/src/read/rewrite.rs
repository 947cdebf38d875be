//! What is written in the words of another config, in those of a spec.

use serde_json::{Map, Value};

use super::{
    Place,
    corrected::{corrected, number_as},
};
use crate::{
    context::Context,
    fault::ConfigError,
    foreign::Named,
    kind::Kind,
    path::Path,
    render::example_value,
    spec::AdapterSpec,
    table::{Field, Presence, Table},
    warning::{Parsed, WarningCode},
};

/// How long a rewritten spec may be: longer ones are no help in a message.
const TEXT_BYTES_MAX: usize = 2048;

/// What stands for a value that is not shown.
const SECRET: &str = "...";

/// A spec that says what another config does.
pub(super) struct Rewritten<'a> {
    pub(super) text: String,
    /// Keys that a spec must have and the other config lacks, or has with a value that a spec cannot have: their values are examples.
    pub(super) examples: Vec<&'static str>,
    /// Keys that a spec can do without, and that the other config has with a value that a spec cannot have, or not usefully.
    pub(super) refused: Vec<&'static str>,
    /// Keys of the other config that a spec does not have.
    pub(super) dropped: Vec<&'a str>,
}

/// Writes an object in the words of a table; `None` where that takes too long a text. What is written is read again: it must not be
/// refused in turn.
pub(super) fn rewritten<'a>(
    map: &'a Map<String, Value>,
    table: &'static Table,
    context: &Context<'_>,
) -> Option<Rewritten<'a>> {
    let mut entries: Vec<(&'static str, Value)> =
        table.adapter.iter().map(|name| ("type", Value::from(*name))).collect();
    let (mut examples, mut used) = (Vec::new(), vec!["type"]);
    for field in table.fields_with_common() {
        let value = match value_of(field, map) {
            Some((key, value)) => {
                used.push(key);
                worded(field, value)
            }
            None if matches!(field.presence, Presence::Required) => {
                examples.push(field.key);
                example_of(field)
            }
            None => continue,
        };
        entries.push((field.key, value));
    }
    let refused = without_refused(&mut entries, &mut examples, table, context);
    let dropped = map.keys().map(String::as_str).filter(|key| !used.contains(key)).collect();
    let written: Vec<_> = entries.iter().map(|(key, value)| format!("\"{key}\": {}", spaced(value))).collect();
    let text = format!("{{{}}}", written.join(", "));
    (text.len() <= TEXT_BYTES_MAX).then_some(Rewritten { text, examples, refused, dropped })
}

/// A required key has an example, except in a table that was made by hand.
fn example_of(field: &'static Field) -> Value {
    example_value(field).unwrap_or_else(|| Value::from(SECRET))
}

/// Reads entries as the spec that they are, if the type is known in the context. Values that are refused or advised against are
/// replaced by examples where the key is required, and left out elsewhere; returns the keys that were left out.
fn without_refused(
    entries: &mut Vec<(&'static str, Value)>,
    examples: &mut Vec<&'static str>,
    table: &'static Table,
    context: &Context<'_>,
) -> Vec<&'static str> {
    // One round may bring out what the faults before it had hidden: a rule over several keys, then a warning.
    const ROUNDS: usize = 3;
    let mut refused = Vec::new();
    let entry = table.adapter.zip(context.adapters()).and_then(|(name, adapters)| adapters.find(name));
    for _ in 0..ROUNDS {
        let spec: Map<String, Value> = entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let Some(keys) = entry.map(|entry| doubted_keys(&entry.parse(&Value::Object(spec), context))) else { break };
        let is_doubted = |key: &str| key != "type" && keys.iter().any(|doubted| doubted == key);
        if !entries.iter().any(|(key, _)| is_doubted(key)) {
            break;
        }
        let required = |key: &str| {
            table.all_fields().find(|field| field.key == key && matches!(field.presence, Presence::Required))
        };
        entries.retain_mut(|(key, value)| match required(key) {
            _ if !is_doubted(key) => true,
            Some(field) => {
                *value = example_of(field);
                examples.push(key);
                true
            }
            None => {
                refused.push(*key);
                false
            }
        });
    }
    examples.dedup();
    refused
}

/// The keys at the top of a spec whose values have faults, else those that have warnings, except of variables: somebody will expand
/// these.
fn doubted_keys(outcome: &Result<Parsed<AdapterSpec>, ConfigError>) -> Vec<String> {
    let key = |pointer: &str| pointer.split('/').nth(1).map(|token| token.replace("~1", "/").replace("~0", "~"));
    match outcome {
        Err(error) => error.faults.iter().filter_map(|fault| key(&fault.pointer)).collect(),
        Ok(parsed) => {
            let warnings = parsed.warnings.iter().filter(|warning| warning.code != WarningCode::Unexpanded);
            warnings.filter_map(|warning| key(&warning.pointer)).collect()
        }
    }
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
        let is_accepted = field.rules.iter().all(|rule| rule.accepts_text(SECRET));
        return if is_accepted { Value::from(SECRET) } else { example_of(field) };
    }
    match (kind, value) {
        (Kind::Choice(choices), Value::String(name)) if choices.position(name).is_none() => {
            let meant = choices.variants.iter().map(Named::choice).find_map(|choice| choice.meant_by(name));
            meant.map_or_else(|| value.clone(), |meant| Value::from(meant.name))
        }
        _ => meant_list(kind, value).or_else(|| meant_scalar(field, value)).unwrap_or_else(|| shown(kind, value)),
    }
}

/// A scalar as the rules and the type of a field take it: the host in a URL, the number in a text.
fn meant_scalar(field: &'static Field, value: &Value) -> Option<Value> {
    let path = Path::Root;
    let place = Place::of(&path, field);
    let address = |text: &str| {
        let other = field.rules.iter().find_map(|rule| rule.other_address_at(text, place.usual_port()))?;
        other.suggestion.map(Value::from)
    };
    match (field.kind.unwrap_optional(), value) {
        (Kind::String, Value::String(text)) => address(text),
        (kind @ Kind::Integer { .. }, Value::Number(number)) if number.is_f64() => {
            serde_json::from_str(&number_as(kind, number.as_f64()?)?).ok()
        }
        (kind, value) => serde_json::from_str(&corrected(kind, &place, value)?).ok(),
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

/// The object whose only required key takes a name, where the name was written in place of it.
fn meant_section(kind: Kind, value: &Value) -> Option<Value> {
    let (Kind::Section(table), Value::String(name)) = (kind.unwrap_optional(), value) else { return None };
    let mut required = table().all_fields().filter(|field| matches!(field.presence, Presence::Required));
    let (Some(field), None) = (required.next(), required.next()) else { return None };
    let is_name = match field.kind {
        Kind::Choice(choices) => choices.position(name).is_some(),
        // Words, and not the text of an object.
        Kind::String => {
            !name.contains(['{', '@', '?', '#', '=']) && field.rules.iter().all(|rule| rule.accepts_text(name))
        }
        _ => false,
    };
    (is_name && !field.secret).then(|| serde_json::json!({ field.key: name }))
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
