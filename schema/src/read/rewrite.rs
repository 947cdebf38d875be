//! What is written in the words of another config, in those of a spec.

use serde_json::{Map, Value};

use super::{Place, corrected::corrected, unknown::KEYS_MAX};
use crate::{
    context::Context,
    fault::FaultCode,
    foreign::Named,
    kind::Kind,
    passwords::names_a_secret,
    path::{Path, unescaped},
    render::example_value,
    table::{Field, Presence, Table},
    warning::WarningCode,
};

/// How long a rewritten spec may be: longer ones are no help in a message.
const TEXT_BYTES_MAX: usize = 2048;

/// A spec that says what another config does, without its secrets. It is valid.
#[derive(Default)]
pub(super) struct Rewritten<'a> {
    pub(super) text: String,
    /// Its keys, in order.
    entries: Vec<(&'static str, Value)>,
    /// Keys whose values are examples, or which are left out: the other config lacks them, or has values that are not shown.
    pub(super) to_fill: Vec<&'static str>,
    /// Keys that are left out because a spec cannot have their values, or not usefully.
    pub(super) refused: Vec<&'static str>,
    /// Keys of the other config that a spec does not have.
    pub(super) dropped: Vec<&'a str>,
}

/// Writes an object in the words of a table; `None` where that takes too long a text, or no valid spec says the same.
pub(super) fn rewritten<'a>(
    map: &'a Map<String, Value>,
    table: &'static Table,
    context: &Context<'_>,
) -> Option<Rewritten<'a>> {
    if map.len() > KEYS_MAX {
        return None;
    }
    let mut spec = Rewritten::default();
    spec.entries.extend(table.adapter.map(|name| ("type", Value::from(name))));
    let mut used = vec!["type"];
    for field in table.fields_with_common() {
        let given = value_of(field, map);
        used.extend(given.map(|(key, _)| key));
        match given.map(|(_, value)| worded(field, value)) {
            Some(Some(value)) => spec.entries.push((field.key, value)),
            None if !matches!(field.presence, Presence::Required) => {}
            _ => spec.leave_to_user(field),
        }
    }
    if let Some(rest) = table.rest().filter(|rest| !rest.secret) {
        for known in rest.known.iter().filter(|known| !names_a_secret(known.key)) {
            if let Some((key, value)) = value_named(Named::known(known), |key| key == known.key, map)
                && let Some(value) = meant(rest.kind, &Place::new(&Path::Root, &[], false), value)
            {
                used.push(key);
                spec.entries.push((known.key, value));
            }
        }
    }
    spec.make_valid(table, context).then_some(())?;
    spec.dropped = map.keys().map(String::as_str).filter(|key| !used.contains(key)).collect();
    let members = spec.entries.iter().map(|(key, value)| format!("\"{key}\": {}", spaced(value)));
    spec.text = format!("{{{}}}", members.collect::<Vec<_>>().join(", "));
    (spec.text.len() <= TEXT_BYTES_MAX).then_some(spec)
}

impl Rewritten<'_> {
    /// Gives a required field the value of an example, and leaves any other out.
    fn leave_to_user(&mut self, field: &'static Field) {
        if let Some(value) = example_value(field).filter(|_| matches!(field.presence, Presence::Required)) {
            match self.entries.iter_mut().find(|(key, _)| *key == field.key) {
                Some(entry) => entry.1 = value,
                None => self.entries.push((field.key, value)),
            }
        }
        if !self.to_fill.contains(&field.key) {
            self.to_fill.push(field.key);
        }
    }

    /// Leaves to the user what the table refuses or warns of, and returns whether it accepts the rest. A table that is no registered
    /// type's accepts nothing by itself, and is not asked.
    fn make_valid(&mut self, table: &'static Table, context: &Context<'_>) -> bool {
        const TURNS_MAX: usize = 5;
        let entry = context.adapters().and_then(|adapters| adapters.find(table.adapter?));
        let Some(entry) = entry.filter(|entry| std::ptr::eq((entry.table)(), table)) else { return true };
        let mut is_valid = false;
        for turn in 0..TURNS_MAX {
            let document = self.entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
            let (faults, warnings) = match entry.parse(&Value::Object(document), &context.elsewhere()) {
                Ok(parsed) => (Vec::new(), parsed.warnings),
                Err(error) => (error.faults, Vec::new()),
            };
            is_valid = faults.is_empty();
            let faults = faults.into_iter().filter(|fault| fault.code != FaultCode::MissingEnvironment);
            // Somebody will expand variables.
            let warnings = warnings.into_iter().filter(|warning| warning.code != WarningCode::Unexpanded);
            let pointers = faults.map(|fault| fault.pointer).chain(warnings.map(|warning| warning.pointer));
            let doubted: Vec<_> = pointers.filter_map(|pointer| pointer.split('/').nth(1).map(unescaped)).collect();
            if doubted.is_empty() {
                break;
            }
            // Rules over several keys come last, and may blame one that is absent or an example.
            let goes = |field: &&'static Field| match turn {
                2 if !is_valid => !matches!(field.presence, Presence::Required),
                3.. if !is_valid => true,
                _ => doubted.iter().any(|key| key == field.key),
            };
            for field in table.fields_with_common().filter(goes) {
                if matches!(field.presence, Presence::Required) {
                    self.leave_to_user(field);
                } else if let Some(index) = self.entries.iter().position(|(key, _)| *key == field.key) {
                    self.entries.remove(index);
                    self.refused.push(field.key);
                }
            }
        }
        is_valid
    }
}

