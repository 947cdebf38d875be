//! A table's rules on one key: its presence, its names, its conditions.

use l2_adapter_schema::{
    BothNames, Condition, ConditionEffect, FaultCode, Field, Kind, LiteralValue as _, Presence, Table, WarningCode,
};
use serde_json::{Map, Value};

use super::{
    ObjectContext, RuleProbe,
    table::{with, without},
};
use crate::generator::{Requirement, is_met};

impl RuleProbe<'_> {
    /// Violates every rule on one field. `part` is the table that declares it: the object's own, one it extends, or that of the
    /// common keys.
    pub(super) fn field(&mut self, context: &ObjectContext<'_>, part: &'static Table, field: &'static Field) {
        let ObjectContext { table, tag, wrap, .. } = *context;
        let context = &ObjectContext { table, tag, place: &format!("{}/{}", context.place, field.key), wrap };
        if !self.subject.has(&field.versions) {
            return self.of_other_version(context, field);
        }
        // The document with the fewest keys of several, because other keys may depend on the value that is changed here.
        let requirements = present(part, field);
        let valid = (0..16).filter_map(|_| self.valid(context, &requirements)).min_by_key(Map::len);
        let Some(present) = valid else {
            return self.unreachable.push(format!("{}: a valid document that has it", context.place));
        };
        let names = names(field);
        let value = names.iter().find_map(|name| present.get(*name)).cloned().unwrap_or_default();
        let Value::Object(bare) = without(&present, &names) else { return };

        self.presence(context, field, &bare);
        for condition in field.conditions {
            self.condition(context, part, field, condition);
        }
        self.names(context, field, &bare, &value);
        if field.parsed_by_function {
            self.show(format!("{}: its function", context.place), field.key, Some(FaultCode::ParseWith));
        }
        let put = |value: Value| wrap(with(&bare, field.key, value));
        // An option that a condition requires needs a value.
        let asks =
            |condition: &Condition| condition.effect == ConditionEffect::RequiredIf && is_met(part, condition, &bare);
        let kind = if field.conditions.iter().any(asks) { field.kind.unwrap_optional() } else { field.kind };
        self.value(kind, field.rules, context.place, &value, &put);
    }

    /// A key of other versions is refused under each of its names.
    fn of_other_version(&mut self, context: &ObjectContext<'_>, field: &'static Field) {
        let Some(valid) = self.valid(context, &[Requirement::Absent(field.key)]) else {
            return self.unreachable.push(format!("{}: a valid document without it", context.place));
        };
        for name in names(field) {
            let given = with(&valid, name, self.generator.field_value(field, 1));
            let label = format!("{} as `{name}`: of another version", context.place);
            self.isolate(label, FaultCode::OtherVersion, [given], context.wrap);
        }
    }

    fn presence(&mut self, context: &ObjectContext<'_>, field: &'static Field, bare: &Map<String, Value>) {
        let absent = Value::Object(bare.clone());
        if matches!(field.presence, Presence::Required) {
            let of_environment = field.environment.is_some();
            let code = if of_environment { FaultCode::MissingEnvironment } else { FaultCode::Missing };
            self.isolate(format!("{}: required", context.place), code, [absent], context.wrap);
        } else if field.conditions.is_empty() {
            // Its default may require another key, so a valid document without the key can differ in more than that.
            let without = self.valid(context, &[Requirement::Absent(field.key)]).map(Value::Object);
            self.accept(format!("{}: optional", context.place), None, without, context.wrap);
        }
    }

    fn condition(
        &mut self,
        context: &ObjectContext<'_>,
        part: &'static Table,
        field: &'static Field,
        condition: &'static Condition,
    ) {
        match condition.effect {
            ConditionEffect::RequiredIf => {
                let other = condition.other;
                let mut cases: Vec<_> = condition
                    .values
                    .iter()
                    .map(|value| (value.to_value().to_string(), Requirement::Value(other, value.to_value())))
                    .collect();
                if cases.is_empty() {
                    cases.push(("absent".to_owned(), Requirement::Absent(other)));
                }
                for (words, requirement) in cases {
                    let label = format!("{}: required if `{other}` is {words}", context.place);
                    let mut requirements = present(part, field);
                    requirements
                        .retain(|requirement| !matches!(requirement, Requirement::Value(key, _) if *key == other));
                    requirements.push(requirement);
                    let valid = self.valid(context, &requirements);
                    let absent = valid.map(|valid| without(&valid, &names(field)));
                    self.isolate(label, FaultCode::Missing, absent, context.wrap);
                }
            }
            ConditionEffect::ForbiddenUnless => {
                const TRIES: usize = 50;
                let mut given = Vec::new();
                let other = part.fields.iter().find(|field| field.key == condition.other);
                for _ in 0..TRIES {
                    let Some(other) = other.filter(|_| given.len() < 3) else { break };
                    let value = self.generator.field_value(other, 1);
                    let unmet = !is_met(part, condition, &Map::from_iter([(other.key.to_owned(), value.clone())]));
                    let requirements = vec![Requirement::Value(other.key, value), Requirement::Absent(field.key)];
                    let valid = if unmet { self.valid(context, &requirements) } else { None };
                    given.extend(valid.map(|valid| with(&valid, field.key, self.generator.field_value(field, 1))));
                }
                let label = format!("{}: forbidden unless `{}` is as required", context.place, condition.other);
                self.isolate(label, FaultCode::ForbiddenKey, given, context.wrap);
            }
        }
    }

    /// Other names work alone; together with the key the table decides whether they are refused.
    fn names(&mut self, context: &ObjectContext<'_>, field: &'static Field, bare: &Map<String, Value>, value: &Value) {
        if field.deprecated.is_some() {
            let label = format!("{}: deprecated", context.place);
            self.accept(label, Some(WarningCode::DeprecatedKey), [with(bare, field.key, value.clone())], context.wrap);
        }
        for alias in field.aliases {
            let warning = alias.legacy.then_some(WarningCode::LegacyKey);
            let place = format!("{} as `{}`", context.place, alias.key);
            self.accept(format!("{place}: alone"), warning, [with(bare, alias.key, value.clone())], context.wrap);
            let Value::Object(keyed) = with(bare, field.key, value.clone()) else { continue };
            let both = [with(&keyed, alias.key, value.clone())];
            if alias.both == BothNames::Refused {
                self.isolate(format!("{place}: without the key"), FaultCode::ConflictingKeys, both, context.wrap);
            } else {
                self.accept(format!("{place}: with the key"), warning, both, context.wrap);
                // The value that is not used is still checked.
                let wrong = if matches!(field.kind.unwrap_optional(), Kind::Boolean) {
                    Value::from(1)
                } else {
                    Value::from(true)
                };
                let wrongs = [with(&keyed, alias.key, wrong)];
                self.isolate(format!("{place}: checked with the key"), FaultCode::WrongType, wrongs, context.wrap);
            }
        }
    }
}

/// All names of a field.
fn names(field: &Field) -> Vec<&'static str> {
    std::iter::once(field.key).chain(field.aliases.iter().map(|alias| alias.key)).collect()
}

/// The keys that must be present for a key: itself, and those that its conditions and theirs depend on.
fn present(part: &'static Table, field: &'static Field) -> Vec<Requirement> {
    let mut requirements = vec![Requirement::Present(field.key)];
    for condition in field.conditions {
        if condition.effect != ConditionEffect::ForbiddenUnless {
            continue;
        }
        let Some(other) = part.fields.iter().find(|other| other.key == condition.other) else { continue };
        let Some(value) = condition.values.first() else {
            requirements.push(Requirement::Absent(other.key));
            continue;
        };
        if !std::ptr::eq(other, field) {
            requirements.extend(present(part, other));
        }
        requirements.push(Requirement::Value(other.key, value.to_value()));
    }
    requirements
}
