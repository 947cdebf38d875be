//! A table's rules on the keys of an object.

use l2_adapter_rules::Entries;
use l2_adapter_schema::{CommonKeyDemand, CommonKeyRule, FaultCode, Kind, Table};
use serde_json::{Map, Value};

use super::{ObjectContext, RuleProbe, Wrap};
use crate::generator::{known_keys, near_misses};

impl RuleProbe<'_> {
    /// Violates every rule of a table and of everything inside it.
    pub(super) fn table(&mut self, context: &ObjectContext<'_>) {
        let ObjectContext { table, place, wrap, .. } = *context;
        if self.open.iter().any(|known| std::ptr::eq(*known, table)) {
            return;
        }
        let Some(valid) = self.valid(context, &[]) else {
            return self.unreachable.push(format!("{place}: a valid object of {}", table.name));
        };
        self.open.push(table);
        if table.rest().is_none() {
            let unknown = with(&valid, "no_such_key", Value::Null);
            self.isolate(format!("{place}: unknown keys are refused"), FaultCode::UnknownKey, [unknown], wrap);
        } else {
            self.rest(context, &valid);
        }
        for part in table.lineage() {
            for forbidden in part.forbidden {
                let given = [Value::Null, true.into(), "x".into()].map(|value| with(&valid, forbidden.key, value));
                self.isolate(format!("{place}/{}: forbidden", forbidden.key), FaultCode::ForbiddenKey, given, wrap);
            }
            for rule in part.common_rules.iter().filter(|rule| self.subject.demands(&rule.versions)) {
                self.common_rule(context, rule, &valid);
            }
            for rule in part.rules.iter().filter(|rule| self.subject.demands(&rule.versions)) {
                self.show(format!("{place}: rule {}", rule.name), rule.name, Some(FaultCode::Rule));
            }
            for warning in part.warnings.iter().filter(|rule| self.subject.demands(&rule.versions)) {
                self.show(format!("{place}: warning {}", warning.name), warning.name, None);
            }
            for field in part.fields {
                self.field(context, part, field);
            }
        }
        if let Some(common) = table.common_table() {
            for field in common.fields.iter().filter(|field| !is_demanded(table, field.key)) {
                self.field(context, common, field);
            }
        }
        self.open.pop();
    }

    /// `type` may be absent, but may not name another type.
    pub(super) fn type_key(&mut self, table: &'static Table) {
        let Some(name) = table.adapter else { return };
        let whole: &Wrap<'_> = &|document| document;
        let context = ObjectContext { table, tag: None, place: "", wrap: whole };
        let Some(valid) = self.valid(&context, &[]) else { return };
        let others = near_misses(name).into_iter().map(|other| with(&valid, "type", other.into()));
        self.isolate("/type: another type".to_owned(), FaultCode::OtherType, others, whole);
        self.wrong_types(Kind::String, "/type", &Value::from(name), &|value| with(&valid, "type", value));
        self.accept("/type: its own type".to_owned(), None, [with(&valid, "type", name.into())], whole);
        self.accept("/type: absent".to_owned(), None, [Value::Object(valid.clone())], whole);
    }

    fn rest(&mut self, context: &ObjectContext<'_>, valid: &Map<String, Value>) {
        let ObjectContext { table, tag, place, wrap } = *context;
        let tag = tag.map(|(key, _)| key);
        let Some(rest) = table.rest() else { return };
        let within = Entries::of(rest.rules);
        let known = known_keys(table);
        let is_known = |key: &str| tag == Some(key) || known.contains(&key);
        let Some(key) = (0..200).map(|_| self.generator.text(within.keys)).find(|key| !is_known(key)) else {
            return self.unreachable.push(format!("{place}/*: an undeclared key"));
        };
        let value = self.generator.value(rest.kind, within.each, 2);
        let declared = valid.iter().filter(|(key, _)| is_known(key)).map(|(key, value)| (key.clone(), value.clone()));
        let bare: Map<String, Value> = declared.collect();
        let put = |value: Value| wrap(with(&bare, &key, value));
        self.value(rest.kind, within.each, &format!("{place}/*"), &value, &put);
        let named = |key: Value| wrap(with(&bare, key.as_str().unwrap_or_default(), value.clone()));
        self.rules(Kind::String, within.keys, &format!("{place}/* keys"), &Value::from(key.as_str()), &named);
        if within.min_items == 1 {
            self.isolate(format!("{place}/*: at least one"), FaultCode::ItemCount, [Value::Object(bare.clone())], wrap);
        } else if within.min_items > 1 || within.max_items < usize::MAX {
            self.unreachable.push(format!("{place}/*: a count that no schema can state"));
        }
    }

    fn common_rule(&mut self, context: &ObjectContext<'_>, rule: &'static CommonKeyRule, valid: &Map<String, Value>) {
        let ObjectContext { table, wrap, .. } = *context;
        let Some(field) = table.fields_with_common().find(|field| field.key == rule.key) else { return };
        let others: Vec<Value> =
            (0..200).map(|_| with(valid, rule.key, self.generator.field_value(field, 1))).collect();
        let code = match rule.demand {
            CommonKeyDemand::Forbidden => FaultCode::ForbiddenKey,
            _ => FaultCode::NotAllowed,
        };
        self.isolate(format!("/{}: the type's own rule", rule.key), code, others, wrap);
        if let CommonKeyDemand::Allowed(values) = rule.demand {
            let absent = without(valid, &[rule.key]);
            let by_default =
                matches!(field.presence, l2_adapter_schema::Presence::Default(default) if values.contains(&default));
            if by_default {
                self.accept(format!("/{}: absent", rule.key), None, [absent], wrap);
            } else {
                self.isolate(format!("/{}: required by the type", rule.key), FaultCode::Missing, [absent], wrap);
            }
        }
    }
}

/// Whether the type has its own rule on a common key, which then does not accept every value of its kind.
fn is_demanded(table: &'static Table, key: &str) -> bool {
    table.lineage().into_iter().flat_map(|part| part.common_rules).any(|rule| rule.key == key)
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
