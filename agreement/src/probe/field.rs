//! What a table asks of one key: its presence, its names, its conditions.

use l2_adapter_schema::{
    BothNames, Condition, ConditionEffect, FaultCode, Field, Kind, LiteralValue as _, Presence, Table, WarningCode,
};
use serde_json::{Map, Value};

use super::{
    Flipper, Home,
    table::{with, without},
};
use crate::generator::{Wish, is_met};

impl Flipper<'_> {
    /// Breaks everything that is asked of one field. `part` is the table that declares it: the object's own, one it
    /// extends, or that of the shared keys.
    pub(super) fn field(&mut self, home: &Home<'_>, part: &'static Table, field: &'static Field) {
        let Home { table, tag, wrap, .. } = *home;
        let home = &Home { table, tag, place: &format!("{}/{}", home.place, field.key), wrap };
        // The one with the fewest keys of some: other keys may be there only because of the value that is changed here.
        let wishes = present(part, field);
        let sound = (0..16).filter_map(|_| self.sound(home, &wishes)).min_by_key(Map::len);
        let Some(present) = sound else {
            return self.stuck.push(format!("{}: a sound document that has it", home.place));
        };
        let names = names(field);
        let value = names.iter().find_map(|name| present.get(*name)).cloned().unwrap_or_default();
        let Value::Object(bare) = without(&present, &names) else { return };

        self.presence(home, field, &bare);
        for condition in field.conditions {
            self.condition(home, part, field, condition);
        }
        self.names(home, field, &bare, &value);
        if field.parsed_by_function {
            self.show(format!("{}: its function", home.place), field.key, Some(FaultCode::ParseWith));
        }
        let put = |value: Value| wrap(with(&bare, field.key, value));
        // An option that a condition asks for needs a value.
        let asks =
            |condition: &Condition| condition.effect == ConditionEffect::RequiredIf && is_met(part, condition, &bare);
        let kind = if field.conditions.iter().any(asks) { field.kind.unwrap_optional() } else { field.kind };
        self.value(kind, field.rules, home.place, &value, &put);
    }

    fn presence(&mut self, home: &Home<'_>, field: &'static Field, bare: &Map<String, Value>) {
        let absent = Value::Object(bare.clone());
        let required = matches!(field.presence, Presence::Required);
        match field.environment {
            Some(_) if required => {
                self.flip(format!("{}: required", home.place), FaultCode::MissingEnvironment, [absent], home.wrap);
            }
            None if required => self.flip(format!("{}: required", home.place), FaultCode::Missing, [absent], home.wrap),
            _ if field.conditions.is_empty() => {
                // Its default may make another key needed: a sound document without it need not be this one without it.
                let without = self.sound(home, &[Wish::Absent(field.key)]).map(Value::Object);
                self.accept(format!("{}: optional", home.place), None, without, home.wrap);
            }
            _ => {}
        }
    }

    fn condition(
        &mut self,
        home: &Home<'_>,
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
                    .map(|value| (value.to_value().to_string(), Wish::Value(other, value.to_value())))
                    .collect();
                if cases.is_empty() {
                    cases.push(("absent".to_owned(), Wish::Absent(other)));
                }
                for (words, wish) in cases {
                    let label = format!("{}: required if `{other}` is {words}", home.place);
                    let mut wishes = present(part, field);
                    wishes.retain(|wish| !matches!(wish, Wish::Value(key, _) if *key == other));
                    wishes.push(wish);
                    let sound = self.sound(home, &wishes);
                    let absent = sound.map(|sound| without(&sound, &names(field)));
                    self.flip(label, FaultCode::Missing, absent, home.wrap);
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
                    let wishes = vec![Wish::Value(other.key, value), Wish::Absent(field.key)];
                    let sound = if unmet { self.sound(home, &wishes) } else { None };
                    given.extend(sound.map(|sound| with(&sound, field.key, self.generator.field_value(field, 1))));
                }
                let label = format!("{}: forbidden unless `{}` is as asked", home.place, condition.other);
                self.flip(label, FaultCode::ForbiddenKey, given, home.wrap);
            }
        }
    }

    /// Other names work by themselves; beside the key they are refused or not, as the table says.
    fn names(&mut self, home: &Home<'_>, field: &'static Field, bare: &Map<String, Value>, value: &Value) {
        if field.deprecated.is_some() {
            let label = format!("{}: deprecated", home.place);
            self.accept(label, Some(WarningCode::DeprecatedKey), [with(bare, field.key, value.clone())], home.wrap);
        }
        for alias in field.aliases {
            let warning = alias.legacy.then_some(WarningCode::LegacyKey);
            let place = format!("{} as `{}`", home.place, alias.key);
            self.accept(format!("{place}: alone"), warning, [with(bare, alias.key, value.clone())], home.wrap);
            let Value::Object(keyed) = with(bare, field.key, value.clone()) else { continue };
            let both = [with(&keyed, alias.key, value.clone())];
            if alias.both == BothNames::Refused {
                self.flip(format!("{place}: not beside the key"), FaultCode::ConflictingKeys, both, home.wrap);
            } else {
                self.accept(format!("{place}: beside the key"), warning, both, home.wrap);
                // The value that is not taken is checked all the same.
                let wrong = if matches!(field.kind.unwrap_optional(), Kind::Boolean) {
                    Value::from(1)
                } else {
                    Value::from(true)
                };
                let wrongs = [with(&keyed, alias.key, wrong)];
                self.flip(format!("{place}: checked beside the key"), FaultCode::WrongType, wrongs, home.wrap);
            }
        }
    }
}

/// All names of a field.
fn names(field: &Field) -> Vec<&'static str> {
    std::iter::once(field.key).chain(field.aliases.iter().map(|alias| alias.key)).collect()
}

/// What must be wished for a key to be there: itself, and what its conditions and theirs look at.
fn present(part: &'static Table, field: &'static Field) -> Vec<Wish> {
    let mut wishes = vec![Wish::Present(field.key)];
    for condition in field.conditions {
        if condition.effect != ConditionEffect::ForbiddenUnless {
            continue;
        }
        let Some(other) = part.fields.iter().find(|other| other.key == condition.other) else { continue };
        let Some(value) = condition.values.first() else {
            wishes.push(Wish::Absent(other.key));
            continue;
        };
        if !std::ptr::eq(other, field) {
            wishes.extend(present(part, other));
        }
        wishes.push(Wish::Value(other.key, value.to_value()));
    }
    wishes
}
