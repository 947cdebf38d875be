//! Generates documents from a table: objects that satisfy its keys, kinds and rules.
//!
//! A document may still be invalid, because the generator does not know cross-field rules and functions. The parser decides, and
//! callers that need a valid document generate again. Except for conditions the generator shares no code with the parser, so that a
//! mistake in one does not hide in the other.

mod any;
mod number;
mod pattern;
mod string;
mod value;

pub(super) use any::{nested, number};
pub(super) use number::interesting_numbers;
pub(super) use string::near_misses;

use fastrand::Rng;
use l2_adapter_rules::Entries;
use l2_adapter_schema::{
    BothNames, CommonKeyDemand, ConditionEffect, Field, Kind, Literal, LiteralValue as _, Presence, Table,
};
use serde_json::{Map, Value};

use super::subject::Subject;

/// The depth of tables up to which optional keys are filled: tables may contain themselves.
const DEPTH_MAX: usize = 3;

/// Generates documents, the same ones for the same seed.
pub(super) struct Generator<'a> {
    pub(super) random: Rng,
    subject: &'a Subject,
    /// How many of eight optional keys are present. Drawn for every document, so that some documents are sparse and some full.
    density: u8,
    /// How many of ten values are documented ones: examples and defaults, which satisfy cross-field rules more often than others.
    documented: u8,
}

impl<'a> Generator<'a> {
    /// A generator of documents for a subject.
    pub(super) fn new(seed: u64, subject: &'a Subject) -> Self {
        let mut random = Rng::with_seed(seed);
        let density = random.u8(0..=8);
        Self { random, subject, density, documented: 1 }
    }

