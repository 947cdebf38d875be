//! One table per config type: the only source of a key's name, type, default, rules and documentation.
//!
//! The derive writes these constants; the parser, `help()`, the JSON Schema, the Markdown reference, the examples and
//! the registry read them. Nothing in here computes: a table is data.

use l2_adapter_rules::{
    BothNames, ConditionEffect, CrossRuleKind, Literal, Rule, Unit, Versions, any, each, text_equals,
};

use crate::{
    foreign::{ForeignNames, OtherConfig},
    kind::Kind,
    spec::NestedSpec,
};

/// The keys of one config struct or nested section.
#[derive(Debug)]
pub struct Table {
    /// The Rust name of the struct.
    pub name: &'static str,
    /// The doc comment; its first paragraph is the summary.
    pub doc: &'static str,
    /// The `type` name, for an adapter config; `None` for a nested section.
    pub adapter: Option<&'static str>,
    /// What other systems call this adapter type.
    pub also_known_as: &'static [ForeignNames],
    /// Other configs that are given where this one is wanted.
    pub mistaken_for: &'static [OtherConfig],
    /// The table this one extends. Its keys come first.
    pub base: Option<&'static Table>,
    /// The table's own keys in declaration order.
    pub fields: &'static [Field],
    /// The keys that every adapter config shares. `None` for a nested section, and if the base has them.
    pub common: Option<&'static Table>,
    /// Rules this type puts on common keys.
    pub common_rules: &'static [CommonKeyRule],
    /// Keys that are refused with a reason of their own.
    pub forbidden: &'static [ForbiddenKey],
    /// The field that collects undeclared keys; `None` refuses them.
    pub rest: Option<Rest>,
    /// Rules over several fields.
    pub rules: &'static [CrossRule],
    /// The place of the struct in its source.
    pub source: Source,
}

impl Table {
    /// A table without keys.
    pub const NO_KEYS: &'static Self = &Self::new("the variant", "", Source { file: file!(), line: line!() });

    /// A table with only a name; the derive adds everything else.
    pub const fn new(name: &'static str, doc: &'static str, source: Source) -> Self {
        Self {
            name,
            doc,
            adapter: None,
            also_known_as: &[],
            mistaken_for: &[],
            base: None,
            fields: &[],
            common: None,
            common_rules: &[],
            forbidden: &[],
            rest: None,
            rules: &[],
            source,
        }
    }

    /// The first paragraph of the doc comment, on one line.
    pub fn summary(&self) -> String {
        summary(self.doc)
    }

