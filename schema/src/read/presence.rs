//! Whether a key is there, under which name, and whether it may or must be.

use std::ffi::OsString;

use l2_adapter_rules::{BothNames, ConditionEffect, Literal, one_of};
use serde_json::Value;

use super::{Object, Origin, Place, Reader};
use crate::{
    fault::{Fault, FaultCode},
    json::{hidden_fault, repeated_keys, without_secrets},
    kind::Kind,
    literal::LiteralValue,
    path::Path,
    peer::InVersion as _,
    table::{CommonKeyDemand, Condition, Field, Presence, Table},
    violation::Violation,
    warning::WarningCode,
};

/// What was found of a field.
pub(crate) enum Found<'a> {
    /// Its value, under its own key.
    Value(&'a Value),
    /// Values under other names than its key, or several values. All are checked, and the first one counts, or none if the
    /// names exclude each other, which is reported.
    Named { names: Vec<(&'static str, &'a Value)>, conflict: bool },
    /// A value made of this environment variable.
    Variable(&'static str, Value),
    /// Nothing, and that is allowed.
    Absent,
    /// Something that is a fault already reported.
    Faulted,
}

impl<'a> Object<'a> {
    #[inline]
    pub(crate) fn find(&self, index: usize, field: &'static Field, reader: &mut Reader<'_>) -> Found<'a> {
        let value = self.slots[index];
        let plain = field.aliases.is_empty()
            && field.conditions.is_empty()
            && field.deprecated.is_none()
            && field.versions.are_all();
        match value {
            Some(value) if plain => Found::Value(value),
            None if plain && field.environment.is_none() && !matches!(field.presence, Presence::Required) => {
                Found::Absent
            }
            _ => self.find_slowly(index, field, reader),
        }
    }

    #[cold]
    fn find_slowly(&self, index: usize, field: &'static Field, reader: &mut Reader<'_>) -> Found<'a> {
        let (own, several);
        let names: &[(&'static str, &'a Value)] = if self.has_alias(index, field) {
            several = self.names(index, field);
            &several
        } else {
            own = self.slots[index].map(|value| (field.key, value));
            own.as_slice()
        };
        if !reader.context().peer().has(&field.versions) {
            // It must be absent, and nothing else is asked of it.
            for (key, _) in names {
                let message = reader.context().peer().map(|peer| peer.lacks_key(&field.versions)).unwrap_or_default();
                self.report(key, FaultCode::OtherVersion, &message, reader);
            }
            return if names.is_empty() { Found::Absent } else { Found::Faulted };
        }
        let allowed = self.check_conditions(field, names, reader);
        if names.is_empty() {
            let found = if allowed { self.absent(field, reader) } else { Found::Faulted };
            if let (Found::Variable(name, _), Some(reason)) = (&found, field.deprecated) {
                let path = Path::Key(self.path, field.key);
                let place = Place { origin: Origin::Variable(name), ..Place::new(&path, &[], false) };
                reader.warn(&place, WarningCode::DeprecatedKey, &format!("is deprecated: {reason}"));
            }
            return found;
        }
        self.warn_of_names(field, names, reader);
        if !allowed {
            return Found::Faulted;
        }
        match names {
            [(key, value)] if *key == field.key => Found::Value(value),
            _ => Found::Named { names: names.to_vec(), conflict: self.report_conflict(field, names, reader) },
        }
    }

    /// The slot of a field's first alias.
    fn first_alias(&self, index: usize) -> usize {
        self.table.fields.len() + self.table.fields[..index].iter().map(|field| field.aliases.len()).sum::<usize>()
    }

    fn has_alias(&self, index: usize, field: &'static Field) -> bool {
        let first = self.first_alias(index);
        self.slots[first..first + field.aliases.len()].iter().any(Option::is_some)
    }

    /// The names under which a field was given; the first one counts.
    pub(super) fn names(&self, index: usize, field: &'static Field) -> Vec<(&'static str, &'a Value)> {
        let mut names: Vec<_> = self.slots[index].map(|value| (field.key, value)).into_iter().collect();
        let first_alias = self.first_alias(index);
        for (position, alias) in field.aliases.iter().enumerate() {
            if let Some(value) = self.slots[first_alias + position] {
                match alias.both {
                    BothNames::AliasWins => names.insert(0, (alias.key, value)),
                    _ => names.push((alias.key, value)),
                }
            }
        }
        names
    }

    /// Reports names that exclude each other. Returns whether there are any.
    fn report_conflict(&self, field: &'static Field, names: &[(&str, &Value)], reader: &mut Reader<'_>) -> bool {
        let mut conflict = false;
        for (key, _) in names {
            let refused = field.aliases.iter().any(|alias| alias.key == *key && alias.both == BothNames::Refused);
            if refused && let Some((other, _)) = names.iter().find(|(name, _)| name != key) {
                let message = format!("is another name of `{other}`: give only one of them");
                self.report(key, FaultCode::ConflictingKeys, &message, reader);
                conflict = true;
            }
        }
        conflict
    }

    /// Reports a key of this object, whatever its value is.
    pub(super) fn report(&self, key: &str, code: FaultCode, message: &str, reader: &mut Reader<'_>) {
        let path = Path::Key(self.path, key);
        reader.push(reader.fault(&Place::new(&path, &[], false), code, message));
    }

    fn warn_of_names(&self, field: &'static Field, names: &[(&'static str, &Value)], reader: &mut Reader<'_>) {
        for (key, _) in names {
            let path = Path::Key(self.path, key);
            let place = Place::new(&path, &[], false);
            if field.aliases.iter().any(|alias| alias.key == *key && alias.legacy) {
                reader.warn(&place, WarningCode::LegacyKey, &format!("is an old name: write `{}`", field.key));
            }
            if let Some(reason) = field.deprecated {
                reader.warn(&place, WarningCode::DeprecatedKey, &format!("is deprecated: {reason}"));
            }
        }
    }

    /// Reports a key that is there and must not be, or is absent or `null` and must have a value, because of another key.
    fn check_conditions(
        &self,
        field: &'static Field,
        names: &[(&'static str, &Value)],
        reader: &mut Reader<'_>,
    ) -> bool {
        let own = [(field.key, &Value::Null)];
        let mut sound = true;
        for condition in field.conditions {
            let met = is_met(self.table, condition, |other| self.slots.get(other).copied().flatten());
            let (code, keys, message) = match condition.effect {
                ConditionEffect::RequiredIf if met && names.is_empty() => {
                    (FaultCode::Missing, &own[..], "is required when")
                }
                // An option that must be there needs a value: `null` is the same as leaving it out.
                ConditionEffect::RequiredIf if met && matches!(field.kind, Kind::Optional(_)) => {
                    (FaultCode::WrongType, names, "must not be null when")
                }
                ConditionEffect::ForbiddenUnless if !met => {
                    (FaultCode::ForbiddenKey, &names[..names.len().min(1)], "must not be given unless")
                }
                _ => continue,
            };
            let is_about_null = code == FaultCode::WrongType;
            for (key, value) in keys.iter().filter(|(_, value)| !is_about_null || value.is_null()) {
                let path = Path::Key(self.path, key);
                let message = format!("{message} {}", describe_condition(condition));
                let fault = reader.fault(&Place::new(&path, &[], false), code, &message);
                let expected = is_about_null.then(|| super::report::expected_type(field.kind).to_owned());
                let got = is_about_null.then(|| super::report::json_type(value).to_owned());
                reader.push(Fault { expected, got, ..fault });
                sound = false;
            }
        }
        sound
    }

    /// Checks this table's rules on common keys; `slot` is the table's own, which includes the common keys.
    pub fn check_common_rules(&self, slot: fn(&str) -> usize, reader: &mut Reader<'_>) {
        for rule in self.table.common_rules {
            let peer = reader.context().peer();
            let field = self.table.common_fields().iter().find(|field| field.key == rule.key);
            // A rule and its key may each be absent in this version of the peer.
            if !peer.demands(&rule.versions) || field.is_some_and(|field| !peer.has(&field.versions)) {
                continue;
            }
            let default_is_one_of = |values: &[Literal]| match field.map(|field| &field.presence) {
                Some(Presence::Default(default)) => values.contains(default),
                _ => false,
            };
            let note = reader.version_note(&rule.versions);
            let written = self.slots.get(slot(rule.key)).copied().flatten();
            let path = Path::Key(self.path, rule.key);
            let place = Place::new(&path, &[], false);
            match (rule.demand, written) {
                (CommonKeyDemand::Forbidden, Some(value)) if !value.is_null() => {
                    // Whatever is wrong with the value, it must go.
                    reader.retract(&path);
                    let message = format!("must not be given: {}{note}", rule.reason);
                    reader.push(reader.fault(&place, FaultCode::ForbiddenKey, &message));
                }
                (CommonKeyDemand::Allowed(values), Some(value))
                    if !values.iter().any(|allowed| allowed.equals(value)) =>
                {
                    reader.retract(&path);
                    let expected = one_of(values.iter().map(|value| value.to_string()));
                    let message = format!("must be {expected}: {}{note}", rule.reason);
                    let violation = Violation { code: FaultCode::NotAllowed, message, expected, suggestion: None };
                    reader.broken_rule(&place, violation, value);
                }
                (CommonKeyDemand::Allowed(values), None) if !default_is_one_of(values) => {
                    let expected = one_of(values.iter().map(|value| value.to_string()));
                    let message = format!("is required and must be {expected}: {}{note}", rule.reason);
                    reader.push(reader.fault(&place, FaultCode::Missing, &message));
                }
                _ => {}
            }
        }
    }

    pub(crate) fn absent(&self, field: &'static Field, reader: &mut Reader<'_>) -> Found<'a> {
        if let Some(name) = field.environment
            && let Some(value) = reader.context().variable(name)
        {
            return self.of_variable(field, name, value, reader);
        }
        if !matches!(field.presence, Presence::Required) {
            return Found::Absent;
        }
        let path = Path::Key(self.path, field.key);
        if let (Some(name), Some(suppose)) = (field.environment, reader.context().supposed())
            && let Some(value) = suppose(field)
        {
            reader.suppose(&path);
            return Found::Variable(name, value);
        }
        let place = Place::new(&path, &[], false);
        let code = if field.environment.is_some() { FaultCode::MissingEnvironment } else { FaultCode::Missing };
        // If no variable is read, the message mentions none.
        let advice = field.environment.filter(|_| reader.context().may_have_variables());
        let advice = advice.map(|name| format!(": give it, or set the environment variable {name}"));
        let fault = reader.fault(&place, code, &format!("is required{}", advice.unwrap_or_default()));
        let expected = match field.kind.unwrap_optional() {
            Kind::Choice(choices) => {
                let names = choices.variants_in(reader.context().peer()).map(|choice| choice.name);
                one_of(names.map(|name| format!("\"{name}\"")))
            }
            kind => super::report::expected_type(kind).to_owned(),
        };
        reader.push(Fault { expected: Some(expected), ..fault });
        Found::Faulted
    }

    /// The value of a field that an environment variable supplies.
    fn of_variable(
        &self,
        field: &'static Field,
        name: &'static str,
        value: OsString,
        reader: &mut Reader<'_>,
    ) -> Found<'a> {
        let path = Path::Key(self.path, field.key);
        let place = Place { origin: Origin::Variable(name), ..Place::new(&path, &[], field.secret) };
        let Ok(text) = value.into_string() else {
            let fault = reader.fault(&place, FaultCode::WrongType, "must be UTF-8");
            reader.push(Fault { got: Some("other bytes".to_owned()), ..fault });
            return Found::Faulted;
        };
        let value = variable_value(field.kind, &text);
        // Numbers too: under serde_json's `arbitrary_precision` an object with a reserved key is read as one.
        let repeated = if value.is_string() { Vec::new() } else { repeated_keys(&text, &value) };
        if repeated.is_empty() {
            return Found::Variable(name, value);
        }
        let hidden = reader.hides(field.secret);
        let shown = match hidden {
            true => repeated,
            false => without_secrets(repeated, field.kind, &value, reader.context()),
        };
        for fault in shown {
            let message = match hidden {
                true => format!("has a key that {}", hidden_fault(fault.code)),
                false => format!("has a fault at {}: {}", fault.pointer, fault.message),
            };
            reader.push(reader.fault(&place, fault.code, &message));
        }
        Found::Faulted
    }
}

