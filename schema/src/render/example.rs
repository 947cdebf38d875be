//! Example documents that the parser accepts.
//!
//! A value comes from the field's examples, else from its default, else it is made from its rules. Rules over several
//! fields and `parse_with` functions cannot be known here: a type that has some gives examples that keep them.

use l2_adapter_rules::{ConditionEffect, Entries, Literal, Rule};
use serde_json::{Map, Value};

use super::{
    document::{self, Document},
    lineage::{self, SharedField, same_table, shown_default},
    made::{self, Want},
    words,
};
use crate::{
    kind::{Kind, UnionTable},
    read::is_met,
    table::{Condition, Field, Presence, Rest, SharedKeyDemand, Source, Table},
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
///
/// A nested adapter spec without an example of its own shows the type itself, since no other is known here; where the type
/// cannot do without one, it shows a placeholder that names no type.
pub fn example(table: &'static Table, extent: Extent) -> Map<String, Value> {
    document::to_map(&entries(table, extent))
}

/// The same document, its keys in the order that [`example_text`] shows.
pub(super) fn example_document(table: &'static Table, extent: Extent) -> Document {
    Document::Object(entries(table, extent))
}

/// The same document as indented text, `type` first and the keys as the table has them. No line break ends it.
pub fn example_text(table: &'static Table, extent: Extent) -> String {
    example_document(table, extent).to_text()
}

/// A value of a field, as an example would show it.
pub(crate) fn made_value(field: &'static Field) -> Value {
    maker(&NOWHERE).field(field, 0).to_value()
}

/// The examples of a field as they may be shown: none inside a secret, and in those of sections no secret.
pub(super) fn shown_examples(field: &'static Field, hidden: bool) -> Vec<Document> {
    if field.secret || hidden {
        return Vec::new();
    }
    field.examples.iter().map(|example| maker(&NOWHERE).literal(field.kind, example)).collect()
}

/// Where a value is made apart from any document.
static NOWHERE: Table = Table::new("", "", Source { file: file!(), line: line!() });

fn maker(root: &'static Table) -> Maker {
    Maker { extent: Extent::Minimal, root, open: Vec::new(), hidden: false }
}

fn entries(table: &'static Table, extent: Extent) -> Members {
    let mut maker = Maker { extent, ..maker(table) };
    maker.object(table, table.adapter.map(|name| ("type", name)), 0)
}

/// The keys of an object and their values, in order.
type Members = Vec<(String, Document)>;

/// Makes the values of one example.
struct Maker {
    extent: Extent,
    root: &'static Table,
    /// The tables that the value being made stands in: one that contains itself is not repeated.
    open: Vec<&'static Table>,
    /// Whether the value being made is inside a secret.
    hidden: bool,
}

impl Maker {
    /// An object. `nth` asks for another one than a lower number gave, where that can be.
    fn object(&mut self, table: &'static Table, tag: Option<(&str, &str)>, nth: usize) -> Members {
        self.open.push(table);
        let mut entries: Members = tag.map(|(key, name)| text_entry(key, name)).into_iter().collect();
        for table in table.lineage() {
            entries.extend(self.own_keys(table, nth));
        }
        for shared in lineage::shared_fields(table) {
            entries.extend(self.shared(&shared).map(|value| (shared.field.key.to_owned(), value)));
        }
        entries.extend(table.rest().map(|rest| self.rest(rest)).unwrap_or_default());
        self.open.pop();
        entries
    }

    /// The keys that one table declares. Conditions add keys and take them away until nothing changes; each turn changes
    /// a key, and a table has no longer chain of conditions than it has fields.
    fn own_keys(&mut self, table: &'static Table, nth: usize) -> Members {
        let mut values: Vec<Option<Document>> =
            table.fields.iter().map(|field| self.shows(field).then(|| self.field(field, nth))).collect();
        for _ in table.fields {
            let mut changed = false;
            for (index, field) in table.fields.iter().enumerate() {
                let effect = |effect| field.conditions.iter().filter(move |condition| condition.effect == effect);
                // Conditions compare with scalars only; of all else it counts that it is there.
                const SOMETHING: &Value = &Value::Bool(true);
                let written = |other: usize| values[other].as_ref().map(|value| value.as_scalar().unwrap_or(SOMETHING));
                let met = |condition: &Condition| is_met(table, condition, written);
                let ruled_out = effect(ConditionEffect::ForbiddenUnless).any(|condition| !met(condition));
                let asked_for = effect(ConditionEffect::RequiredIf).any(met);
                if values[index].is_some() && ruled_out {
                    values[index] = None;
                    changed = true;
                } else if values[index].is_none() && asked_for && !ruled_out {
                    values[index] = Some(self.field(field, nth));
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let keys = table.fields.iter().map(|field| field.key.to_owned());
        keys.zip(values).filter_map(|(key, value)| value.map(|value| (key, value))).collect()
    }

    fn shows(&self, field: &'static Field) -> bool {
        match self.extent {
            _ if matches!(field.presence, Presence::Required) => true,
            Extent::Minimal => false,
            Extent::Full => field.deprecated.is_none() && !self.reopens(field.kind),
        }
    }

    fn field(&mut self, field: &'static Field, nth: usize) -> Document {
        let outer = self.hidden;
        self.hidden |= field.secret;
        let written = field.examples.get(nth).or_else(|| field.examples.first()).filter(|_| !self.hidden);
        let document = match (written, shown_default(field, self.hidden)) {
            (Some(literal), _) => self.literal(field.kind, literal),
            (None, Some(default)) if !matches!(default, Literal::Null) => Document::of(default),
            _ => self.value(field.kind, field.rules, field.key, nth),
        };
        self.hidden = outer;
        document
    }

    /// A literal of a kind, in which made values take the place of secrets.
    fn literal(&mut self, kind: Kind, literal: &Literal) -> Document {
        match (kind.unwrap_optional(), literal) {
            (Kind::List(item), Literal::List(items)) => {
                Document::List(items.iter().map(|literal| self.literal(*item, literal)).collect())
            }
            (Kind::Map(value), Literal::Object(entries)) => {
                let entry = |(key, literal): &(&str, Literal)| ((*key).to_owned(), self.literal(*value, literal));
                Document::Object(entries.iter().map(entry).collect())
            }
            (Kind::Section(table), Literal::Object(entries)) => self.section_literal(Some(table()), entries),
            (Kind::Union(union), Literal::Object(entries)) => {
                let union = union();
                let tag = entries.iter().find(|(key, _)| *key == union.tag).and_then(|(_, tag)| tag.as_text());
                let variant = union.variants.iter().find(|variant| Some(variant.name) == tag);
                self.section_literal(variant.and_then(|variant| variant.table).map(|table| table()), entries)
            }
            (_, literal) => Document::of(literal),
        }
    }

    fn section_literal(&mut self, table: Option<&'static Table>, entries: &[(&str, Literal)]) -> Document {
        let of = |key: &str| {
            let names = |field: &Field| field.key == key || field.aliases.iter().any(|alias| alias.key == key);
            table.and_then(|table| table.all_fields().find(|field| names(field)))
        };
        let entries = entries.iter().map(|(key, literal)| {
            let document = match of(key) {
                Some(field) if field.secret => self.field(field, 0),
                Some(field) => self.literal(field.kind, literal),
                None => match table.and_then(Table::rest) {
                    Some(rest) if rest.secret => self.value(rest.kind, Entries::of(rest.rules).each, key, 0),
                    _ => Document::of(literal),
                },
            };
            ((*key).to_owned(), document)
        });
        Document::Object(entries.collect())
    }

    fn value(&mut self, kind: Kind, rules: &'static [Rule], key: &str, nth: usize) -> Document {
        match kind {
            Kind::List(item) => self.list(*item, rules, key),
            Kind::Map(value) => Document::Object(self.entries(*value, rules, 1)),
            Kind::Section(table) => Document::Object(self.object(table(), None, nth)),
            Kind::Union(union) => Document::Object(self.union(union(), nth)),
            Kind::AdapterSpec => Document::Object(self.spec()),
            Kind::FreeObject | Kind::Anything => Document::Object(Vec::new()),
            Kind::Optional(inner) => self.value(*inner, rules, key, nth),
            _ => Document::Scalar(made::scalar(kind, &Want { rules, key, nth })),
        }
    }

    fn list(&mut self, item: Kind, rules: &'static [Rule], key: &str) -> Document {
        let usual = if self.reopens(item) { 0 } else { 1 };
        let each = Entries::of(rules).each;
        Document::List((0..entry_count(rules, usual)).map(|nth| self.value(item, each, key, nth)).collect())
    }

    fn entries(&mut self, value: Kind, rules: &'static [Rule], usual: usize) -> Members {
        let Entries { keys, each: values, .. } = Entries::of(rules);
        let usual = if self.reopens(value) { 0 } else { usual };
        let key = |nth| made::text(&Want { rules: keys, key: "key", nth });
        (0..entry_count(rules, usual)).map(|nth| (key(nth), self.value(value, values, "value", nth))).collect()
    }

    fn union(&mut self, union: &'static UnionTable, nth: usize) -> Members {
        // A variant that is not open yet ends a recursion.
        let ends = |table: Option<fn() -> &'static Table>| table.is_none_or(|table| !self.is_open(table()));
        let chosen = union.variants.iter().find(|variant| ends(variant.table)).or(union.variants.first());
        let Some(variant) = chosen else { return Vec::new() };
        match variant.table {
            Some(table) => self.object(table(), Some((union.tag, variant.name)), nth),
            None => vec![text_entry(union.tag, variant.name)],
        }
    }

    fn spec(&self) -> Members {
        let needs_one = self.root.all_fields().any(|field| {
            matches!(field.presence, Presence::Required) && matches!(words::innermost(field.kind), Kind::AdapterSpec)
        });
        match self.root.adapter {
            Some(_) if !needs_one => entries(self.root, Extent::Minimal),
            _ => vec![text_entry("type", "your-adapter-type")],
        }
    }

    fn shared(&mut self, shared: &SharedField) -> Option<Document> {
        if shared.forbidden() || !(shared.required() || self.shows(shared.field)) {
            return None;
        }
        let allowed = shared.demands.iter().find_map(|rule| match rule.demand {
            SharedKeyDemand::Allowed(values) => values.first(),
            SharedKeyDemand::Forbidden => None,
        });
        Some(allowed.map_or_else(|| self.field(shared.field, 0), Document::of))
    }

    fn rest(&mut self, rest: &'static Rest) -> Members {
        let usual = match self.extent {
            Extent::Minimal => 0,
            Extent::Full => 1,
        };
        self.entries(rest.kind, rest.rules, usual)
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
    let Entries { min_items, max_items, .. } = Entries::of(rules);
    usual.max(min_items).min(max_items)
}

fn text_entry(key: &str, text: &str) -> (String, Document) {
    (key.to_owned(), Document::Scalar(Value::from(text)))
}
