//! What was meant by a value of another type than the wanted one: the same as text, as a number or as a switch, a list of it, or an
//! object with it.

use l2_adapter_rules::{Leave, Literal, Rule, Unit};
use serde_json::Value;

use super::Place;
use crate::{
    kind::Kind,
    literal::integer_value,
    table::{Presence, Table},
};

/// A longer one is not shown: a message must not grow with what was written.
const BYTES_MAX: usize = 60;

/// How many items a list may have that is another value, or is made of one.
const ITEMS_MAX: usize = 64;

/// The value as a document can have it; `None` where it means nothing as the wanted type.
pub(super) fn corrected(kind: Kind, place: &Place<'_>, value: &Value) -> Option<Value> {
    let kind = kind.unwrap_optional();
    match (kind, value) {
        (Kind::Integer { .. } | Kind::Number { .. }, value) => {
            let number = match (kind, value) {
                (_, Value::String(text)) => number_in(text, place.field.and_then(|field| field.unit))?,
                (Kind::Integer { .. }, Value::Number(number)) => number.as_f64()?,
                (Kind::Integer { .. }, Value::Array(items)) => items.first().filter(|_| items.len() == 1)?.as_f64()?,
                _ => return None,
            };
            let accepts = |rule: &Rule| match whole(number) {
                Some(integer) if matches!(kind, Kind::Integer { .. }) => rule.accepts_integer(integer),
                _ => rule.accepts_float(number),
            };
            number_as(kind, number).filter(|_| place.rules.iter().all(accepts))
        }
        (Kind::String, Value::Object(_)) if place.rules.iter().any(|rule| matches!(rule, Rule::HostPort(_))) => {
            joined(std::slice::from_ref(value), place).map(Value::from)
        }
        (Kind::Boolean, value) => switch(value).map(Value::from),
        (Kind::String | Kind::Path, Value::Array(items)) => joined(items, place).map(Value::from),
        (Kind::List(item), value) => list_of(item.unwrap_optional(), value),
        (Kind::Section(table), Value::String(name)) => section_named(table(), name),
        (kind, value) => text_of(kind, value),
    }
}

/// The text of a list, where its items are written in one string with commas between them, or where it has one item.
fn joined(items: &[Value], place: &Place<'_>) -> Option<String> {
    let address = place.rules.iter().find(|rule| rule.is_address());
    let mut examples = place.field.into_iter().flat_map(|field| field.examples).filter_map(Literal::as_text);
    let is_listed = address.is_some_and(|rule| rule.leaves().contains(&Leave::Listed))
        || examples.any(|example| example.contains(','));
    let is_several = items.len() > 1 && items.len() <= ITEMS_MAX && is_listed;
    if items.len() != 1 && !is_several {
        return None;
    }
    let texts: Option<Vec<String>> = items.iter().map(item_text).collect();
    let text = texts.filter(|texts| !texts.iter().any(|text| text.contains(',')))?.join(",");
    let other = address.and_then(|rule| rule.other_address_at(&text, place.usual_port()));
    other.map_or(Some(text), |other| other.suggestion)
}

/// What an item of such a list is in text: itself, or an address in two parts.
fn item_text(item: &Value) -> Option<String> {
    let address = |host: &Value, port: &Value| {
        let port = port.as_u64().or_else(|| port.as_str()?.trim().parse().ok())?;
        Some(format!("{}:{port}", host.as_str()?.trim()))
    };
    match item {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Object(map) => match (map.get("host"), map.get("port"), map.len()) {
            (Some(host), Some(port), 2) => address(host, port),
            (Some(host), None, 1) => item_text(host),
            _ => None,
        },
        Value::Array(parts) if parts.len() == 2 => address(&parts[0], &parts[1]),
        _ => None,
    }
}