/// What an object says of a field, under its own name or another.
fn value_of<'a>(field: &'static Field, map: &'a Map<String, Value>) -> Option<(&'a str, &'a Value)> {
    let named = Named { name: field.key, also_known_as: field.also_known_as };
    value_named(named, |key| field.is_named(key), map)
}

fn value_named(named: Named, is_own: impl Fn(&str) -> bool, map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let given = map.iter().filter(|(_, value)| !value.is_null());
    given
        .clone()
        .find(|(key, _)| is_own(key))
        .or_else(|| given.clone().find(|(key, _)| named.meant_by(key).is_some()))
        .map(|(key, value)| (key.as_str(), value))
}

/// A value as the field takes it, as far as that is known; `None` for one that is not shown.
fn worded(field: &'static Field, value: &Value) -> Option<Value> {
    let is_hidden = field.secret || field.kind.holds_secret();
    Some(value).filter(|_| !is_hidden).and_then(|value| meant(field.kind, &Place::of(&Path::Root, field), value))
}

/// A value as its place takes it: the host in a URL, the number in a text, the name of a choice. `None` for one that is not shown:
/// an address with a password, and of objects all that is not declared.
fn meant(kind: Kind, place: &Place<'_>, value: &Value) -> Option<Value> {
    let kind = kind.unwrap_optional();
    let address = || {
        let text = value.as_str().filter(|_| matches!(kind, Kind::String))?;
        let other = place.rules.iter().find_map(|rule| rule.other_address_at(text, place.usual_port()))?;
        other.suggestion.map(Value::from)
    };
    let is_shown = |meant: &Value| !meant.as_str().is_some_and(|text| text.contains('@'));
    if let Some(meant) = corrected(kind, place, value).or_else(address) {
        return Some(meant).filter(is_shown);
    }
    let inside = |kind: Kind, value: &Value| meant(kind, &Place::new(&Path::Root, &[], false), value);
    match (kind, value) {
        (Kind::Choice(choices), Value::String(name)) if choices.position(name).is_none() => {
            let named = choices.variants.iter().map(Named::choice).find_map(|choice| choice.meant_by(name));
            Some(named.map_or_else(|| value.clone(), |named| Value::from(named.name)))
        }
        (Kind::List(item), Value::Array(items)) => items.iter().map(|value| inside(*item, value)).collect(),
        (Kind::Map(item), Value::Object(entries)) => {
            let entry = |(key, value): (&String, &Value)| {
                let value = Some(value).filter(|_| !names_a_secret(key)).and_then(|value| inside(*item, value));
                Some((key.clone(), value?))
            };
            entries.iter().map(entry).collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        (Kind::Section(table), Value::Object(map)) => {
            let member = |field: &'static Field| Some((field.key.to_owned(), worded(field, value_of(field, map)?.1)?));
            Some(table().all_fields().filter_map(member).collect())
        }
        (_, Value::Array(_) | Value::Object(_)) => None,
        (_, scalar) => Some(scalar).filter(|scalar| is_shown(scalar)).cloned(),
    }
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
