//! Values by kind.

use std::convert::Infallible;

use l2_adapter_rules::Entries;
use l2_adapter_schema::{Kind, Rule, Table, UnionTable};
use serde_json::{Map, Value};

use super::{DEPTH_MAX, Generator};

impl Generator<'_> {
    /// A value of a kind that satisfies the rules.
    pub(in super::super) fn value(&mut self, kind: Kind, rules: &[Rule], depth: usize) -> Value {
        match kind {
            Kind::Boolean => Value::Bool(self.random.bool()),
            Kind::Integer { min, max } => self.integer(min, max, rules),
            Kind::Number { max } => self.float(max, rules),
            Kind::String | Kind::Path => Value::String(self.text(rules)),
            Kind::Choice(choices) => {
                let variants = choices.variants.iter().filter(|choice| self.subject.has(&choice.versions));
                let names: Vec<&str> = variants.map(|choice| choice.name).collect();
                let name = self.pick(&names).unwrap_or_default().to_owned();
                Value::String(if choices.ignore_case { self.cased(&name) } else { name })
            }
            Kind::List(inner) => self.list(*inner, rules, depth),
            Kind::Map(inner) => self.map(*inner, rules, depth),
            Kind::Section(table) => Value::Object(self.object(table(), depth + 1)),
            Kind::Union(union) => Value::Object(self.variant(union(), depth)),
            Kind::AdapterSpec => Value::Object(self.spec(depth + 1)),
            Kind::FreeObject => Value::Object(self.any_object(2)),
            Kind::Anything => self.anything(2),
            Kind::Optional(inner) => {
                if self.one_in(4) {
                    Value::Null
                } else {
                    self.value(*inner, rules, depth)
                }
            }
            _ => Value::Null,
        }
    }

    fn cased(&mut self, name: &str) -> String {
        name.chars()
            .map(|letter| if self.random.bool() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() })
            .collect()
    }

    fn count(&mut self, within: &Entries<Infallible>, depth: usize) -> usize {
        let few = if depth > DEPTH_MAX { 0 } else { 3 };
        match self.random.u8(0..4) {
            0 => within.min_items,
            1 if within.max_items <= 64 && depth <= DEPTH_MAX => within.max_items,
            _ => self.random.usize(
                within.min_items..=within.max_items.min(within.min_items.saturating_add(few)).max(within.min_items),
            ),
        }
    }

    fn list(&mut self, inner: Kind, rules: &[Rule], depth: usize) -> Value {
        let within = Entries::of(rules);
        let count = self.count(&within, depth);
        let mut items: Vec<Value> = Vec::with_capacity(count);
        // A few more tries than items: equal items are dropped if they must be unique.
        for _ in 0..count * 2 {
            let item = self.value(inner, within.each, depth + 1);
            if items.len() < count && !(within.unique && items.contains(&item)) {
                items.push(item);
            }
        }
        Value::Array(items)
    }

    fn map(&mut self, inner: Kind, rules: &[Rule], depth: usize) -> Value {
        let within = Entries::of(rules);
        let count = self.count(&within, depth);
        let mut map = Map::new();
        for _ in 0..count * 2 {
            if map.len() < count {
                let key = self.text(within.keys);
                let value = self.value(inner, within.each, depth + 1);
                map.insert(key, value);
            }
        }
        Value::Object(map)
    }

    fn variant(&mut self, union: &'static UnionTable, depth: usize) -> Map<String, Value> {
        let variants = union.variants.iter().filter(|variant| self.subject.has(&variant.versions));
        let names: Vec<(&'static str, Option<fn() -> &'static Table>)> =
            variants.map(|variant| (variant.name, variant.table)).collect();
        let Some((name, table)) = self.pick(&names) else { return Map::new() };
        let mut map = table.map(|table| self.object(table(), depth + 1)).unwrap_or_default();
        map.insert(union.tag.to_owned(), name.into());
        map
    }
}
