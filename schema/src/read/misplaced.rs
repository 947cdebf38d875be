//! Objects that are given where an adapter spec is wanted and have no `type`: what they are instead.

use serde_json::{Map, Value};

use super::{Place, Reader};
use crate::{
    context::Context, fault::FaultCode, foreign::OtherConfig, path::shown_key, spec::AdapterEntry, table::Table,
};

/// Reports an object without the `type` that would choose its table.
#[cold]
pub(crate) fn no_type(map: &Map<String, Value>, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<AdapterEntry> {
    let tables = reader.adapter_tables();
    let instead = if reader.hides(false) { None } else { instead(map, &tables, reader.context()) };
    let Some((words, suggestion)) = instead else {
        return reader.missing_tag(place, tables.iter().filter_map(|table| table.adapter));
    };
    let mut fault = reader.fault(place, FaultCode::Missing, &format!("is required: {words}"));
    fault.suggestion = suggestion;
    reader.push(fault);
    None
}

/// What an object is, in words, and the spec that says the same.
fn instead(
    map: &Map<String, Value>,
    tables: &[&'static Table],
    context: &Context<'_>,
) -> Option<(String, Option<String>)> {
    let of_type = |table: &&'static Table| {
        let others = table.ancestry().flat_map(|table| table.mistaken_for);
        OtherConfig::found_in(map.keys(), others).map(|(_, other)| (other, *table))
    };
    let of_any = |table: &&'static Table| {
        OtherConfig::found_in(map.keys(), table.common_table()?.mistaken_for.iter()).map(|(_, other)| (other, *table))
    };
    if let Some((other, table)) = tables.iter().find_map(of_type).or_else(|| tables.iter().find_map(of_any)) {
        let (words, spec) = other.instead(map, table, context);
        return Some((format!("this is {}; {words}", other.what), spec));
    }
    let is_type = |name: &str| tables.iter().any(|table| table.adapter == Some(name));
    let says_type = |value: &Value| value.get("type").and_then(Value::as_str).is_some_and(is_type);
    map.iter().find_map(|(key, value)| {
        let shown = shown_key(key);
        let words = match value {
            Value::String(name) if is_type(name) => format!("`{shown}` names an adapter type, write it as `type`"),
            Value::Object(_) if says_type(value) => format!("the spec is in `{shown}`, give that object alone"),
            Value::Array(items) if items.iter().any(says_type) => {
                format!("there are specs in the list `{shown}`, give each of them alone")
            }
            Value::Object(_) if is_type(key) => {
                format!("write `\"type\": \"{key}\"`, and next to it what is inside `{key}`")
            }
            _ => return None,
        };
        Some((words, None))
    })
}
