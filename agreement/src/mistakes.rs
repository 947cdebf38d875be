//! Mistakes in documents: what may be wrong at one place of a valid document.
//!
//! The table determines the useful mistakes; parser and schema decide whether one is a fault.

use std::slice;

use l2_adapter_rules::Entries;
use l2_adapter_schema::{Kind, Rule};
use serde_json::{Map, Value};

use super::{
    generator::{Generator, near_misses, nested, number},
    places::{Place, Role},
};

/// Another value for a place; `None` removes the key or item.
pub(super) type Mistake = Option<Value>;

/// Makes a mistake at the place of a document with this JSON Pointer.
pub(super) fn make(document: &mut Value, pointer: &str, mistake: Mistake) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return *document = mistake.unwrap_or_default() };
    let key = key.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(parent), mistake) {
        (Some(Value::Object(map)), Some(value)) => drop(map.insert(key, value)),
        (Some(Value::Object(map)), None) => drop(map.remove(&key)),
        (Some(Value::Array(items)), mistake) => {
            if let Ok(index) = key.parse::<usize>()
                && index < items.len()
            {
                items.splice(index..=index, mistake);
            }
        }
        _ => {}
    }
}

impl Generator<'_> {
    /// A key more or less: the key is removed where the document has it, and added where the document lacks it.
    pub(super) fn mistakes_of_presence(&mut self, place: &Place, is_present: bool) -> Vec<Mistake> {
        if is_present {
            return vec![None];
        }
        vec![Some(self.value_at(place)), Some(Value::Null)]
    }

    /// Other values, most of them invalid, and none.
    pub(super) fn mistakes_of_value(&mut self, place: &Place, value: Option<&Value>) -> Vec<Mistake> {
        let mut others = self.one_of_each_type(value.unwrap_or(&Value::Null));
        others.extend(value.map(|value| self.others(place, value)).unwrap_or_default());
        others.into_iter().map(Some).chain([None]).collect()
    }

    fn others(&mut self, place: &Place, value: &Value) -> Vec<Value> {
        let rules = place.rules;
        match (place.kind.unwrap_optional(), value) {
            (kind @ (Kind::Integer { .. } | Kind::Number { .. }), _) => self.interesting_numbers(kind, rules),
            (Kind::Choice(choices), _) => variants(choices.variants.iter().map(|choice| choice.name)),
            (Kind::String | Kind::Path, Value::String(text)) => match &place.role {
                Role::Tag(names, _) => variants(names.iter().copied()),
                _ => self.texts(rules, text).into_iter().map(Value::from).collect(),
            },
            (Kind::List(inner), Value::Array(items)) => self.lists(*inner, rules, items),
            (Kind::Map(inner), Value::Object(map)) => self.maps(*inner, rules, map),
            (Kind::Section(table), Value::Object(map)) => match table().rest() {
                Some(rest) => self.maps(rest.kind, rest.rules, map),
                None => Vec::new(),
            },
            (Kind::FreeObject | Kind::Anything, _) => [(126, true), (127, false), (128, true), (129, false)]
                .map(|(levels, in_lists)| nested(levels, in_lists))
                .into(),
            _ => Vec::new(),
        }
    }

    /// Strings that violate one rule, most of them the others too.
    fn texts(&mut self, rules: &[Rule], text: &str) -> Vec<String> {
        /// How many random strings violate a rule without more specific ones, such as a pattern.
        const RANDOM: usize = 20;
        let mut texts = near_misses(text);
        for (index, rule) in rules.iter().enumerate() {
            let mut others = [&rules[..index], &rules[index + 1..]].concat();
            match rule {
                Rule::MinLength(least) => others.push(Rule::MaxLength(least.saturating_sub(1))),
                Rule::MaxLength(most) => others.push(Rule::MinLength(most + 1)),
                Rule::MustNotContain(part) => {
                    let splits = text.char_indices().map(|(split, _)| text.split_at(split));
                    texts.extend(splits.chain([(text, "")]).map(|(left, right)| format!("{left}{part}{right}")));
                }
                rule if rule.is_address() => {
                    texts.extend(["http://h", "h,i", "user@h", "h/p", "h i", "[h]"].map(str::to_owned));
                }
                _ => {}
            }
            texts.extend((0..RANDOM).map(|_| self.text(&others)));
        }
        texts.push(self.text(&[]));
        texts
    }

    fn lists(&mut self, inner: Kind, rules: &'static [Rule], items: &[Value]) -> Vec<Value> {
        let within = Entries::of(rules);
        let mut lists = vec![Vec::new(), items[..items.len().min(within.min_items.saturating_sub(1))].to_vec()];
        let mut longer = items.to_vec();
        // More tries than items, because equal ones may not be allowed.
        for _ in 0..within.max_items.saturating_add(1).min(64) * 4 {
            if let [first, between @ .., _] = longer.as_slice() {
                lists.push([slice::from_ref(first), between, &[respelt(first)]].concat());
            }
            let item = self.value(inner, within.each);
            if longer.len() <= within.max_items && !(within.unique && longer.contains(&item)) {
                longer.push(item);
            }
        }
        lists.push(longer);
        if within.max_items < 64 {
            lists.push(items.iter().cycle().take(within.max_items + 1).cloned().collect());
        }
        lists.into_iter().map(Value::Array).collect()
    }

    fn maps(&mut self, inner: Kind, rules: &'static [Rule], map: &Map<String, Value>) -> Vec<Value> {
        let within = Entries::of(rules);
        let mut maps = vec![Map::new(), map.clone().into_iter().take(within.min_items.saturating_sub(1)).collect()];
        let (key, value) = match map.iter().next() {
            Some((key, value)) => (key.clone(), value.clone()),
            None => (self.text(within.keys), self.value(inner, within.each)),
        };
        for other in self.texts(within.keys, &key) {
            let mut renamed = map.clone();
            renamed.remove(&key);
            renamed.insert(other, value.clone());
            maps.push(renamed);
        }
        let mut larger = map.clone();
        for _ in 0..within.max_items.saturating_add(1).min(64) * 4 {
            if larger.len() <= within.max_items {
                larger.insert(self.text(within.keys), self.value(inner, within.each));
            }
        }
        maps.push(larger);
        maps.into_iter().map(Value::Object).collect()
    }
}

/// Names, and each of them misspelt.
fn variants<'n>(names: impl Iterator<Item = &'n str>) -> Vec<Value> {
    names.flat_map(|name| near_misses(name).into_iter().chain([name.to_owned()])).map(Value::from).collect()
}

/// An equal value in another notation, if it has two: `1` and `1.0` are the same number in JSON Schema.
fn respelt(value: &Value) -> Value {
    match (value, value.as_f64()) {
        (Value::Number(written), Some(float)) if float.abs() < 9e15 && float.fract() == 0.0 => {
            number(&if written.is_f64() { format!("{float:.0}") } else { format!("{float:.1}") })
        }
        _ => value.clone(),
    }
}