    /// This table, the one it extends, and so on.
    pub fn ancestry(&'static self) -> impl Iterator<Item = &'static Table> {
        std::iter::successors(Some(self), |table| table.base)
    }

    /// This table and those it extends, the outermost base first.
    pub fn lineage(&'static self) -> Vec<&'static Table> {
        let mut tables: Vec<_> = self.ancestry().collect();
        tables.reverse();
        tables
    }

    /// This table and those that its documents are read by: the ones that it extends, that of the common keys, and those of objects
    /// inside, each once.
    pub fn with_inner(&'static self) -> Vec<&'static Table> {
        let (mut tables, mut next) = (vec![self], 0);
        while let Some(table) = tables.get(next).copied() {
            let kinds = table.fields.iter().map(|field| field.kind).chain(table.rest.iter().map(|rest| rest.kind));
            let inner = kinds.flat_map(Kind::tables);
            for inner in inner.chain(table.ancestry()).chain(table.common_table()) {
                if !tables.iter().any(|known| std::ptr::eq(*known, inner)) {
                    tables.push(inner);
                }
            }
            next += 1;
        }
        tables
    }

    /// Whether a value of one of its keys is a secret or has one in it. An adapter spec may have one.
    pub(crate) fn holds_secret(&'static self) -> bool {
        self.with_inner().into_iter().any(|table| {
            let fields = table.fields.iter().map(|field| (field.secret, field.kind));
            let mut all = fields.chain(table.rest.iter().map(|rest| (rest.secret, rest.kind)));
            all.any(|(secret, kind)| secret || matches!(kind.innermost(), Kind::AdapterSpec))
        })
    }

    /// How many slots the keys of this table have, those of extended tables and common keys left out: see
    /// [`Object`](crate::Object).
    pub(crate) const fn own_slots(&self) -> usize {
        let mut slots = self.fields.len() + self.forbidden.len();
        each!(field in self.fields => { slots += field.aliases.len(); });
        slots
    }

    /// All declared fields, those of extended tables first; common keys left out.
    pub fn all_fields(&'static self) -> impl Iterator<Item = &'static Field> {
        self.lineage().into_iter().flat_map(|table| table.fields)
    }

    /// The table of the common keys, whether this one names it or one it extends.
    pub fn common_table(&'static self) -> Option<&'static Table> {
        self.ancestry().find_map(|table| table.common)
    }

    /// The fields of the common keys.
    pub fn common_fields(&'static self) -> &'static [Field] {
        self.common_table().map(|common| common.fields).unwrap_or_default()
    }

    /// [`all_fields`](Self::all_fields), and those of the common keys after them.
    pub fn fields_with_common(&'static self) -> impl Iterator<Item = &'static Field> {
        self.all_fields().chain(self.common_fields())
    }

    /// The field that collects undeclared keys, in this table or in one that it extends.
    pub fn rest(&'static self) -> Option<&'static Rest> {
        self.ancestry().find_map(|table| table.rest.as_ref())
    }
}

/// The first paragraph of a doc comment, on one line.
pub fn summary(doc: &str) -> String {
    let paragraph = doc.trim().split("\n\n").next().unwrap_or_default();
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A place in source code, as `file!()` and `line!()` give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The file as the compiler was given it.
    pub file: &'static str,
    /// The 1-based line.
    pub line: u32,
}

impl std::fmt::Display for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// One key and all that is known of it.
#[derive(Debug)]
pub struct Field {
    /// The JSON key.
    pub key: &'static str,
    /// The documentation of the key: the doc comment. Never empty.
    pub doc: &'static str,
    /// The shape of its value.
    pub kind: Kind,
    /// What happens when the key is absent.
    pub presence: Presence,
    /// Rules on the value, in the order they are checked and reported. A value breaks each rule for itself: all broken
    /// ones are reported.
    pub rules: &'static [Rule],
    /// Other names of the same key.
    pub aliases: &'static [Alias],
    /// The key's names in other systems. A document that uses one gets a fault that names the key.
    pub also_known_as: &'static [ForeignNames],
    /// The spec of an adapter that a free-form object is, where other keys say so.
    pub nested_spec: Option<&'static NestedSpec>,
    /// The environment variable that supplies the value when the key is absent; read only through the
    /// [`Context`](crate::Context).
    pub environment: Option<&'static str>,
    /// When the key must or must not be there, by the values of other keys.
    pub conditions: &'static [Condition],
    /// The unit of the number.
    pub unit: Option<Unit>,
    /// Whether the value must never be shown.
    pub secret: bool,
    /// Why not to use the key any more, and what to use.
    pub deprecated: Option<&'static str>,
    /// Values worth showing.
    pub examples: &'static [Literal],
    /// Whether a function (`parse_with`) may refuse what kind and rules accept.
    pub parsed_by_function: bool,
    /// Which versions of the peer have the key. One that some versions lack is optional or has a literal default.
    pub versions: Versions,
}

impl Field {
    /// The field's own key, then its other names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.key).chain(self.aliases.iter().map(|alias| alias.key))
    }

    /// Whether a key is the field's own or another name of it.
    pub const fn is_named(&self, key: &str) -> bool {
        text_equals(self.key, key) || any!(alias in self.aliases => text_equals(alias.key, key))
    }

    /// A field without rules, other names, conditions or secrecy; the derive adds what the attributes declare.
    pub const fn new(key: &'static str, doc: &'static str, kind: Kind, presence: Presence) -> Self {
        Self {
            key,
            doc,
            kind,
            presence,
            rules: &[],
            aliases: &[],
            also_known_as: &[],
            nested_spec: None,
            environment: None,
            conditions: &[],
            unit: None,
            secret: false,
            deprecated: None,
            examples: &[],
            parsed_by_function: false,
            versions: Versions::ALL,
        }
    }
}

/// What happens when a key is absent.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Presence {
    /// It is a fault, unless an environment variable supplies the value.
    Required,
    /// The field is `None` (or `Given::Absent`).
    Optional,
    /// This value.
    Default(Literal),
    /// The value of another key of the same table.
    DefaultFrom(&'static str),
    /// A computed value; these words describe it.
    Computed(&'static str),
}

/// Another name of a key.
#[derive(Debug)]
pub struct Alias {
    /// The other name.
    pub key: &'static str,
    /// What happens when both names are there. The values of both are always checked.
    pub both: BothNames,
    /// Whether using this name is worth a warning.
    pub legacy: bool,
}

/// A key's presence made to depend on another key of the same table, which has neither aliases nor an environment
/// variable nor a computed default (others do not compile).
#[derive(Debug)]
pub struct Condition {
    /// What follows from the other key's value.
    pub effect: ConditionEffect,
    /// The other key.
    pub other: &'static str,
    /// The values of the other key, or its default if it is absent, that make the condition true. None: that the other key is
    /// absent, or `null`, makes it true.
    pub values: &'static [Literal],
    /// Why; may be empty.
    pub reason: &'static str,
}

/// A key that is refused with a reason, whatever its value.
#[derive(Debug)]
pub struct ForbiddenKey {
    /// The key.
    pub key: &'static str,
    /// Why, and what to do.
    pub reason: &'static str,
}

/// A rule a type puts on one common key.
#[derive(Debug)]
pub struct CommonKeyRule {
    /// The common key.
    pub key: &'static str,
    /// The requirement on it.
    pub demand: CommonKeyDemand,
    /// Why.
    pub reason: &'static str,
    /// Which versions of the peer have the rule.
    pub versions: Versions,
}

/// A type's rule on a common key.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum CommonKeyDemand {
    /// Absent, or `null` where the key may be `null`.
    Forbidden,
    /// Its value (or its default, if it is absent) equals one of these.
    Allowed(&'static [Literal]),
}

/// Where undeclared keys go.
#[derive(Debug)]
pub struct Rest {
    /// The field, as rules over several fields name it.
    pub name: &'static str,
    /// What these keys are: the field's doc comment.
    pub doc: &'static str,
    /// The shape of their values.
    pub kind: Kind,
    /// [`Rule::Each`], [`Rule::Keys`], [`Rule::MinItems`] and [`Rule::MaxItems`], as on a map.
    pub rules: &'static [Rule],
    /// Whether the values must never be shown.
    pub secret: bool,
    /// Those of the undeclared keys that are known: others that mean one of them are worth a warning.
    pub known: &'static [KnownKey],
}

/// An undeclared key that is known.
#[derive(Debug)]
pub struct KnownKey {
    /// The key.
    pub key: &'static str,
    /// What other systems call it.
    pub also_known_as: &'static [ForeignNames],
}

/// A named rule over several fields of one table.
#[derive(Debug)]
pub struct CrossRule {
    /// What it is for.
    pub kind: CrossRuleKind,
    /// A stable name, in snake case.
    pub name: &'static str,
    /// The rule in one sentence, for help and documentation.
    pub doc: &'static str,
    /// The keys that it reads; a fault points to the first unless the rule names another. A common key is named as such.
    pub reads: &'static [&'static str],
    /// Which versions of the peer have the rule.
    pub versions: Versions,
}
