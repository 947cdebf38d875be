//! Options, lists and maps.

use std::collections::BTreeMap;

use l2_adapter_rules::{Entries, Literal, Rule};
use serde_json::Value;

use crate::{
    equality::first_repeated,
    fault::FaultCode,
    kind::Kind,
    path::Path,
    read::{NESTING_MAX, Place, Reader, is_shallow},
    value::{ConfigValue, Secrets, check_rules, string::check_text},
    violation::Violation,
};

impl<T: ConfigValue> ConfigValue for Option<T> {
    const KIND: Kind = Kind::Optional(&T::KIND);
    const SECRET: bool = T::SECRET;

    #[inline]
    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value, place, reader).map(Some) }
    }

    #[inline]
    fn from_literal(literal: &Literal) -> Option<Self> {
        if *literal == Literal::Null { Some(None) } else { T::from_literal(literal).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn to_json(&self, secrets: Secrets) -> Option<Value> {
        self.as_ref().and_then(|value| value.to_json(secrets))
    }
}

impl<T: ConfigValue> ConfigValue for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
    const SECRET: bool = T::SECRET;

    #[inline]
    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Array(items) = value else { return reader.wrong_type(place, Self::KIND, value) };
        if let Some(list) = T::read_valid_items(items, place.rules) {
            return Some(list);
        }
        read_list(items, value, place, reader)
    }

    #[inline]
    fn from_literal(literal: &Literal) -> Option<Self> {
        let Literal::List(items) = *literal else { return None };
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            list.push(T::from_literal(item)?);
        }
        Some(list)
    }

    fn to_json(&self, secrets: Secrets) -> Option<Value> {
        Some(Value::Array(self.iter().map(|item| item.to_json(secrets).unwrap_or(Value::Null)).collect()))
    }
}

/// Reads a list item by item.
#[inline(never)]
fn read_list<T: ConfigValue>(
    items: &[Value],
    value: &Value,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<Vec<T>> {
    let counted = check_count(items.len(), place, reader, value);
    let each = Entries::of(place.rules).each;
    let mut list = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = Path::Index(place.path, index);
        list.extend(T::read(item, &place.inside(&path, each), reader));
    }
    let unique = place.rules.iter().any(|rule| matches!(rule, Rule::Unique));
    let distinct = !unique || check_unique(items, place, reader);
    (counted && distinct && list.len() == items.len()).then_some(list)
}

fn check_count(count: usize, place: &Place<'_>, reader: &mut Reader<'_>, value: &Value) -> bool {
    check_rules(place, reader, value, |rule| (!rule.accepts_count(count)).then(|| Violation::of_count(rule, count)))
}

fn check_unique(items: &[Value], place: &Place<'_>, reader: &mut Reader<'_>) -> bool {
    // A comparison needs as much stack as the items are deep. An item that is too deep is already a fault.
    if !items.iter().all(|item| is_shallow(item, NESTING_MAX)) {
        return true;
    }
    let Some((later, earlier)) = first_repeated(items) else { return true };
    let path = Path::Index(place.path, later);
    let message = format!("repeats item {earlier}: items must differ");
    let violation = Violation {
        code: FaultCode::RepeatedItem,
        message,
        expected: "items that differ".to_owned(),
        suggestion: None,
    };
    reader.broken_rule(&place.inside(&path, &[]), violation, &items[later]);
    false
}

impl<T: ConfigValue> ConfigValue for BTreeMap<String, T> {
    const KIND: Kind = Kind::Map(&T::KIND);
    const SECRET: bool = T::SECRET;

    #[inline]
    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Object(entries) = value else { return reader.wrong_type(place, Self::KIND, value) };
        read_entries(entries.iter(), entries.len(), value, place, reader)
    }

    fn to_json(&self, secrets: Secrets) -> Option<Value> {
        let entries = self.iter().map(|(key, value)| (key.clone(), value.to_json(secrets).unwrap_or(Value::Null)));
        Some(Value::Object(entries.collect()))
    }
}

/// Reads the entries of a map, or the undeclared keys of an object.
pub(crate) fn read_entries<'v, T: ConfigValue>(
    entries: impl Iterator<Item = (&'v String, &'v Value)>,
    count: usize,
    whole: &Value,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<BTreeMap<String, T>> {
    let counted = check_count(count, place, reader, whole);
    let Entries { keys, each: values, .. } = Entries::of(place.rules);
    let mut map = BTreeMap::new();
    let mut keys_sound = true;
    for (key, value) in entries {
        let path = reader.entry(place, key);
        keys_sound &= check_text(key, &place.inside(&path, keys).naming_key(), reader, value);
        if let Some(value) = T::read(value, &place.inside(&path, values), reader) {
            map.insert(key.clone(), value);
        }
    }
    (counted && keys_sound && map.len() == count).then_some(map)
}
