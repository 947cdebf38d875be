//! Values by kind.

use std::convert::Infallible;

use l2_adapter_rules::Entries;
use l2_adapter_schema::{Extent, Kind, Rule, Table, UnionTable, example};
use serde_json::{Map, Value};

use super::Generator;

impl Generator<'_> {
    /// A value of a kind that satisfies the rules.
    pub(in super::super) fn value(&mut self, kind: Kind, rules: &[Rule]) -> Value {
        match kind {
            Kind::Boolean => Value::Bool(self.random.bool()),
            Kind::Integer { .. } | Kind::Number { .. } => self.valid_number(kind, rules),
            Kind::String | Kind::Path => Value::String(self.text(rules)),
            Kind::Choice(choices) => {
                let name = self.random.choice(choices.variants).map(|choice| choice.name).unwrap_or_default();
                Value::String(if choices.ignore_case { self.cased(name) } else { name.to_owned() })
            }
            Kind::List(inner) => self.list(*inner, rules),
            Kind::Map(inner) => self.map(*inner, rules),
            Kind::Section(table) => Value::Object(self.object(table())),
            Kind::Union(union) => Value::Object(self.variant(union())),
            Kind::AdapterSpec => {
                Value::Object(self.random.choice(self.adapters).map(|table| self.object(table)).unwrap_or_default())
            }
            Kind::FreeObject => Value::Object(self.any_object(2)),
            Kind::Anything => self.anything(2),
            Kind::Optional(_) if self.one_in(4) => Value::Null,
            Kind::Optional(inner) => self.value(*inner, rules),
            _ => Value::Null,
        }
    }

    fn cased(&mut self, name: &str) -> String {
        name.chars()
            .map(|letter| if self.random.bool() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() })
            .collect()
    }

    fn count(&mut self, within: &Entries<Infallible>) -> usize {
        match self.random.u8(0..4) {
            0 => within.min_items,
            1 if within.max_items <= 64 => within.max_items,
            _ => self.random.usize(within.min_items..=within.max_items.min(within.min_items.saturating_add(3))),
        }
    }

    fn list(&mut self, inner: Kind, rules: &[Rule]) -> Value {
        let within = Entries::of(rules);
        let count = self.count(&within);
        let mut items: Vec<Value> = Vec::with_capacity(count);
        // A few more tries than items: equal items are dropped if they must be unique.
        for _ in 0..count * 2 {
            let item = self.value(inner, within.each);
            if items.len() < count && !(within.unique && items.contains(&item)) {
                items.push(item);
            }
        }
        Value::Array(items)
    }

    fn map(&mut self, inner: Kind, rules: &[Rule]) -> Value {
        let within = Entries::of(rules);
        let count = self.count(&within);
        let mut map = Map::new();
        for _ in 0..count * 2 {
            if map.len() < count {
                map.insert(self.text(within.keys), self.value(inner, within.each));
            }
        }
        Value::Object(map)
    }

    /// An example of a table. Changes to the document make others of it.
    fn object(&mut self, table: &'static Table) -> Map<String, Value> {
        example(table, if self.random.bool() { Extent::Minimal } else { Extent::Full })
    }

    fn variant(&mut self, union: &'static UnionTable) -> Map<String, Value> {
        let Some(variant) = self.random.choice(union.variants) else { return Map::new() };
        let mut map = variant.table().map(|table| self.object(table)).unwrap_or_default();
        map.insert(union.tag.to_owned(), variant.name.into());
        map
    }
}
