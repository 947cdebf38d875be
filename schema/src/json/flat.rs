//! Keys and values of a text in YAML, TOML or another notation with one key for each line: enough of it to suggest a spec.

use serde_json::{Map, Value};

use super::notation::entry;

/// How many lines are read: more than any config of one level has.
const LINES_MAX: usize = 1000;

/// The keys of a text without those inside other values; a value that is not read is `null`. `None` if it has a notation that is
/// not known here.
pub(super) fn keys(text: &str) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    let mut last: Option<String> = None;
    for line in text.lines().take(LINES_MAX) {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if content == "---" || content.starts_with('[') && !content.contains('=') {
            // The next document or table.
            if map.is_empty() { continue } else { break }
        }
        if let Some(item) = content.strip_prefix("- ") {
            match map.get_mut(last.as_ref()?)? {
                Value::Array(items) => items.push(scalar(item)?),
                value @ Value::Null => *value = Value::Array(vec![scalar(item)?]),
                _ => return None,
            }
        } else if !line.starts_with([' ', '\t']) {
            let (key, _, written) = entry(content)?;
            map.insert(plain_key(key), value(written)?);
            last = Some(plain_key(key));
        }
    }
    (!map.is_empty()).then_some(map)
}

/// Variables of the environment are written in capitals, after the name of their program.
fn plain_key(key: &str) -> String {
    let is_variable = key.bytes().all(|byte| !byte.is_ascii_lowercase());
    if is_variable { key.strip_prefix("LMCACHE_").unwrap_or(key).to_lowercase() } else { key.to_owned() }
}

fn value(written: &str) -> Option<Value> {
    match written.strip_prefix('[') {
        Some(rest) => {
            let (items, after) = rest.split_once(']')?;
            let items = items.split(',').map(str::trim).filter(|item| !item.is_empty());
            items.map(scalar).collect::<Option<_>>().filter(|_| ends(after)).map(Value::Array)
        }
        None => scalar(written),
    }
}

fn scalar(written: &str) -> Option<Value> {
    let written = written.trim();
    if let Some(quote) = written.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        let (text, after) = written[1..].split_once(quote)?;
        return (ends(after) && !text.contains('\\')).then(|| Value::from(text));
    }
    let plain = written.split_once(" #").map_or(written, |(plain, _)| plain).trim();
    if plain.starts_with(['{', '[', '|', '>', '&', '*', '!', '%', '@', '`', '$']) {
        return None;
    }
    Some(match plain {
        "" | "~" => Value::Null,
        "True" => Value::Bool(true),
        "False" => Value::Bool(false),
        plain => serde_json::from_str(plain).unwrap_or_else(|_| Value::from(plain)),
    })
}

/// Whether a value ends before this.
fn ends(after: &str) -> bool {
    after.trim_start().is_empty() || after.trim_start().starts_with('#')
}
