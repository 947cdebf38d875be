//! The rules on a value: its kind, its rules, and the same for everything inside it.

use l2_adapter_rules::Entries;
use l2_adapter_schema::{Bound, Choice, ChoiceTable, FaultCode, Kind, Rule, UnionVariant};
use serde_json::{Map, Value};

use super::{
    Expected, ObjectContext, RuleProbe, Wrap, candidates,
    table::{with, without},
};
use crate::generator::{near_misses, number};

impl RuleProbe<'_> {
    /// Violates every rule on a value; `sample` is a valid one and `put` builds a document with another.
    pub(super) fn value(&mut self, kind: Kind, rules: &'static [Rule], place: &str, sample: &Value, put: &Wrap<'_>) {
        if let Kind::Optional(inner) = kind {
            self.accept(format!("{place}: null"), None, [Value::Null], put);
            let mut sample = sample.clone();
            for _ in 0..200 {
                if sample.is_null() {
                    sample = self.generator.value(*inner, rules, 1);
                }
            }
            self.wrong_types(kind, place, &sample, put);
            return self.inside(*inner, rules, place, &sample, put);
        }
        self.wrong_types(kind, place, sample, put);
        self.inside(kind, rules, place, sample, put);
    }

    fn inside(&mut self, kind: Kind, rules: &'static [Rule], place: &str, sample: &Value, put: &Wrap<'_>) {
        self.bounds_of_kind(kind, place, put);
        self.rules(kind, rules, place, sample, put);
        match kind {
            Kind::Optional(inner) => self.inside(*inner, rules, place, sample, put),
            Kind::List(inner) => self.items(*inner, rules, place, sample, put),
            Kind::Map(inner) => self.entries(*inner, rules, place, sample, put),
            Kind::Section(table) => self.table(&ObjectContext { table: table(), tag: None, place, wrap: put }),
            Kind::Union(union) => {
                let (union, subject) = (union(), self.subject);
                let (variants, others): (Vec<&UnionVariant>, Vec<&UnionVariant>) =
                    union.variants.iter().partition(|variant| subject.has(&variant.versions));
                let names: Vec<&str> = variants.iter().map(|variant| variant.name).collect();
                self.tag(union.tag, &names, FaultCode::NotAllowed, place, sample, put);
                self.names_of_other_versions(place, others.iter().map(|variant| variant.name), &|name| {
                    put(Value::Object(Map::from_iter([(union.tag.to_owned(), name)])))
                });
                for variant in variants {
                    let place = format!("{place}({})", variant.name);
                    let tag = (union.tag, variant.name);
                    match variant.table {
                        Some(table) => {
                            self.table(&ObjectContext { table: table(), tag: Some(tag), place: &place, wrap: put })
                        }
                        None => {
                            let bare = Map::from_iter([(union.tag.to_owned(), Value::from(variant.name))]);
                            let more = [with(&bare, "no_such_key", Value::Null)];
                            self.isolate(
                                format!("{place}: unknown keys are refused"),
                                FaultCode::UnknownKey,
                                more,
                                put,
                            );
                        }
                    }
                }
            }
            Kind::AdapterSpec => {
                let names: Vec<&str> = self.subject.adapters().iter().filter_map(|table| table.adapter).collect();
                self.tag("type", &names, FaultCode::UnknownType, place, sample, put);
            }
            _ => {}
        }
    }

    /// Tests one value of every JSON type that the kind refuses.
    pub(super) fn wrong_types(&mut self, kind: Kind, place: &str, sample: &Value, put: &Wrap<'_>) {
        for wrong in self.generator.one_of_each_type(sample) {
            if !takes(kind, &wrong) {
                self.isolate(format!("{place}: {} is refused", wrong), FaultCode::WrongType, [wrong], put);
            }
        }
    }

    fn bounds_of_kind(&mut self, kind: Kind, place: &str, put: &Wrap<'_>) {
        // Just beyond 64 bits only floats exist, and the nearest may be the bound itself.
        let beyond = |bound: i128, sign: i128| {
            [1, 1 << 12].into_iter().map(|more| number(&(bound + sign * more).to_string())).collect()
        };
        let bounds = match kind {
            Kind::Integer { min, max } => {
                vec![("minimum", beyond(min, -1)), ("maximum", beyond(max, 1))]
            }
            Kind::Number { max } if max < f64::MAX => {
                let next = max.next_up();
                vec![("minimum", vec![Value::from(-next)]), ("maximum", vec![Value::from(next)])]
            }
            _ => Vec::new(),
        };
        for (which, candidates) in bounds {
            let expected = Expected { code: FaultCode::OutOfRange, expected: Some("between") };
            self.isolate(format!("{place}: the {which} of its type"), expected, candidates, put);
        }
        if let Kind::Choice(choices) = kind {
            let misspelt = choices.variants.iter().flat_map(|choice| near_misses(choice.name));
            self.isolate(format!("{place}: no other name"), FaultCode::NotAllowed, misspelt.map(Value::from), put);
            let cased = |choice: &Choice| Value::from(swapped_case(choice.name));
            let subject = self.subject;
            let (names, others): (Vec<&Choice>, Vec<&Choice>) =
                choices.variants.iter().partition(|choice| subject.has(&choice.versions));
            self.names_of_other_versions(place, others.iter().map(|choice| choice.name), put);
            let names = names.into_iter();
            if choices.ignore_case {
                self.accept(format!("{place}: in either case"), None, names.map(cased), put);
            // Two names may differ only in case.
            } else if let Some(other) = names.map(cased).find(|cased| names_none(choices, cased)) {
                self.isolate(format!("{place}: {other} is not a name"), FaultCode::NotAllowed, [other], put);
            }
        }
    }

    /// Tests that each name of other versions is refused.
    fn names_of_other_versions(&mut self, place: &str, names: impl Iterator<Item = &'static str>, put: &Wrap<'_>) {
        for name in names {
            let label = format!("{place}: \"{name}\" of another version");
            self.isolate(label, FaultCode::NotAllowed, [Value::from(name)], put);
        }
    }

    /// Violates each of a value's own rules.
    pub(super) fn rules(&mut self, kind: Kind, rules: &'static [Rule], place: &str, sample: &Value, put: &Wrap<'_>) {
        for (index, rule) in rules.iter().enumerate() {
            if says_nothing_more(kind, rule) || rule.is_advice() {
                continue;
            }
            match rule {
                Rule::Exists(existing) => {
                    self.on_machine(existing, place, sample, put);
                    continue;
                }
                Rule::Access(access) => {
                    self.access_on_machine(*access, rules, place, sample, put);
                    continue;
                }
                // Their rules are those of their entries.
                Rule::Each(_) | Rule::Keys(_) => continue,
                _ => {}
            }
            let code = FaultCode::of_rule(rule);
            let described = rule.describe();
            let candidates = candidates::breaking(&mut self.generator, kind, rules, index, sample);
            // Only this rule is about repeated items.
            let expected = Some(described.as_str()).filter(|_| code != FaultCode::RepeatedItem);
            self.isolate(format!("{place}: {described}"), Expected { code, expected }, candidates, put);
        }
    }

    fn items(&mut self, inner: Kind, rules: &'static [Rule], place: &str, sample: &Value, put: &Wrap<'_>) {
        let within = Entries::of(rules);
        let mut items = sample.as_array().cloned().unwrap_or_default();
        if items.is_empty() {
            items.push(self.generator.value(inner, within.each, 1));
        }
        // The first item is changed; others it might repeat are left out.
        items.truncate(within.min_items.max(1));
        let first = items[0].clone();
        let put_item = |item: Value| {
            let mut items = items.clone();
            items[0] = item;
            put(Value::Array(items))
        };
        self.value(inner, within.each, &format!("{place}[]"), &first, &put_item);
    }

    fn entries(&mut self, inner: Kind, rules: &'static [Rule], place: &str, sample: &Value, put: &Wrap<'_>) {
        let within = Entries::of(rules);
        let mut map = sample.as_object().cloned().unwrap_or_default();
        if map.is_empty() {
            map.insert(self.generator.text(within.keys), self.generator.value(inner, within.each, 1));
        }
        let Some((key, value)) = map.iter().next().map(|(key, value)| (key.clone(), value.clone())) else { return };
        let put_value = |value: Value| put(with(&map, &key, value));
        self.value(inner, within.each, &format!("{place}{{}}"), &value, &put_value);
        let put_key = |name: Value| {
            let Value::Object(others) = without(&map, &[&key]) else { return Value::Null };
            put(with(&others, name.as_str().unwrap_or_default(), value.clone()))
        };
        self.rules(Kind::String, within.keys, &format!("{place}{{}} keys"), &Value::from(key.as_str()), &put_key);
    }

    /// Tests that a tag is required, is a string, and names a variant.
    fn tag(&mut self, tag: &str, names: &[&str], unknown: FaultCode, place: &str, sample: &Value, put: &Wrap<'_>) {
        let Some(sample) = sample.as_object() else { return };
        self.isolate(format!("{place}/{tag}: required"), FaultCode::Missing, [without(sample, &[tag])], put);
        let misspelt = names.iter().flat_map(|name| near_misses(name)).filter(|miss| !names.contains(&miss.as_str()));
        let misspelt: Vec<Value> = misspelt.map(|miss| with(sample, tag, miss.into())).collect();
        self.isolate(format!("{place}/{tag}: no other name"), unknown, misspelt, put);
        let name = sample.get(tag).cloned().unwrap_or_default();
        self.wrong_types(Kind::String, &format!("{place}/{tag}"), &name, &|value| put(with(sample, tag, value)));
    }
}