/// The object whose only required key takes a name, where the name was written in place of it.
fn section_named(table: &'static Table, name: &str) -> Option<Value> {
    let mut required = table.all_fields().filter(|field| matches!(field.presence, Presence::Required));
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
fn list_of(item: Kind, value: &Value) -> Option<Value> {
    let is_integer = |value: &Value| value.is_u64() || value.is_i64();
    let items = match (item, value) {
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

/// A number or a switch as text.
fn text_of(kind: Kind, value: &Value) -> Option<Value> {
    if !value.is_number() && !value.is_boolean() {
        return None;
    }
    let text = match value.as_f64().filter(|_| value.is_f64()) {
        // A large whole number that was written with an exponent is meant as an integer.
        Some(number) if number.fract() == 0.0 => whole(number)?.to_string(),
        _ => value.to_string(),
    };
    let is_meant = match kind {
        Kind::String | Kind::Path => text.len() <= BYTES_MAX,
        Kind::Choice(choices) => choices.position(&text).is_some(),
        _ => false,
    };
    is_meant.then(|| Value::from(text))
}

fn whole(number: f64) -> Option<i128> {
    /// 2^53: from here on a float stands for several integers.
    const INTEGER_END: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() < INTEGER_END).then_some(number as i128)
}

/// A number as a value of this kind; `None` where the kind does not have it.
fn number_as(kind: Kind, number: f64) -> Option<Value> {
    match (kind, whole(number)) {
        (Kind::Integer { min, max }, Some(integer)) => (min..=max).contains(&integer).then(|| integer_value(integer)),
        (Kind::Number { .. }, Some(integer)) => Some(integer_value(integer)),
        (Kind::Number { max }, None) => (number.abs() <= max).then(|| Value::from(number)),
        _ => None,
    }
}

/// What a switch is written as elsewhere.
fn switch(value: &Value) -> Option<bool> {
    let is_one = |text: &str, names: &[&str]| names.iter().any(|name| text.trim().eq_ignore_ascii_case(name));
    match value {
        Value::String(text) if is_one(text, &["true", "yes", "on", "1"]) => Some(true),
        Value::String(text) if is_one(text, &["false", "no", "off", "0"]) => Some(false),
        Value::Number(number) if number.as_u64() == Some(1) => Some(true),
        Value::Number(number) if number.as_u64() == Some(0) => Some(false),
        _ => None,
    }
}

/// The number that a text is, in this unit: `"8080"`, `" 8_080 "`, `"0x1f90"`, and where the unit is known `"1 GB"`.
fn number_in(text: &str, unit: Option<Unit>) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() || text.len() > BYTES_MAX {
        return None;
    }
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return i64::from_str_radix(digits, 16).ok().map(|number| number as f64);
    }
    plain_number(text).or_else(|| {
        let end = text.rfind(|character: char| character.is_ascii_digit() || character == '.')? + 1;
        let (number, written) = (plain_number(text[..end].trim_end())?, text[end..].trim());
        let number = number * factor(written, unit?)?;
        // A size has no fractions of a byte.
        Some(if unit == Some(Unit::Bytes) { number.floor() } else { number })
    })
}

fn plain_number(text: &str) -> Option<f64> {
    let is_of_number = |byte: u8| byte.is_ascii_digit() || b"+-._eE".contains(&byte);
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digit || !text.bytes().all(is_of_number) || text.starts_with('_') || text.ends_with('_') {
        return None;
    }
    text.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
}

/// By what a number with a written unit is multiplied to have another one. Of sizes, `GB` is mostly meant as 1024 MB.
fn factor(written: &str, unit: Unit) -> Option<f64> {
    [bytes, microseconds].iter().find_map(|scale| Some(scale(written)? / scale(unit.name())?))
}

fn bytes(unit: &str) -> Option<f64> {
    let unit = unit.to_ascii_lowercase();
    let power = match unit.trim_end_matches("bytes").trim_end_matches("byte").trim_end_matches('b') {
        "" => 0,
        "k" | "ki" => 1,
        "m" | "mi" => 2,
        "g" | "gi" => 3,
        "t" | "ti" => 4,
        _ => return None,
    };
    Some(1024_f64.powi(power))
}

fn microseconds(unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "us" | "µs" | "microseconds" => 1.0,
        "ms" | "milliseconds" => 1e3,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e6,
        "m" | "min" | "mins" | "minute" | "minutes" => 60e6,
        "h" | "hour" | "hours" => 3600e6,
        "d" | "day" | "days" => 86400e6,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Path;

    #[test]
    fn a_value_of_another_type_means_the_wanted_one_where_the_rules_accept_it() {
        const PORT: Kind = Kind::Integer { min: 0, max: 65535 };
        static RULES: [Rule; 1] = [Rule::Min(l2_adapter_rules::Literal::Integer(1))];
        let place = Place::new(&Path::Root, &RULES, false);
        for (kind, values, meant) in [
            (PORT, json!(["8080", " 8080\n", "8_080", "+8080", "08080", "0x1F90"]), Some(json!(8080))),
            (PORT, json!(["8080.0", "8.08e3", [8080]]), Some(json!(8080))),
            (PORT, json!(["80.5", "0", "-1", "80800", "8080/tcp", "8080 MB", "NaN"]), None),
            (PORT, json!(["inf", "1e999", ".", "", [0], [1, 2], ["1"]]), None),
            (Kind::Boolean, json!(["True", "yes", 1]), Some(json!(true))),
            (Kind::Boolean, json!(["OFF", "0", 0]), Some(json!(false))),
            (Kind::Boolean, json!(["maybe", 2]), None),
        ] {
            for value in values.as_array().expect("a list") {
                assert_eq!(corrected(kind, &place, value), meant, "{value}");
            }
        }
    }

    #[test]
    fn a_number_with_a_unit_is_given_in_the_unit_of_its_key() {
        for (text, unit, meant) in [
            ("1GB", Unit::Bytes, Some(1_073_741_824.0)),
            ("1.5 KiB", Unit::Bytes, Some(1536.0)),
            ("64 bytes", Unit::Bytes, Some(64.0)),
            ("16G", Unit::GiB, Some(16.0)),
            ("512MB", Unit::GiB, Some(0.5)),
            ("2 TiB", Unit::GiB, Some(2048.0)),
            ("500ms", Unit::Seconds, Some(0.5)),
            ("500 milliseconds", Unit::Seconds, Some(0.5)),
            ("5 min", Unit::Seconds, Some(300.0)),
            ("2s", Unit::Milliseconds, Some(2000.0)),
            ("5 GB", Unit::Seconds, None),
            ("5 apples", Unit::Bytes, None),
            ("GB", Unit::Bytes, None),
        ] {
            assert_eq!(number_in(text, Some(unit)), meant, "{text}");
        }
    }
}
