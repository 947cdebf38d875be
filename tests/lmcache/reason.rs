//! Finds the reason for which we refuse a value that LMCache accepts, from the table, the document and LMCache's answer. If these
//! do not show it, the contract must list it.

use l2_adapter::{Fault, FaultCode};
use l2_adapter_schema::{Alias, BothNames, Kind, Table};
use serde_json::Value;

use crate::{
    answers::{Attributes, Stored},
    contract::{Contract, Listed, Reason, SHARED},
    corpus::tokens,
    verdict::{Difference, kind_at, stored_at},
};

/// The reason of one fault.
pub(crate) fn explain(
    table: &'static Table,
    contract: &Contract,
    document: &str,
    value: &Value,
    fault: &Fault,
    attributes: &Attributes,
) -> Result<Difference, String> {
    let path = tokens(&fault.pointer);
    if let Some(inner) = inner_spec(table, &path, value, attributes)? {
        let fault = Fault::new(inner.pointer, fault.code, &*fault.message);
        let mut difference = explain(inner.table, inner.contract, document, inner.value, &fault, inner.attributes)?;
        difference.place = format!("/{}{}", path[0], difference.place);
        return Ok(difference);
    }
    let given = value.pointer(&fault.pointer);
    let other = other_name(table, &path, value);
    let place = pattern(table, &if other.is_some() { path.clone() } else { canonical(table, &path) });
    let (reason, theirs) = match (other, given) {
        (Some(other), _) => (Reason::NotValidated, format!("uses its other name, `{other}`")),
        (None, Some(given))
            if fault.code == FaultCode::OutOfRange && is_beyond_its_type(kind_at(table, &path), given) =>
        {
            (Reason::OutOfRange, "accepts an integer of any size".to_owned())
        }
        // serde_json rounds the integer below the smallest one of 64 bits to the smallest.
        (None, Some(_)) if fault.code == FaultCode::InexactInteger => {
            (Reason::OutOfRange, "accepts an integer of any size".to_owned())
        }
        _ => match list_of(contract, &fault.pointer, fault.code, given) {
            Some(listed) => (listed.reason, listed.theirs.to_owned()),
            None => {
                let stored = stored_at(contract, attributes, &canonical(table, &path));
                by_code(table, document, &path, fault.code, given, stored)?
            }
        },
    };
    // The fault may be one of a key of a map instead of its value.
    let is_name = fault.code == FaultCode::NotAllowed && place.ends_with("/*") && given.is_some_and(Value::is_number);
    let given = if is_name { path.last().map(|name| Value::from(&**name)) } else { given.cloned() };
    let is_ignored = match reason {
        Reason::UnknownKey | Reason::RepeatedKey => true,
        Reason::NotValidated => matches!(fault.code, FaultCode::ForbiddenKey | FaultCode::Rule) || other.is_some(),
        _ => false,
    };
    let given = given.as_ref().map(written).unwrap_or_default();
    Ok(Difference { place, code: fault.code, reason, given, theirs, is_ignored })
}

/// A value as a document has it.
fn written(value: &Value) -> String {
    match value.as_f64() {
        // Integers beyond 64 bits are floats to serde_json.
        Some(number) if value.is_f64() && (1e15..1e21).contains(&number.abs()) => format!("{number:.0}"),
        _ => value.to_string(),
    }
}

/// The other name of a key in the document, if LMCache uses that one.
fn other_name(table: &'static Table, path: &[String], value: &Value) -> Option<&'static str> {
    let first = path.first()?;
    let is_named = |alias: &&Alias| alias.key == first;
    let field = crate::verdict::fields(table)
        .find(|field| field.key == first || field.aliases.iter().any(|alias| alias.key == first))?;
    match field.aliases.iter().find(is_named) {
        Some(alias) if alias.both == BothNames::KeyWins => value.get(field.key).map(|_| field.key),
        _ => field
            .aliases
            .iter()
            .find(|alias| alias.both == BothNames::AliasWins && alias.key != first && value.get(alias.key).is_some())
            .map(|alias| alias.key),
    }
}

/// The contract's entry for a place and a code.
fn list_of(contract: &Contract, pointer: &str, code: FaultCode, given: Option<&Value>) -> Option<&'static Listed> {
    let path = tokens(pointer);
    contract.listed.iter().chain(SHARED.listed).find(|listed| {
        let pattern = tokens(listed.place);
        let fits = |(expected, found): (&String, &String)| expected == "*" || expected == found;
        listed.code == code
            && (listed.covers)(given.unwrap_or(&Value::Null))
            && pattern.len() == path.len()
            && pattern.iter().zip(&path).all(fits)
    })
}

fn by_code(
    table: &'static Table,
    document: &str,
    path: &[String],
    code: FaultCode,
    given: Option<&Value>,
    stored: Option<&Stored>,
) -> Result<(Reason, String), String> {
    let kind = kind_at(table, path);
    match (code, given) {
        (FaultCode::Syntax, _) if is_only_for_python(document) => Ok((Reason::NotJson, String::new())),
        (FaultCode::RepeatedKey, _) => Ok((Reason::RepeatedKey, "uses the last one".to_owned())),
        (FaultCode::UnknownKey | FaultCode::OtherVersion, _) if stored.is_none() => {
            Ok((Reason::UnknownKey, "ignores it".to_owned()))
        }
        // A type that passes undeclared keys on does so with those of other versions.
        (FaultCode::OtherVersion, _) if table.rest().is_some() => Ok((Reason::NotValidated, "passes it on".to_owned())),
        (FaultCode::WrongType, Some(given)) => wrong_type(kind, given, stored),
        (FaultCode::Blank | FaultCode::Length, Some(Value::String(text))) if is_blank(text) => {
            Ok((Reason::Blank, stores(stored)))
        }
        _ => Err(format!("the contract does not list it; LMCache {}", stores(stored))),
    }
}

