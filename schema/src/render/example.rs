//! Example documents that the parser accepts.
//!
//! A value comes from the field's examples, else from its default, else it is the obvious one of its type and rules. A
//! required field has one of them, as the derive sees to. Cross-field rules and `parse_with` functions cannot be known
//! here: a type that has some gives examples that satisfy them.

use l2_adapter_rules::{
    ConditionEffect, Entries, Literal, Rule, Versions, first_allowed, obvious_integer, obvious_number, placeholder,
};
use serde_json::{Map, Value};

use super::{
    lineage::{self, CommonField, Shape, shown_default},
    ordered_json::OrderedJson,
};
use crate::{
    kind::{Kind, UnionTable, UnionVariant},
    literal::{LiteralValue as _, integer_value},
    peer::{InVersion as _, Peer},
    read::is_met,
    table::{CommonKeyDemand, Condition, Field, Presence, Rest, Table},
};

/// How much an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extent {
    /// The required keys.
    Minimal,
    /// Every key but deprecated ones, those that another key's value rules out, those that some versions of the peer lack, and
    /// those without an example, a default or an obvious value.
    Full,
}

/// An example document of a config type, `type` included for an adapter. Secrets are placeholders.
pub fn example(table: &'static Table, extent: Extent) -> Map<String, Value> {
    entries(table, extent, None).into_iter().map(|(key, value)| (key, value.to_value())).collect()
}

/// The same document as indented text, `type` first and the keys as the table has them. No line break ends it. For a peer it has
/// the keys and values of the peer's version; without one it is valid in all versions.
pub fn example_text(table: &'static Table, extent: Extent, peer: Option<&Peer<'_>>) -> String {
    OrderedJson::Object(entries(table, extent, peer)).to_text()
}

/// The keys of such a document and their values, in this order.
pub(super) fn entries(table: &'static Table, extent: Extent, peer: Option<&Peer<'_>>) -> Members {
    Maker::new(extent, peer).object(table, table.adapter.map(|name| ("type", name)))
}

/// A value of a field, as an example shows it; `None` where an example leaves the field out.
pub(crate) fn example_value(field: &'static Field) -> Option<Value> {
    Maker::new(Extent::Minimal, None).field(field).map(|document| document.to_value())
}

/// The examples of a field, without secrets: none inside a secret, and examples of sections with their secrets removed.
pub(super) fn shown_examples(field: &'static Field, hidden: bool) -> Vec<OrderedJson> {
    let shown = field.examples.iter().filter(|_| !(field.secret || hidden));
    shown.map(|example| Maker::new(Extent::Minimal, None).literal(field.kind, example)).collect()
}

/// The keys of an object and their values, in order.
type Members = Vec<(String, OrderedJson)>;

/// Makes the values of one example.
struct Maker<'a> {
    extent: Extent,
    peer: Option<&'a Peer<'a>>,
    /// The tables that contain the value under construction: a recursive table is not repeated.
    open: Vec<&'static Table>,
    /// Whether placeholders take the place of strings: inside a secret, and among keys that nobody declared.
    hidden: bool,
}

impl<'a> Maker<'a> {
    const fn new(extent: Extent, peer: Option<&'a Peer<'a>>) -> Self {
        Maker { extent, peer, open: Vec::new(), hidden: false }
    }

    fn object(&mut self, table: &'static Table, tag: Option<(&str, &str)>) -> Members {
        self.open.push(table);
        let mut entries: Members = tag.map(|(key, name)| text_entry(key, name)).into_iter().collect();
        for table in table.lineage() {
            entries.extend(self.own_keys(table));
        }
        for common in lineage::common_fields(table, self.peer) {
            entries.extend(self.common(&common).map(|value| (common.field.key.to_owned(), value)));
        }
        entries.extend(table.rest().and_then(|rest| self.rest(rest)));
        self.open.pop();
        entries
    }