/// Whether the other key of a condition has one of its values. `written` returns the document's value for a field of the table.
pub fn is_met<'v>(table: &Table, condition: &Condition, written: impl Fn(usize) -> Option<&'v Value>) -> bool {
    let Some(other) = table.fields.iter().position(|field| field.key == condition.other) else { return false };
    if condition.values.is_empty() {
        return written(other).is_none_or(Value::is_null);
    }
    let field = &table.fields[other];
    let ignore_case = matches!(field.kind.unwrap_optional(), Kind::Choice(choices) if choices.ignore_case);
    let matches = |value: &Value| {
        condition.values.iter().any(|literal| match (literal.as_text(), value.as_str()) {
            (Some(expected), Some(written)) if ignore_case => expected.eq_ignore_ascii_case(written),
            _ => literal.equals(value),
        })
    };
    match (written(other), &field.presence) {
        (Some(value), _) => matches(value),
        (None, Presence::Default(default)) => {
            condition.values.iter().any(|value| match (value.as_text(), default.as_text()) {
                (Some(value), Some(default)) if ignore_case => value.eq_ignore_ascii_case(default),
                _ => value == default,
            })
        }
        (None, _) => false,
    }
}

/// A condition as the end of a sentence: `` `role` is "sender" ``.
pub(crate) fn describe_condition(condition: &Condition) -> String {
    let values = match condition.values {
        [] => "absent".to_owned(),
        values => one_of(values.iter().map(|value| value.to_string())),
    };
    let reason = if condition.reason.is_empty() { String::new() } else { format!(" ({})", condition.reason) };
    format!("`{}` is {values}{reason}", condition.other)
}

/// An environment variable as a JSON value: plain text for a string; a number, `true` or `false` exactly as in JSON, without
/// blanks around it; everything else as JSON text. Other text stays a string, so that the reader reports the type it wants.
pub(crate) fn variable_value(kind: Kind, text: &str) -> Value {
    let kind = kind.unwrap_optional();
    let scalar = matches!(kind, Kind::Boolean | Kind::Integer { .. } | Kind::Number { .. });
    match kind {
        Kind::String | Kind::Path | Kind::Choice(_) => Value::from(text),
        _ if scalar && text.trim() != text => Value::from(text),
        _ => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    }
}
