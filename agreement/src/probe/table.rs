//! What a table asks of an object as a whole: which keys it may have.

use l2_adapter_schema::{FaultCode, Kind, SharedKeyDemand, SharedKeyRule, Table};
use serde_json::{Map, Value};

use super::{Flipper, Home, Wrap};
use crate::{
    generator::{known_keys, near_misses, rules_within},
    mutate::fields_of,
};

impl Flipper<'_> {
    /// Breaks every rule of a table and of what is inside it.
    pub(super) fn table(&mut self, home: &Home<'_>) {
        let Home { table, place, wrap, .. } = *home;
        if self.open.iter().any(|known| std::ptr::eq(*known, table)) {
            return;
        }
        let Some(sound) = self.sound(home, &[]) else {
            return self.stuck.push(format!("{place}: a sound object of {}", table.name));
        };
        self.open.push(table);
        if table.rest().is_none() {
            let unknown = with(&sound, "no_such_key", Value::Null);
            self.flip(format!("{place}: unknown keys are refused"), FaultCode::UnknownKey, [unknown], wrap);
        } else {
            self.rest(home, &sound);
        }
        for part in table.lineage() {
            for forbidden in part.forbidden {
                let given = [Value::Null, true.into(), "x".into()].map(|value| with(&sound, forbidden.key, value));
                self.flip(format!("{place}/{}: forbidden", forbidden.key), FaultCode::ForbiddenKey, given, wrap);
            }
            for rule in part.shared_rules {
                self.shared_rule(home, rule, &sound);
            }
            for rule in part.rules {
                self.show(format!("{place}: rule {}", rule.name), rule.name, Some(FaultCode::Rule));
            }
            for warning in part.warnings {
                self.show(format!("{place}: warning {}", warning.name), warning.name, None);
            }
            for field in part.fields {
                self.field(home, part, field);
            }
        }
        if let Some(shared) = table.shared_table() {
            for field in shared.fields.iter().filter(|field| !is_demanded(table, field.key)) {
                self.field(home, shared, field);
            }
        }
        self.open.pop();
    }

    /// `type` may be absent, but may not name another type.
    pub(super) fn type_key(&mut self, table: &'static Table) {
        let Some(name) = table.adapter else { return };
        let whole: &Wrap<'_> = &|document| document;
        let home = Home { table, tag: None, place: "", wrap: whole };
        let Some(sound) = self.sound(&home, &[]) else { return };
        let others = near_misses(name).into_iter().map(|other| with(&sound, "type", other.into()));
        self.flip("/type: another type".to_owned(), FaultCode::OtherType, others, whole);
        self.wrong_types(Kind::Text, "/type", &Value::from(name), &|value| with(&sound, "type", value));
        self.accept("/type: its own type".to_owned(), None, [with(&sound, "type", name.into())], whole);
        self.accept("/type: absent".to_owned(), None, [Value::Object(sound.clone())], whole);
    }

    fn rest(&mut self, home: &Home<'_>, sound: &Map<String, Value>) {
        let Home { table, tag, place, wrap } = *home;
        let tag = tag.map(|(key, _)| key);
        let Some(rest) = table.rest() else { return };
        let within = rules_within(rest.rules);
        let known = known_keys(table);
        let is_known = |key: &str| tag == Some(key) || known.contains(&key);
        let Some(key) = (0..200).map(|_| self.generator.text(within.keys)).find(|key| !is_known(key)) else {
            return self.stuck.push(format!("{place}/*: an undeclared key"));
        };
        let value = self.generator.value(rest.kind, within.each, 2);
        let declared = sound.iter().filter(|(key, _)| is_known(key)).map(|(key, value)| (key.clone(), value.clone()));
        let bare: Map<String, Value> = declared.collect();
        let put = |value: Value| wrap(with(&bare, &key, value));
        self.value(rest.kind, within.each, &format!("{place}/*"), &value, &put);
        let named = |key: Value| wrap(with(&bare, key.as_str().unwrap_or_default(), value.clone()));
        self.rules(Kind::Text, within.keys, &format!("{place}/* keys"), &Value::from(key.as_str()), &named);
        if within.min_items == 1 {
            self.flip(format!("{place}/*: at least one"), FaultCode::ItemCount, [Value::Object(bare.clone())], wrap);
        } else if within.min_items > 1 || within.max_items < usize::MAX {
            self.stuck.push(format!("{place}/*: a count that no schema can ask for"));
        }
    }

    fn shared_rule(&mut self, home: &Home<'_>, rule: &'static SharedKeyRule, sound: &Map<String, Value>) {
        let Home { table, wrap, .. } = *home;
        let Some(field) = fields_of(table).into_iter().find(|field| field.key == rule.key) else { return };
        let others: Vec<Value> =
            (0..200).map(|_| with(sound, rule.key, self.generator.field_value(field, 1))).collect();
        let code = match rule.demand {
            SharedKeyDemand::Forbidden => FaultCode::ForbiddenKey,
            _ => FaultCode::NotAllowed,
        };
        self.flip(format!("/{}: the type's own demand", rule.key), code, others, wrap);
        if let SharedKeyDemand::Allowed(values) = rule.demand {
            let absent = without(sound, &[rule.key]);
            let by_default =
                matches!(field.presence, l2_adapter_schema::Presence::Default(default) if values.contains(&default));
            if by_default {
                self.accept(format!("/{}: absent", rule.key), None, [absent], wrap);
            } else {
                self.flip(format!("/{}: required by the type", rule.key), FaultCode::Missing, [absent], wrap);
            }
        }
    }
}

/// Whether the type puts a rule of its own on a shared key, which then is not free to take every value of its kind.
fn is_demanded(table: &'static Table, key: &str) -> bool {
    table.lineage().into_iter().flat_map(|part| part.shared_rules).any(|rule| rule.key == key)
}

/// The object with one key more or changed.
pub(super) fn with(map: &Map<String, Value>, key: &str, value: Value) -> Value {
    let mut map = map.clone();
    map.insert(key.to_owned(), value);
    Value::Object(map)
}

/// The object without some keys.
pub(super) fn without(map: &Map<String, Value>, keys: &[&str]) -> Value {
    let kept = map.iter().filter(|(key, _)| !keys.contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}
