//! Example documents that the parser accepts.
//!
//! A value comes from the field's examples, else from its default, else it is made from its rules. Rules over several
//! fields and `parse_with` functions cannot be known here: a type that has some gives examples that keep them.

use serde_json::{Map, Value};

use super::{
    lineage::{self, SharedField, default_of, same_table},
    made::{self, Want},
    words,
};
use crate::{
    kind::{Kind, UnionTable},
    rule::Rule,
    table::{Condition, ConditionEffect, Field, Presence, Rest, SharedKeyDemand, Table},
};

/// How much an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extent {
    /// The required keys.
    Minimal,
    /// Every key but deprecated ones and those that another key's value rules out.
    Full,
}

/// An example document of a config type, `type` included for an adapter. Secrets are placeholders.
pub fn example(table: &'static Table, extent: Extent) -> Map<String, Value> {
    let mut maker = Maker { extent, root: table, open: Vec::new() };
    let tag = table.adapter.map(|name| ("type", name));
    maker.object(table, tag, 0)
}

/// Makes the values of one example.
struct Maker {
    extent: Extent,
    root: &'static Table,
    /// The tables that the value being made stands in: one that contains itself is not repeated.
    open: Vec<&'static Table>,
}

impl Maker {
    /// An object. `nth` asks for another one than a lower number gave, where that can be.
    fn object(&mut self, table: &'static Table, tag: Option<(&str, &str)>, nth: usize) -> Map<String, Value> {
        self.open.push(table);
        let mut map = Map::new();
        map.extend(tag.map(|(key, name)| (key.to_owned(), Value::from(name))));
        for table in table.lineage() {
            for field in table.fields {
                if self.shows(field) {
                    map.insert(field.key.to_owned(), self.field(field, nth));
                }
            }
            self.settle(table, &mut map);
        }
        for shared in lineage::shared_fields(table) {
            map.extend(self.shared(&shared).map(|value| (shared.field.key.to_owned(), value)));
        }
        if let Some(rest) = table.rest() {
            self.rest(rest, &mut map);
        }
        self.open.pop();
        map
    }

    fn shows(&self, field: &'static Field) -> bool {
        match self.extent {
            _ if matches!(field.presence, Presence::Required) => true,
            Extent::Minimal => false,
            Extent::Full => field.deprecated.is_none() && !self.reopens(field.kind),
        }
    }