    /// The keys that one table declares. Conditions add and remove keys until nothing changes; each turn changes a key, and a
    /// table has no longer chain of conditions than it has fields.
    fn own_keys(&mut self, table: &'static Table) -> Members {
        let mut values: Vec<Option<OrderedJson>> =
            table.fields.iter().map(|field| if self.shows(field) { self.field(field) } else { None }).collect();
        for _ in table.fields {
            let mut changed = false;
            for (index, field) in table.fields.iter().enumerate() {
                let effect = |effect| field.conditions.iter().filter(move |condition| condition.effect == effect);
                // Conditions compare with scalars only; of all else it counts that it is there.
                const SOMETHING: &Value = &Value::Bool(true);
                let written = |other: usize| values[other].as_ref().map(|value| value.as_scalar().unwrap_or(SOMETHING));
                let met = |condition: &Condition| is_met(table, condition, written);
                let ruled_out = effect(ConditionEffect::ForbiddenUnless).any(|condition| !met(condition));
                let asked_for = self.has(&field.versions) && effect(ConditionEffect::RequiredIf).any(met);
                if values[index].is_some() && ruled_out {
                    values[index] = None;
                    changed = true;
                } else if values[index].is_none() && asked_for && !ruled_out {
                    values[index] = self.field(field);
                    changed |= values[index].is_some();
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
            _ if self.peer.is_some() && !self.has(&field.versions) => false,
            _ if matches!(field.presence, Presence::Required) => true,
            Extent::Minimal => false,
            Extent::Full => field.deprecated.is_none() && self.has(&field.versions) && !self.reopens(field.kind),
        }
    }

    /// Whether the version of the peer is one of these; without a peer, whether they are all.
    fn has(&self, versions: &Versions) -> bool {
        self.peer.map_or_else(|| versions.are_all(), |peer| Some(peer).has(versions))
    }

    /// Makes a value that is secret, or not.
    fn inside<T>(&mut self, secret: bool, make: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.hidden;
        self.hidden |= secret;
        let made = make(self);
        self.hidden = outer;
        made
    }

    /// The value of a field. Inside a secret an example is shown only where rules refuse every placeholder.
    fn field(&mut self, field: &'static Field) -> Option<OrderedJson> {
        self.inside(field.secret, |maker| {
            let default = shown_default(field, maker.hidden).filter(|default| !matches!(default, Literal::Null));
            let default = default.map(|default| maker.literal(Kind::Anything, default));
            let example = |maker: &mut Self| field.examples.first().map(|literal| maker.literal(field.kind, literal));
            if maker.hidden {
                default.or_else(|| maker.value(field.kind, field.rules, field.key)).or_else(|| example(maker))
            } else {
                example(maker).or(default).or_else(|| maker.value(field.kind, field.rules, field.key))
            }
        })
    }

    /// A literal of a kind, in which placeholders take the place of secrets.
    fn literal(&mut self, kind: Kind, literal: &Literal) -> OrderedJson {
        match (kind.unwrap_optional(), literal) {
            (kind, Literal::List(items)) => {
                let item = if let Kind::List(item) = kind { *item } else { Kind::Anything };
                OrderedJson::List(items.iter().map(|literal| self.literal(item, literal)).collect())
            }
            (Kind::Map(value), Literal::Object(entries)) => {
                let entry = |(key, literal): &(&str, Literal)| ((*key).to_owned(), self.literal(*value, literal));
                OrderedJson::Object(entries.iter().map(entry).collect())
            }
            (kind, Literal::Object(entries)) => {
                let table = match kind {
                    Kind::Section(table) => Some(table()),
                    Kind::Union(union) => {
                        let tag = entries.iter().find(|(key, _)| *key == union().tag);
                        tag.and_then(|(_, tag)| union().variant(tag.as_text()?)?.table())
                    }
                    _ => None,
                };
                let member =
                    |(key, literal): &(&str, Literal)| Some(((*key).to_owned(), self.member(table, key, literal)?));
                OrderedJson::Object(entries.iter().filter_map(member).collect())
            }
            (_, scalar) => OrderedJson::Scalar(scalar.to_value()),
        }
    }

    /// A literal under a key of an object that a table reads, or none.
    fn member(&mut self, table: Option<&'static Table>, key: &str, literal: &Literal) -> Option<OrderedJson> {
        match table.and_then(|table| table.all_fields().find(|field| field.is_named(key))) {
            Some(field) if field.secret => self.field(field),
            Some(field) => Some(self.literal(field.kind, literal)),
            None => match table.and_then(Table::rest) {
                Some(rest) if rest.secret => {
                    self.inside(true, |maker| maker.value(rest.kind, Entries::of(rest.rules).each, key))
                }
                _ => Some(self.literal(Kind::Anything, literal)),
            },
        }
    }

    /// The obvious value of a kind, a placeholder where one may be; `None` where there is neither.
    fn value(&mut self, kind: Kind, rules: &'static [Rule], key: &str) -> Option<OrderedJson> {
        Some(match kind {
            Kind::Boolean => OrderedJson::Scalar(Value::Bool(true)),
            Kind::Integer { .. } | Kind::Number { .. } | Kind::String | Kind::Path => {
                OrderedJson::Scalar(self.scalar(kind, rules, key)?)
            }
            Kind::Choice(choices) => {
                let lasting = choices.variants.iter().find(|choice| self.has(&choice.versions));
                OrderedJson::Scalar(Value::from(lasting.or(choices.variants.first())?.name))
            }
            Kind::List(item) => self.list(*item, rules, key)?,
            Kind::Map(item) => OrderedJson::Object(vec![self.entry(*item, rules, key)?]),
            Kind::Section(table) => OrderedJson::Object(self.object(table(), None)),
            Kind::Union(union) => OrderedJson::Object(self.union(union())),
            Kind::AdapterSpec => return None,
            Kind::FreeObject | Kind::Anything => OrderedJson::Object(Vec::new()),
            Kind::Optional(inner) => return self.value(*inner, rules, key),
        })
    }

    fn scalar(&self, kind: Kind, rules: &'static [Rule], key: &str) -> Option<Value> {
        if let Some(allowed) = first_allowed(rules) {
            return Some(allowed.to_value());
        }
        match kind {
            Kind::Integer { min, max } => obvious_integer(min, max, rules).map(integer_value),
            Kind::Number { .. } => obvious_number(rules).map(Value::from),
            _ if self.hidden => placeholder(key, rules).map(Value::String),
            _ => None,
        }
    }

    /// A list of one item, or of none where it would contain itself.
    fn list(&mut self, item: Kind, rules: &'static [Rule], key: &str) -> Option<OrderedJson> {
        let Entries { min_items, max_items, each, .. } = Entries::of(rules);
        if max_items == 0 || self.reopens(item) {
            return Some(OrderedJson::List(Vec::new()));
        }
        if min_items > 1 { None } else { Some(OrderedJson::List(vec![self.value(item, each, key)?])) }
    }

    /// An entry of a map. Only the user knows its key, so there is none but where placeholders may be.
    fn entry(&mut self, item: Kind, rules: &'static [Rule], key: &str) -> Option<(String, OrderedJson)> {
        let Entries { min_items, keys, each, .. } = Entries::of(rules);
        let name = if self.hidden && min_items <= 1 { placeholder("key", keys)? } else { return None };
        Some((name, self.value(item, each, key)?))
    }

    fn union(&mut self, union: &'static UnionTable) -> Members {
        // A variant that is not open yet ends a recursion.
        let ends = |variant: &UnionVariant| variant.table().is_none_or(|table| !self.is_open(table));
        let mut lasting = union.variants.iter().filter(|variant| self.has(&variant.versions));
        let chosen = lasting.clone().find(|variant| ends(variant)).or_else(|| lasting.next());
        let chosen = chosen.or(union.variants.first());
        let Some(variant) = chosen else { return Vec::new() };
        match variant.table() {
            Some(table) => self.object(table, Some((union.tag, variant.name))),
            None => vec![text_entry(union.tag, variant.name)],
        }
    }

    fn common(&mut self, common: &CommonField) -> Option<OrderedJson> {
        // Without a peer, what some version forbids is left out, and what some version allows only is shown.
        let others = Some(&common.of_other_versions).filter(|_| self.peer.is_none());
        let demands = || common.demands.iter().chain(others.into_iter().flatten());
        let is_forbidden = demands().any(|rule| matches!(rule.demand, CommonKeyDemand::Forbidden));
        if is_forbidden || !(common.required() || self.shows(common.field)) {
            return None;
        }
        let allowed = demands().find_map(|rule| match rule.demand {
            CommonKeyDemand::Allowed(values) => values.first(),
            CommonKeyDemand::Forbidden => None,
        });
        allowed.map(|allowed| self.literal(Kind::Anything, allowed)).or_else(|| self.field(common.field))
    }

    /// Undeclared keys: none unless the example is full or a rule asks for one.
    fn rest(&mut self, rest: &'static Rest) -> Option<(String, OrderedJson)> {
        let Entries { min_items, max_items, .. } = Entries::of(rest.rules);
        let is_shown = min_items > 0 || self.extent == Extent::Full && max_items > 0;
        self.inside(true, |maker| if is_shown { maker.entry(rest.kind, rest.rules, "value") } else { None })
    }

    fn is_open(&self, table: &'static Table) -> bool {
        self.open.iter().any(|open| Shape::Table(open).is(Shape::Table(table)))
    }

    /// Whether a value of this kind would contain itself.
    fn reopens(&self, kind: Kind) -> bool {
        match kind.innermost() {
            Kind::Section(table) => self.is_open(table()),
            Kind::Union(union) => {
                union().variants.iter().all(|variant| variant.table().is_some_and(|table| self.is_open(table)))
            }
            _ => false,
        }
    }
}

fn text_entry(key: &str, text: &str) -> (String, OrderedJson) {
    (key.to_owned(), OrderedJson::Scalar(Value::from(text)))
}
