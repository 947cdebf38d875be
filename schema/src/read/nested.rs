//! Free-form objects that are the spec of an adapter where other keys say so.

use serde_json::{Map, Value};

use super::{Object, Place, Reader, rewrite::rewritten};
use crate::{
    fault::FaultCode,
    kind::Kind,
    literal::LiteralValue,
    path::Path,
    secret::REDACTED,
    spec::NestedSpec,
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
        let valid = reader.descend(place, value, |reader| (nested.entry.read)(map, path, reader).ok());
        for key in nested.outside.iter().filter(|key| self.differs((nested.entry.table)(), key, map)) {
            let path = Path::Key(path, key);
            let message = format!("has no effect inside `{0}`: write it next to `{0}`", field.key);
            reader.warn(&Place::new(&path, &[], field.secret), WarningCode::Advice, &message);
        }
        valid.is_some()
    }

    /// Whether the spec in an object says something else by a common key than the keys around it do.
    fn differs(&self, table: &'static Table, key: &str, map: &Map<String, Value>) -> bool {
        let Some(value) = map.get(key) else { return false };
        let common = table.common_fields().iter().find(|field| field.key == key);
        match (self.map.get(key), common.map(|field| field.presence)) {
            (Some(counted), _) => counted != value,
            (None, Some(Presence::Default(default))) => !default.equals(value),
            (None, _) => !value.is_null(),
        }
    }

    /// Reports the absence of an object that is a spec with keys that it must have: one fault, whatever its default lacks.
    pub(super) fn refuse_absent_spec(&self, field: &'static Field, reader: &mut Reader<'_>) -> bool {
        let Some(nested) = field.nested_spec.filter(|nested| nested.applies(self.map) && is_demanded(field)) else {
            return false;
        };
        let (table, path) = ((nested.entry.table)(), Path::Key(self.path, field.key));
        let type_name = table.adapter.unwrap_or_default();
        let message = format!("is required: it has the keys of a `{type_name}` spec here, without `type`");
        let mut fault = reader.fault(&Place::new(&path, &[], field.secret), FaultCode::Missing, &message);
        let misplaced = self.map.iter().filter(|(key, _)| !self.is_known(key));
        let given = misplaced.map(|(key, value)| (key.clone(), value.clone())).collect();
        let type_key = format!("\"type\": \"{type_name}\", ");
        let spec = rewritten(&given, table, reader.context()).filter(|_| !reader.hides(field.secret));
        fault.suggestion = spec.map(|spec| spec.text.replacen(&type_key, "", 1));
        reader.push(fault);
        true
    }
}

/// Whether a free-form object cannot be left out where it is a spec: no default of it has the keys that the spec must have.
pub(crate) fn is_demanded(field: &Field) -> bool {
    let must_be_given = |field: &Field| matches!(field.presence, Presence::Required) && field.environment.is_none();
    let has_one_name = field.aliases.is_empty() && field.environment.is_none();
    let is_computed = matches!(field.presence, Presence::Computed(_));
    let needs_keys = |nested: &NestedSpec| (nested.entry.table)().all_fields().any(must_be_given);
    has_one_name && is_computed && field.nested_spec.is_some_and(needs_keys)
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
