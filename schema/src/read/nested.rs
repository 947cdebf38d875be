//! Free-form objects that are the spec of an adapter where other keys say so.

use serde_json::{Map, Value};

use super::{Object, Place, Reader};
use crate::{
    kind::Kind,
    literal::LiteralValue,
    path::Path,
    secret::REDACTED,
    table::{Field, Presence, Table},
    warning::WarningCode,
};

impl Object<'_> {
    /// Checks the value of a field as the spec that the keys next to it make of it. Answers whether it is valid, or none.
    pub(super) fn check_nested_spec(
        &self,
        field: &'static Field,
        value: &Value,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> bool {
        let (Some(nested), Value::Object(map), path) = (field.nested_spec, value, place.path) else { return true };
        if !nested.applies(self.map) {
            return true;
        }
        let valid = reader.descend(place, value, |reader| nested.is_valid(map, path, reader).then_some(()));
        for key in nested.outside.iter().filter(|key| says_something((nested.entry.table)(), key, map)) {
            let path = Path::Key(path, key);
            let message = format!("has no effect inside `{0}`: write it next to `{0}`", field.key);
            reader.warn(&Place::new(&path, &[], field.secret), WarningCode::Advice, &message);
        }
        valid.is_some()
    }
}

/// Whether an object has a common key with another value than its default.
fn says_something(table: &'static Table, key: &str, map: &Map<String, Value>) -> bool {
    let Some(value) = map.get(key) else { return false };
    match table.common_fields().iter().find(|field| field.key == key).map(|field| field.presence) {
        Some(Presence::Default(default)) => !default.equals(value),
        _ => !value.is_null(),
    }
}

/// Hides the secrets of nested specs in an object that is written out.
pub(super) fn redact_nested_specs(map: &mut Map<String, Value>, table: &'static Table) {
    for field in table.all_fields() {
        if let Some(nested) = field.nested_spec.filter(|nested| nested.applies(map))
            && let Some(Value::Object(inner)) = map.get_mut(field.key)
        {
            redact(inner, (nested.entry.table)());
        }
    }
}

fn redact(map: &mut Map<String, Value>, table: &'static Table) {
    for (key, value) in map.iter_mut().filter(|(_, value)| !value.is_null()) {
        let field = table.fields_with_common().find(|field| field.is_named(key));
        let field = field.map(|field| (field.secret, field.kind));
        match field.or_else(|| table.rest().map(|rest| (rest.secret, rest.kind))) {
            Some((false, kind)) => redact_value(value, kind),
            Some((true, _)) => *value = Value::from(REDACTED),
            // The `type`: a spec with other unknown keys is refused.
            None => {}
        }
    }
    redact_nested_specs(map, table);
}

fn redact_value(value: &mut Value, kind: Kind) {
    match (kind.unwrap_optional(), value) {
        (Kind::Section(table), Value::Object(map)) => redact(map, table()),
        (Kind::List(item), Value::Array(items)) => items.iter_mut().for_each(|value| redact_value(value, *item)),
        (Kind::Map(item), Value::Object(map)) => map.values_mut().for_each(|value| redact_value(value, *item)),
        // Which table they are read by takes more than is known here.
        (kind @ (Kind::Union(_) | Kind::AdapterSpec), value) if kind.holds_secret() => *value = Value::from(REDACTED),
        _ => {}
    }
}