    /// The tables of the adapter types that specs may name.
    pub(super) fn adapters(&self) -> &'a [&'static Table] {
        self.subject.adapters()
    }

    /// Whether something that happens once in `count` times happens.
    pub(super) fn one_in(&mut self, count: u32) -> bool {
        self.random.u32(0..count) == 0
    }

    /// A random item; `None` if there are none.
    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { Some(from[self.random.usize(0..from.len())].clone()) }
    }

    /// A whole document of one adapter type; every other document has `type`.
    pub(super) fn document(&mut self, table: &'static Table) -> Map<String, Value> {
        self.density = self.random.u8(0..=8);
        self.documented = if self.one_in(4) { 8 } else { 1 };
        let mut map = self.object(table, 0);
        self.nest_specs(table, &mut map);
        if let Some(name) = table.adapter.filter(|_| self.random.bool()) {
            map.insert("type".to_owned(), name.into());
        }
        map
    }

    /// Makes every other free-form object the spec of an adapter, with the keys next to it that say so.
    fn nest_specs(&mut self, table: &'static Table, map: &mut Map<String, Value>) {
        for (field, nested) in table.all_fields().filter_map(|field| Some((field, field.nested_spec?))) {
            if self.random.bool() {
                for (key, values) in nested.when {
                    map.extend(self.pick(values).map(|value| ((*key).to_owned(), value.into())));
                }
                let spec = self.object((nested.entry.table)(), 1);
                map.insert(field.key.to_owned(), Value::Object(spec));
            }
        }
    }

    /// A whole adapter spec of any type.
    pub(super) fn spec(&mut self, depth: usize) -> Map<String, Value> {
        let adapters = self.adapters();
        let Some(table) = self.pick(adapters) else { return Map::new() };
        let mut map = self.object(table, depth);
        map.insert("type".to_owned(), table.adapter.unwrap_or_default().into());
        map
    }

    /// An object with the keys of a table.
    pub(super) fn object(&mut self, table: &'static Table, depth: usize) -> Map<String, Value> {
        let mut map = Map::new();
        for part in table.lineage() {
            self.fields(part, depth, &mut map);
        }
        if let Some(common) = table.common_table() {
            self.fields(common, depth, &mut map);
            self.keep_common_rules(table, &mut map);
        }
        if let Some(rest) = table.rest() {
            let count = if depth > DEPTH_MAX { 0 } else { self.random.usize(0..3) };
            for _ in 0..count.max(Entries::of(rest.rules).min_items) {
                let key = self.text(Entries::of(rest.rules).keys);
                if !is_known(table, &key) {
                    let value = self.value(rest.kind, Entries::of(rest.rules).each, depth + 1);
                    map.insert(key, value);
                }
            }
        }
        map
    }

    fn fields(&mut self, part: &'static Table, depth: usize, map: &mut Map<String, Value>) {
        // A condition looks at another key, so the keys without conditions are decided first.
        let (mut bound, free): (Vec<_>, Vec<_>) = part.fields.iter().partition(|field| !field.conditions.is_empty());
        // Two keys may each have a condition on the other.
        if self.one_in(4) {
            self.random.shuffle(&mut bound);
        }
        for field in free.into_iter().chain(bound) {
            if self.wants(part, field, depth, map) {
                self.insert(part, field, depth, map);
            }
        }
    }

    /// Whether a key is generated.
    fn wants(&mut self, part: &Table, field: &Field, depth: usize, map: &Map<String, Value>) -> bool {
        // Rarely, because a key that the version lacks makes the document invalid.
        if !self.subject.has(&field.versions) && !self.one_in(64) {
            return false;
        }
        if has_condition(part, field, ConditionEffect::ForbiddenUnless, false, map) {
            return false;
        }
        if has_condition(part, field, ConditionEffect::RequiredIf, true, map) {
            return true;
        }
        match field.presence {
            Presence::Required => field.environment.is_none() || !self.one_in(4),
            _ => (depth <= DEPTH_MAX || !is_deep(field.kind)) && self.random.u8(0..8) < self.density,
        }
    }

    /// Writes a key under one of its names, sometimes under several if that is allowed.
    fn insert(&mut self, part: &Table, field: &'static Field, depth: usize, map: &mut Map<String, Value>) {
        // Values on which other keys depend are likely.
        let conditions = part.fields.iter().flat_map(|other| other.conditions);
        let deciding: Vec<Literal> = conditions
            .filter(|condition| condition.other == field.key)
            .flat_map(|condition| condition.values)
            .copied()
            .collect();
        let mut names: Vec<(&str, BothNames)> = vec![(field.key, BothNames::KeyWins)];
        if !field.aliases.is_empty() && self.random.bool() {
            names.extend(field.aliases.iter().map(|alias| (alias.key, alias.both)));
            self.random.shuffle(&mut names);
        }
        let (first, both) = names[0];
        let value = match self.pick(&deciding).filter(|_| self.one_in(4)) {
            Some(literal) => literal.to_value(),
            None => self.field_value(field, depth),
        };
        map.insert(first.to_owned(), value);
        for (name, other_both) in names.into_iter().skip(1) {
            if both != BothNames::Refused && other_both != BothNames::Refused && self.one_in(4) {
                let value = self.field_value(field, depth);
                map.insert(name.to_owned(), value);
            }
        }
    }

    /// A value of a field, sometimes one of its documented examples or its default.
    pub(super) fn field_value(&mut self, field: &'static Field, depth: usize) -> Value {
        let mut documented: Vec<Literal> = field.examples.to_vec();
        if let Presence::Default(literal) = field.presence {
            documented.push(literal);
        }
        // A function may refuse nearly everything that kind and rules allow.
        let documented_in_ten = if field.parsed_by_function { 8 } else { self.documented };
        match self.pick(&documented) {
            Some(literal) if self.random.u8(0..10) < documented_in_ten => literal.to_value(),
            _ => self.value(field.kind, field.rules, depth),
        }
    }

    fn keep_common_rules(&mut self, table: &'static Table, map: &mut Map<String, Value>) {
        for rule in table.lineage().into_iter().flat_map(|part| part.common_rules) {
            if !self.subject.demands(&rule.versions) {
                continue;
            }
            match rule.demand {
                CommonKeyDemand::Forbidden => {
                    map.remove(rule.key);
                }
                CommonKeyDemand::Allowed(values) => {
                    if let Some(value) = self.pick(values) {
                        map.insert(rule.key.to_owned(), value.to_value());
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a field has a condition of this effect that holds in an object, or does not. A mistake of the parser about it does not hide here: the schema states it in code of its
/// own.
fn has_condition(part: &Table, field: &Field, effect: ConditionEffect, met: bool, map: &Map<String, Value>) -> bool {
    let is_met = |condition| l2_adapter_schema::is_met(part, condition, |index| map.get(part.fields[index].key)) == met;
    field.conditions.iter().any(|condition| condition.effect == effect && is_met(condition))
}

/// Every key in a table: its own, aliases, forbidden and common ones.
pub(super) fn known_keys(table: &'static Table) -> Vec<&'static str> {
    let mut keys: Vec<_> = table
        .fields_with_common()
        .flat_map(|field| std::iter::once(field.key).chain(field.aliases.iter().map(|alias| alias.key)))
        .chain(table.lineage().into_iter().flat_map(|part| part.forbidden).map(|forbidden| forbidden.key))
        .collect();
    keys.extend(table.adapter.map(|_| "type"));
    keys
}

fn is_known(table: &'static Table, key: &str) -> bool {
    known_keys(table).contains(&key)
}

/// Whether values of a kind may contain whole tables.
fn is_deep(kind: Kind) -> bool {
    match kind {
        Kind::Optional(inner) | Kind::List(inner) | Kind::Map(inner) => is_deep(*inner),
        Kind::Section(_) | Kind::Union(_) | Kind::AdapterSpec => true,
        _ => false,
    }
}