    /// Adds the keys that conditions ask for and takes away those they rule out, until nothing changes. Each turn changes
    /// a key, and a table has no more chains of conditions than fields.
    fn settle(&mut self, table: &'static Table, map: &mut Map<String, Value>) {
        for _ in table.fields {
            let mut changed = false;
            for field in table.fields {
                let there = map.contains_key(field.key);
                let effect = |effect| field.conditions.iter().filter(move |condition| condition.effect == effect);
                let ruled_out =
                    effect(ConditionEffect::ForbiddenUnless).any(|condition| !is_met(table, condition, map));
                let asked_for = effect(ConditionEffect::RequiredIf).any(|condition| is_met(table, condition, map));
                if there && ruled_out {
                    map.remove(field.key);
                    changed = true;
                } else if !there && asked_for && !ruled_out {
                    map.insert(field.key.to_owned(), self.field(field, 0));
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn field(&mut self, field: &'static Field, nth: usize) -> Value {
        let written = if field.secret { None } else { field.examples.get(nth).or_else(|| field.examples.first()) };
        if let Some(literal) = written {
            return literal.to_value();
        }
        match default_of(field) {
            Some(default) if !matches!(default, crate::Literal::Null) && !field.secret => default.to_value(),
            _ => self.value(field.kind, field.rules, field.key, nth),
        }
    }

    fn value(&mut self, kind: Kind, rules: &'static [Rule], key: &str, nth: usize) -> Value {
        let want = Want { rules, key, nth };
        match kind {
            Kind::List(item) => self.list(*item, rules, key),
            Kind::Map(value) => Value::Object(self.entries(*value, rules, entry_count(rules, 1))),
            Kind::Section(table) => Value::Object(self.object(table(), None, nth)),
            Kind::Union(union) => Value::Object(self.union(union(), nth)),
            Kind::AdapterSpec => Value::Object(self.spec()),
            Kind::Optional(inner) => self.value(*inner, rules, key, nth),
            _ => made::scalar(kind, &want),
        }
    }

    fn list(&mut self, item: Kind, rules: &'static [Rule], key: &str) -> Value {
        let usual = if self.reopens(item) { 0 } else { 1 };
        let each = words::each_rules(rules);
        (0..entry_count(rules, usual)).map(|nth| self.value(item, each, key, nth)).collect()
    }

    fn entries(&mut self, value: Kind, rules: &'static [Rule], count: usize) -> Map<String, Value> {
        let (keys, values) = (words::key_rules(rules), words::each_rules(rules));
        let count = if self.reopens(value) { entry_count(rules, 0) } else { count };
        let key = |nth| made::text(&Want { rules: keys, key: "key", nth });
        (0..count).map(|nth| (key(nth), self.value(value, values, "value", nth))).collect()
    }

    fn union(&mut self, union: &'static UnionTable, nth: usize) -> Map<String, Value> {
        // A variant without keys ends a recursion; any other one that is not open yet will do.
        let ends = |table: Option<fn() -> &'static Table>| table.is_none_or(|table| !self.is_open(table()));
        let chosen = union.variants.iter().find(|variant| ends(variant.table)).or(union.variants.first());
        let Some(variant) = chosen else { return Map::new() };
        match variant.table {
            Some(table) => self.object(table(), Some((union.tag, variant.name)), nth),
            None => Map::from_iter([(union.tag.to_owned(), Value::from(variant.name))]),
        }
    }

    /// A nested spec: the least one of the type that the example is of, since no other type is known here.
    fn spec(&self) -> Map<String, Value> {
        let nested = self.root.all_fields().any(|field| {
            matches!(field.presence, Presence::Required) && matches!(words::innermost(field.kind), Kind::AdapterSpec)
        });
        match self.root.adapter {
            Some(_) if !nested => example(self.root, Extent::Minimal),
            _ => Map::from_iter([("type".to_owned(), Value::from("your-adapter-type"))]),
        }
    }

    fn shared(&mut self, shared: &SharedField) -> Option<Value> {
        if shared.forbidden() || !(shared.required() || self.shows(shared.field)) {
            return None;
        }
        let allowed = shared.demands.iter().find_map(|rule| match rule.demand {
            SharedKeyDemand::Allowed(values) => values.first(),
            SharedKeyDemand::Forbidden => None,
        });
        Some(allowed.map_or_else(|| self.field(shared.field, 0), |value| value.to_value()))
    }

    fn rest(&mut self, rest: &'static Rest, map: &mut Map<String, Value>) {
        let usual = match self.extent {
            Extent::Minimal => 0,
            Extent::Full => 1,
        };
        map.extend(self.entries(rest.kind, rest.rules, entry_count(rest.rules, usual)));
    }

    fn is_open(&self, table: &Table) -> bool {
        self.open.iter().any(|open| same_table(open, table))
    }

    /// Whether a value of this kind would stand in itself.
    fn reopens(&self, kind: Kind) -> bool {
        match words::innermost(kind) {
            Kind::Section(table) => self.is_open(table()),
            Kind::Union(union) => {
                union().variants.iter().all(|variant| variant.table.is_some_and(|table| self.is_open(table())))
            }
            _ => false,
        }
    }
}

/// How many entries to show: the usual number, unless the rules ask for more or fewer.
fn entry_count(rules: &[Rule], usual: usize) -> usize {
    rules.iter().fold(usual, |count, rule| match *rule {
        Rule::MinItems(min) => count.max(min),
        Rule::MaxItems(max) => count.min(max),
        _ => count,
    })
}

/// Whether a condition is met in an example, as the parser decides it.
fn is_met(table: &'static Table, condition: &Condition, map: &Map<String, Value>) -> bool {
    let Some(other) = table.fields.iter().find(|field| field.key == condition.other) else { return false };
    let default = default_of(other).map(|default| default.to_value());
    let Some(value) = map.get(condition.other).or(default.as_ref()) else { return false };
    let ignore_case = matches!(other.kind.unwrap_optional(), Kind::Choice(choices) if choices.ignore_case);
    condition.values.iter().any(|literal| match (literal.as_text(), value.as_str()) {
        (Some(expected), Some(written)) if ignore_case => expected.eq_ignore_ascii_case(written),
        _ => literal.equals(value),
    })
}