fn wrong_type(kind: Option<Kind>, given: &Value, stored: Option<&Stored>) -> Result<(Reason, String), String> {
    match (kind, stored) {
        (Some(Kind::Integer { .. } | Kind::Number { .. }), _) if given.is_boolean() => {
            Ok((Reason::BoolAsNumber, stores(stored)))
        }
        (Some(Kind::Integer { .. } | Kind::Number { .. }), Some(stored))
            if given.is_number() && stored.means(given) =>
        {
            Err(format!("LMCache {}: a number, and not converted", stores(Some(stored))))
        }
        (_, Some(stored)) if stored.means(given) => Ok((Reason::NotValidated, stores(Some(stored)))),
        (_, Some(stored)) => Ok((Reason::Coerced, stores(Some(stored)))),
        (Some(_), None) if given.is_null() => Ok((Reason::NotValidated, "leaves it out".to_owned())),
        (_, None) => Err("LMCache stores nothing of it".to_owned()),
    }
}

/// A description of LMCache's handling of a value.
fn stores(stored: Option<&Stored>) -> String {
    stored.map_or_else(|| "stores nothing of it".to_owned(), |stored| format!("stores `{}`", stored.shown()))
}

/// Whether a text has a part that Python's `json` reads although it is not JSON, or although a parser need not read it.
fn is_only_for_python(document: &str) -> bool {
    // RFC 8259 lets a parser limit the depth; this is serde_json's limit.
    const DEEPEST: usize = 127;
    let opened = document.bytes().scan(0_i64, |depth, byte| {
        *depth += i64::from(b"[{".contains(&byte)) - i64::from(b"]}".contains(&byte));
        Some(*depth)
    });
    let is_deep = opened.max().unwrap_or_default() > DEEPEST as i64;
    is_deep || ["NaN", "Infinity", "1e400", "\\ud"].iter().any(|text| document.contains(text))
}

fn is_blank(text: &str) -> bool {
    text.trim_matches(l2_adapter::BLANK).is_empty()
}

/// Whether an integer is out of the range of its Rust type, if that is wide enough for every useful value.
fn is_beyond_its_type(kind: Option<Kind>, given: &Value) -> bool {
    let (Some(Kind::Integer { min, max }), Some(number)) = (kind, given.as_number()) else { return false };
    let is_wide = max >= i128::from(i32::MAX);
    match number.to_string().parse::<i128>() {
        Ok(integer) => (is_wide && integer > max) || (min < 0 && integer < min),
        // For an integer of more than 64 bits serde_json has the nearest float.
        Err(_) => {
            let number = given.as_f64().unwrap_or_default();
            (is_wide && number >= max as f64) || (min < 0 && number <= min as f64)
        }
    }
}

/// A pointer with `*` in place of indices, keys of maps and undeclared keys.
fn pattern(table: &'static Table, path: &[String]) -> String {
    let is_declared = |table: &'static Table, key: &String| {
        crate::verdict::fields(table)
            .any(|field| field.key == key || field.aliases.iter().any(|alias| alias.key == key))
    };
    let takes_undeclared = |table, depth: usize| {
        !is_declared(table, &path[depth]) && kind_at(table, &path[..1]).is_some() && table.rest().is_some()
    };
    let is_free = |depth: usize| match depth.checked_sub(1).and_then(|_| kind_at(table, &path[..depth])) {
        None => depth == 0 && takes_undeclared(table, depth),
        Some(Kind::List(_) | Kind::Map(_)) => true,
        Some(Kind::Section(section)) => takes_undeclared(section(), depth),
        Some(_) => false,
    };
    let steps = path.iter().enumerate();
    steps.map(|(depth, step)| if is_free(depth) { "/*".to_owned() } else { format!("/{step}") }).collect()
}

/// The path with its first key in place of an alias.
fn canonical(table: &'static Table, path: &[String]) -> Vec<String> {
    let mut path = path.to_vec();
    let Some(first) = path.first_mut() else { return path };
    let named = crate::verdict::fields(table).find(|field| field.aliases.iter().any(|alias| alias.key == first));
    if let Some(field) = named {
        *first = field.key.to_owned();
    }
    path
}

/// A nested spec that a fault points into.
struct Inner<'a> {
    table: &'static Table,
    contract: &'static Contract,
    value: &'a Value,
    attributes: &'a Attributes,
    pointer: String,
}

fn inner_spec<'a>(
    table: &'static Table,
    path: &[String],
    value: &'a Value,
    attributes: &'a Attributes,
) -> Result<Option<Inner<'a>>, String> {
    let is_inner =
        path.len() > 1 && matches!(kind_at(table, path.get(..1).unwrap_or_default()), Some(Kind::AdapterSpec));
    let Some(value) = path.first().filter(|_| is_inner).and_then(|key| value.get(key)) else { return Ok(None) };
    let name = value["type"].as_str().unwrap_or_default();
    let found = (crate::table_of(name), Contract::of(name), attributes.get("inner_config"));
    let (Some(table), Some(contract), Some(Stored::Object(_, attributes))) = found else {
        return Err(format!("the type of the nested spec has no contract: {name:?}"));
    };
    let pointer = path[1..].iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
    Ok(Some(Inner { table, contract, value, attributes, pointer }))
}
