//! Mistakes in documents: one wrong key or value at a time, at a random place of a valid document.
//!
//! The table determines the useful mutations at a place; parser and schema decide whether one is a fault.

use l2_adapter_rules::Entries;
use l2_adapter_schema::{Field, Kind, Rule, Table};
use serde_json::{Map, Value};

use super::generator::{Generator, interesting_numbers, known_keys, near_misses, nested, spoilt_by_blanks};

impl Generator<'_> {
    /// Changes one thing in an object of a table.
    pub(super) fn mutate(&mut self, table: &'static Table, map: &mut Map<String, Value>) {
        // Most rules of a document are about values.
        if self.random.u8(0..10) < 6 && self.mutate_some_value(table, map) {
            return;
        }
        let keys: Vec<String> = map.keys().cloned().collect();
        let known = known_keys(table);
        match self.random.u8(0..7) {
            0 | 1 => {
                if let Some(key) = self.pick(&keys) {
                    map.remove(&key);
                }
            }
            2 => self.rename(&keys, &known, map),
            3 => {
                let key = self.free_text(0, 8);
                let value = self.anything(2);
                map.insert(key, value);
            }
            4 => {
                if let Some(key) = self.pick(&known) {
                    let value = self.anything(2);
                    map.insert(key.to_owned(), value);
                }
            }
            5 => {
                if let Some(key) = self.pick(&keys) {
                    map.insert(key, Value::Null);
                }
            }
            _ => self.add_valid_key(table, map),
        }
    }

    /// Moves a value to a misspelt key, or to another declared one.
    fn rename(&mut self, keys: &[String], known: &[&'static str], map: &mut Map<String, Value>) {
        let Some(key) = self.pick(keys) else { return };
        let Some(value) = map.remove(&key) else { return };
        let misspelt = self.pick(&near_misses(&key)).unwrap_or_default();
        let other = self.pick(known).unwrap_or_default().to_owned();
        map.insert(if self.random.bool() { misspelt } else { other }, value);
    }

    /// Adds a declared key, or another name of one, with a valid value: alone that violates only rules on names and of
    /// conditions.
    fn add_valid_key(&mut self, table: &'static Table, map: &mut Map<String, Value>) {
        let fields: Vec<&'static Field> = table.fields_with_common().collect();
        let Some(field) = self.pick(&fields) else { return };
        let mut names = vec![field.key];
        names.extend(field.aliases.iter().map(|alias| alias.key));
        let value = self.field_value(field, 1);
        if let Some(name) = self.pick(&names) {
            map.insert(name.to_owned(), value);
        }
    }

    /// Changes the value of one key; returns whether there was one.
    fn mutate_some_value(&mut self, table: &'static Table, map: &mut Map<String, Value>) -> bool {
        let keys: Vec<String> = map.keys().cloned().collect();
        let Some(key) = self.pick(&keys) else { return false };
        let Some(value) = map.get_mut(&key) else { return false };
        let field = table.fields_with_common().find(|field| field.is_named(&key));
        match (field, table.rest()) {
            (Some(Field { nested_spec: Some(nested), .. }), _) if self.random.bool() => {
                self.mutate_value(Kind::Section(nested.entry.table), &[], value);
            }
            (Some(field), _) => self.mutate_value(field.kind, field.rules, value),
            (None, Some(rest)) if key != "type" => self.mutate_value(rest.kind, Entries::of(rest.rules).each, value),
            _ => self.mutate_value(Kind::String, &[], value),
        }
        true
    }

    /// Changes a value of a kind, or something inside it.
    pub(super) fn mutate_value(&mut self, kind: Kind, rules: &'static [Rule], value: &mut Value) {
        if self.one_in(5) {
            let others = self.one_of_each_type(value);
            *value = self.pick(&others).unwrap_or(Value::Null);
            return;
        }
        match kind {
            Kind::Optional(_) if self.one_in(6) => *value = Value::Null,
            Kind::Optional(inner) => self.mutate_value(*inner, rules, value),
            Kind::Integer { min, max } => *value = self.some(interesting_numbers(min, max, rules)),
            Kind::Number { max } => {
                let mut numbers = interesting_numbers(i128::from(i64::MIN), i128::from(u64::MAX), rules);
                numbers.extend(
                    [max, -max, max.next_down(), max * 1.000_001, 3.5e38, 3.402_823_5e38].into_iter().map(Value::from),
                );
                *value = self.some(numbers);
            }
            Kind::String | Kind::Path | Kind::Choice(_) => self.mutate_text(rules, value),
            Kind::List(inner) => self.mutate_list(*inner, rules, value),
            Kind::Map(inner) => self.mutate_map(*inner, rules, value),
            Kind::Section(table) => {
                if let Value::Object(map) = value {
                    self.mutate(table(), map);
                }
            }
            Kind::Union(union) => {
                let union = union();
                let chosen = value.get(union.tag).and_then(Value::as_str);
                let table = chosen.and_then(|name| union.variant(name)?.table());
                let tags: Vec<&str> = union.variants.iter().map(|variant| variant.name).collect();
                self.mutate_tagged(union.tag, &tags, table, value);
            }
            Kind::AdapterSpec => self.mutate_spec(value),
            Kind::FreeObject | Kind::Anything if self.one_in(40) => {
                let (levels, in_lists) = (self.random.usize(110..140), self.random.bool());
                *value = nested(levels, in_lists);
            }
            _ => *value = self.anything(3),
        }
    }

    fn some(&mut self, values: Vec<Value>) -> Value {
        self.pick(&values).unwrap_or(Value::Null)
    }

    fn mutate_text(&mut self, rules: &[Rule], value: &mut Value) {
        let text = value.as_str().unwrap_or_default().to_owned();
        let forbidden: Vec<&str> = rules
            .iter()
            .filter_map(|rule| if let Rule::MustNotContain(part) = rule { Some(*part) } else { None })
            .collect();
        let changed = match self.random.u8(0..6) {
            0 => self.pick(&spoilt_by_blanks(&text)),
            1 => self.pick(&forbidden).map(|part| format!("{text}{part}")),
            2 => Some(self.free_text(0, 12)),
            3 => Some(self.text(&[])),
            _ => self.pick(&near_misses(&text)),
        };
        *value = Value::String(changed.unwrap_or_else(|| format!("{text}\n")));
    }

    fn mutate_list(&mut self, inner: Kind, rules: &'static [Rule], value: &mut Value) {
        let Value::Array(items) = value else { return };
        let within = Entries::of(rules);
        let index = if items.is_empty() { None } else { Some(self.random.usize(0..items.len())) };
        match (self.random.u8(0..8), index) {
            (0, _) => items.clear(),
            (1, Some(index)) => {
                items.remove(index);
            }
            (2, Some(index)) => items.push(respelt(&items[index])),
            (3, _) => {
                let more = within.max_items.saturating_add(1).min(64).saturating_sub(items.len()).max(1);
                items.extend((0..more).map(|_| self.value(inner, within.each, 2)));
            }
            (_, Some(index)) => self.mutate_value(inner, within.each, &mut items[index]),
            (_, None) => items.push(self.value(inner, within.each, 2)),
        }
    }

    fn mutate_map(&mut self, inner: Kind, rules: &'static [Rule], value: &mut Value) {
        let Value::Object(map) = value else { return };
        let within = Entries::of(rules);
        let keys: Vec<String> = map.keys().cloned().collect();
        match (self.random.u8(0..6), self.pick(&keys)) {
            (0, _) => map.clear(),
            (1, Some(key)) => {
                map.remove(&key);
            }
            (2, Some(key)) => {
                let moved = map.remove(&key).unwrap_or_default();
                let key = self.pick(&near_misses(&key)).unwrap_or_default();
                map.insert(key, moved);
            }
            (3, _) => {
                let key = self.free_text(0, 12);
                let value = self.value(inner, within.each, 2);
                map.insert(key, value);
            }
            (_, Some(key)) => {
                if let Some(value) = map.get_mut(&key) {
                    self.mutate_value(inner, within.each, value);
                }
            }
            (_, None) => {
                let key = self.text(within.keys);
                let value = self.anything(2);
                map.insert(key, value);
            }
        }
    }

    /// Changes an adapter spec: its `type`, or the keys of the type it names.
    pub(super) fn mutate_spec(&mut self, value: &mut Value) {
        let names: Vec<&'static str> = self.adapters().iter().filter_map(|table| table.adapter).collect();
        let chosen = value.get("type").and_then(Value::as_str);
        let table = self.adapters().iter().copied().find(|table| table.adapter == chosen && chosen.is_some());
        self.mutate_tagged("type", &names, table, value);
    }

    /// Changes an object whose tag chooses its table: the tag, or another key.
    fn mutate_tagged(&mut self, tag: &str, names: &[&str], table: Option<&'static Table>, value: &mut Value) {
        let Value::Object(map) = value else { return };
        let Some(written) = map.get(tag).cloned().filter(|_| self.one_in(4)) else {
            match table {
                Some(table) => self.mutate(table, map),
                None => {
                    let (key, value) = (self.free_text(0, 4), self.anything(1));
                    map.insert(key, value);
                }
            }
            return;
        };
        let changed = match self.random.u8(0..4) {
            0 => None,
            1 => self.pick(names).map(Value::from),
            2 => self.pick(&near_misses(written.as_str().unwrap_or_default())).map(Value::from),
            _ => Some(self.anything(1)),
        };
        match changed {
            Some(changed) => map.insert(tag.to_owned(), changed),
            None => map.remove(tag),
        };
    }
}

/// An equal value in another notation, if it has two: `1` and `1.0` are the same number in JSON Schema.
fn respelt(value: &Value) -> Value {
    match (value, value.as_f64()) {
        (Value::Number(number), Some(float)) if float.abs() < 9e15 && float.fract() == 0.0 => {
            if number.is_f64() {
                super::generator::number(&format!("{float:.0}"))
            } else {
                super::generator::number(&format!("{float:.1}"))
            }
        }
        _ => value.clone(),
    }
}