/// Whether a rule only repeats the kind: a port of 16 bits is at most 65535.
fn says_nothing_more(kind: Kind, rule: &Rule) -> bool {
    match (kind, rule) {
        (Kind::Integer { min, .. }, Rule::Min(Bound::Integer(bound))) => *bound <= min,
        (Kind::Integer { max, .. }, Rule::Max(Bound::Integer(bound))) => *bound >= max,
        _ => false,
    }
}

/// Whether a kind accepts values of this JSON type; its rules decide the rest.
fn takes(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Boolean => value.is_boolean(),
        Kind::Integer { .. } => value.as_f64().is_some_and(|float| float.fract() == 0.0),
        Kind::Number { .. } => value.is_number(),
        Kind::String | Kind::Path | Kind::Choice(_) => value.is_string(),
        Kind::List(_) => value.is_array(),
        Kind::Map(_) | Kind::Section(_) | Kind::Union(_) | Kind::AdapterSpec | Kind::FreeObject => value.is_object(),
        Kind::Optional(inner) => value.is_null() || takes(*inner, value),
        _ => true,
    }
}

fn names_none(choices: &ChoiceTable, written: &Value) -> bool {
    choices.variants.iter().all(|choice| choice.name != written)
}

fn swapped_case(name: &str) -> String {
    let swap = |letter: char| {
        if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    };
    name.chars().map(swap).collect()
}
