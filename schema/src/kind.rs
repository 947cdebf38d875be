//! The shapes of values. A kind determines the JSON type and the Rust type; the rules that narrow it further are
//! [`Rule`](crate::Rule)s.

use l2_adapter_rules::{ValueType, Versions};

use crate::{
    foreign::ForeignNames,
    peer::{InVersion as _, Peer},
    table::Table,
};

/// The shape of one value. Every [`ConfigValue`](crate::ConfigValue) type names its own.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// `true` or `false`, and nothing else.
    Boolean,
    /// A whole number between the two bounds of its Rust type, both included. `1.0` is accepted, with a warning.
    Integer {
        /// The smallest value of the Rust type.
        min: i128,
        /// The largest value of the Rust type.
        max: i128,
    },
    /// A number whose magnitude does not exceed `max`, the largest finite value of its Rust type.
    Number {
        /// `f32::MAX` or `f64::MAX`.
        max: f64,
    },
    /// A string.
    String,
    /// A string that names a file or directory.
    Path,
    /// One of a fixed set of names, from an enum that derives `ConfigChoice`.
    Choice(&'static ChoiceTable),
    /// A list whose items all have one kind.
    List(&'static Kind),
    /// An object from any name to values of one kind.
    Map(&'static Kind),
    /// An object with the keys of a table. A function, so that tables may contain themselves.
    Section(fn() -> &'static Table),
    /// An object whose tag key chooses among tables.
    Union(fn() -> &'static UnionTable),
    /// A whole adapter spec of any registered type, `type` key included.
    AdapterSpec,
    /// An object with any keys, passed on unchanged.
    FreeObject,
    /// Any JSON value, passed on unchanged.
    Anything,
    /// The inner kind, or `null`.
    Optional(&'static Kind),
}

impl Kind {
    /// The kind without `null`.
    pub const fn unwrap_optional(self) -> Kind {
        match self {
            Kind::Optional(inner) => inner.unwrap_optional(),
            other => other,
        }
    }

    /// Whether a value of this kind has a secret in it. An adapter spec may have one.
    pub(crate) fn holds_secret(self) -> bool {
        matches!(self.innermost(), Kind::AdapterSpec) || self.tables().into_iter().any(Table::holds_secret)
    }

    /// The kind of a value, of the items of a list or of the values of a map: where nested keys and names come from.
    pub(crate) fn innermost(self) -> Kind {
        match self {
            Kind::List(inner) | Kind::Map(inner) | Kind::Optional(inner) => inner.innermost(),
            other => other,
        }
    }

    /// The tables by which objects in a value of this kind may be read, without those inside these tables.
    pub fn tables(self) -> Vec<&'static Table> {
        match self.innermost() {
            Kind::Section(table) => vec![table()],
            Kind::Union(union) => union().variants.iter().filter_map(UnionVariant::table).collect(),
            _ => Vec::new(),
        }
    }

    /// What values of this kind are to rules.
    pub(crate) const fn value_type(self) -> ValueType {
        match self {
            Kind::Boolean => ValueType::Boolean,
            Kind::Integer { .. } => ValueType::Integer,
            Kind::Number { .. } => ValueType::Number,
            Kind::String | Kind::Path => ValueType::String,
            Kind::List(_) => ValueType::List,
            Kind::Map(_) => ValueType::Map,
            _ => ValueType::Other,
        }
    }

    /// Whether `null` is a value of this kind.
    pub const fn accepts_null(self) -> bool {
        matches!(self, Kind::Optional(_) | Kind::Anything)
    }
}

/// An enum of allowed names.
#[derive(Debug)]
pub struct ChoiceTable {
    /// The Rust name of the enum.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// The names in declaration order.
    pub variants: &'static [Choice],
    /// Whether ASCII letters match in either case.
    pub ignore_case: bool,
}

/// One allowed name.
#[derive(Debug)]
pub struct Choice {
    /// The name in JSON.
    pub name: &'static str,
    /// What choosing it means.
    pub doc: &'static str,
    /// Which versions of the peer have it.
    pub versions: Versions,
    /// What other systems call it.
    pub also_known_as: &'static [ForeignNames],
}

impl ChoiceTable {
    /// The variants that a version of the peer has.
    pub(crate) fn variants_in(&self, peer: Option<&Peer<'_>>) -> impl Iterator<Item = &'static Choice> + Clone {
        self.variants.iter().filter(move |choice| peer.has(&choice.versions))
    }

    /// The index of the variant that `name` selects.
    pub fn position(&self, name: &str) -> Option<usize> {
        // Inlined, because the names are short: a call that compares memory would take longer.
        let matches = |left: u8, right: u8| left == right || (self.ignore_case && left.eq_ignore_ascii_case(&right));
        self.variants.iter().position(|choice| {
            choice.name.len() == name.len()
                && choice.name.bytes().zip(name.bytes()).all(|(left, right)| matches(left, right))
        })
    }
}

/// An object whose tag key chooses the table of its other keys.
#[derive(Debug)]
pub struct UnionTable {
    /// The Rust name of the enum.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// The key that holds the variant's name. It is required and no variant may have a key of that name.
    pub tag: &'static str,
    /// The variants in declaration order.
    pub variants: &'static [UnionVariant],
}

impl UnionTable {
    /// The variants that a version of the peer has.
    pub(crate) fn variants_in(&self, peer: Option<&Peer<'_>>) -> impl Iterator<Item = &'static UnionVariant> + Clone {
        self.variants.iter().filter(move |variant| peer.has(&variant.versions))
    }

    /// The variant of a name.
    pub fn variant(&self, name: &str) -> Option<&'static UnionVariant> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}

impl UnionVariant {
    /// The table of the variant's keys, if it has more than the tag.
    pub fn table(&self) -> Option<&'static Table> {
        self.table.map(|table| table())
    }
}

/// One variant of a tagged union.
#[derive(Debug)]
pub struct UnionVariant {
    /// The value of the tag key that selects it.
    pub name: &'static str,
    /// What choosing it means.
    pub doc: &'static str,
    /// What other systems call it.
    pub also_known_as: &'static [ForeignNames],
    /// The table of its keys without the tag; `None` if the tag is the only key.
    pub table: Option<fn() -> &'static Table>,
    /// Which versions of the peer have it.
    pub versions: Versions,
}
