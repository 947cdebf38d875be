//! Objects that are given where an adapter spec is wanted and have no `type`: what they are instead.

use serde_json::{Map, Value};

use super::{Place, Reader, unknown::in_words_of};
use crate::{
    context::Context, fault::FaultCode, foreign::OtherConfig, path::shown_key, spec::AdapterEntry, table::Table,
};

/// Reports an object without the `type` that would choose its table.
#[cold]
pub(crate) fn no_type(map: &Map<String, Value>, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<AdapterEntry> {
    let tables = reader.adapter_tables();
    let instead = if reader.hides(false) { None } else { instead(map, &[], &tables, reader.context()) };
    let Some((words, suggestion)) = instead else {
        return reader.missing_tag(place, tables.iter().filter_map(|table| table.adapter));
    };
    let mut fault = reader.fault(place, FaultCode::Missing, &format!("is required: {words}"));
    fault.suggestion = suggestion;
    reader.push(fault);
    None
}

/// How long a text may be that is looked into for a spec.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// What is said of an object that is no spec: words, and the spec that says the same.
pub(crate) type Instead = (String, Option<String>);

/// The spec that an object in another notation says, or what it is instead.
pub(crate) fn said_by(map: &Map<String, Value>, context: &Context<'_>) -> Option<Instead> {
    let tables = context.adapter_tables();
    match map.get("type").and_then(Value::as_str).and_then(|name| of_name(name, &tables)) {
        Some(table) => in_words_of(map, table, context).map(|(more, spec)| (more, Some(spec))),
        None => instead(map, &[], &tables, context).map(|(words, spec)| (format!("; {words}"), spec)),
    }
}

/// What an object is, in words, and the spec that says the same. `path` leads to it from the object that is given as a spec.
fn instead(
    map: &Map<String, Value>,
    path: &[&str],
    tables: &[&'static Table],
    context: &Context<'_>,
) -> Option<Instead> {
    let place = if path.is_empty() { String::new() } else { format!("in `{}`: ", shown(path)) };
    if let Some((words, spec)) = rewritten_config(map, tables, context) {
        return Some((format!("{place}{words}"), spec));
    }
    let inside = inside(map, path, tables, context);
    let of_any = |table: &&'static Table| {
        OtherConfig::found_in(map.keys(), table.common_table()?.mistaken_for.iter()).map(|(_, other)| other)
    };
    let Some(other) = tables.iter().find_map(of_any) else {
        return inside.or_else(|| if path.is_empty() { named_otherwise(map, tables, context) } else { None });
    };
    let what = format!("{place}this is {}; {}", other.what, other.advice);
    Some(match inside {
        Some((words, spec)) => (format!("{what}; {words}"), spec),
        None => (what, None),
    })
}

fn shown(path: &[&str]) -> String {
    path.iter().map(|key| shown_key(key)).collect::<Vec<_>>().join(".")
}

/// A config that says what a spec of some type says.
fn rewritten_config(map: &Map<String, Value>, tables: &[&'static Table], context: &Context<'_>) -> Option<Instead> {
    let of_type = |table: &&'static Table| {
        let others = table.ancestry().flat_map(|table| table.mistaken_for);
        OtherConfig::found_in(map.keys(), others).map(|(_, other)| (other, *table))
    };
    let (other, table) = tables.iter().find_map(of_type)?;
    let (words, spec) = other.instead(map, table, context);
    Some((format!("this is {}; {words}", other.what), spec))
}

/// A type whose name is not under `type`.
fn named_otherwise(map: &Map<String, Value>, tables: &[&'static Table], context: &Context<'_>) -> Option<Instead> {
    map.iter().find_map(|(key, value)| {
        let shown = shown_key(key);
        match value {
            Value::String(name) => {
                let table = of_name(name, tables)?;
                let mut map = map.clone();
                map.remove(key);
                let spec = in_words_of(&map, table, context).map(|(_, spec)| spec);
                Some((format!("`{shown}` names an adapter type, write it as `type`"), spec))
            }
            Value::Object(inner) => {
                let spec = in_words_of(inner, of_name(key, tables)?, context).map(|(_, spec)| spec);
                Some((format!("write `\"type\": \"{key}\"`, and next to it what is inside `{key}`"), spec))
            }
            _ => None,
        }
    })
}

/// A spec inside an object, or a config that says the same, at some depth; `path` leads to the object.
pub(super) fn inside(
    map: &Map<String, Value>,
    path: &[&str],
    tables: &[&'static Table],
    context: &Context<'_>,
) -> Option<Instead> {
    const DEPTH_MAX: usize = 4;
    let says_type = |value: &Value| value.get("type").and_then(Value::as_str).and_then(|name| of_name(name, tables));
    map.iter().find_map(|(key, value)| {
        let path = [path, &[key.as_str()]].concat();
        let shown = shown(&path);
        let in_text = value.as_str().filter(|text| text.len() <= TEXT_BYTES_MAX && text.trim_start().starts_with('{'));
        let in_text: Option<Value> = in_text.and_then(|text| serde_json::from_str(text).ok());
        match in_text.as_ref().unwrap_or(value) {
            Value::Object(inner) => {
                if let Some(table) = says_type(&Value::Object(inner.clone())) {
                    let (more, spec) = in_words_of(inner, table, context).unzip();
                    let more = more.unwrap_or_default();
                    return Some((format!("the spec is in `{shown}`, give that object alone{more}"), spec));
                }
                if path.len() < DEPTH_MAX { instead(inner, &path, tables, context) } else { None }
            }
            Value::Array(items) => {
                let mut specs = items.iter().filter_map(|item| Some((item.as_object()?, says_type(item)?)));
                let (first, table) = specs.next()?;
                let only = specs.next().is_none().then(|| in_words_of(first, table, context)).flatten();
                let spec = only.map(|(_, spec)| spec);
                Some((format!("there are specs in the list `{shown}`, give each of them alone"), spec))
            }
            _ => None,
        }
    })
}

fn of_name(name: &str, tables: &[&'static Table]) -> Option<&'static Table> {
    tables.iter().find(|table| table.adapter == Some(name)).copied()
}
