//! The combined contents of a table and the tables that it extends, and the identity of tables and unions.

use l2_adapter_rules::{CrossRuleKind, Literal};

use crate::{
    kind::{Kind, UnionTable},
    peer::{InVersion as _, Peer},
    table::{CommonKeyDemand, CommonKeyRule, CrossRule, Field, ForbiddenKey, Table},
};

/// What the keys inside a value belong to.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Table(&'static Table),
    Union(&'static UnionTable),
}

impl Shape {
    /// The shape of a value, of the items of a list or of the values of a map.
    pub(super) fn of(kind: Kind) -> Option<Self> {
        match kind.innermost() {
            Kind::Section(table) => Some(Shape::Table(table())),
            Kind::Union(union) => Some(Shape::Union(union())),
            _ => None,
        }
    }

    /// Whether two references mean one shape. A constant may have several addresses, so an equal name at an equal place in
    /// the source counts too; types that one macro call defines share that place, and unions do not record theirs: there the
    /// keys decide.
    pub(super) fn is(self, other: Self) -> bool {
        match (self, other) {
            (Shape::Table(left), Shape::Table(right)) => {
                let keys = |table: &'static Table| table.fields.iter().map(|field| field.key);
                let place = |table: &'static Table| (table.name, table.source, table.adapter, table.doc);
                std::ptr::eq(left, right) || place(left) == place(right) && keys(left).eq(keys(right))
            }
            (Shape::Union(left), Shape::Union(right)) => {
                let names = |union: &'static UnionTable| union.variants.iter().map(|variant| variant.name);
                let place = |union: &'static UnionTable| (union.name, union.doc, union.tag);
                std::ptr::eq(left, right) || place(left) == place(right) && names(left).eq(names(right))
            }
            _ => false,
        }
    }

    /// The Rust name and the documentation.
    pub(super) fn named(self) -> (&'static str, &'static str) {
        match self {
            Shape::Table(table) => (table.name, table.doc),
            Shape::Union(union) => (union.name, union.doc),
        }
    }
}

/// The keys refused with a reason.
pub(super) fn forbidden(table: &'static Table) -> Vec<&'static ForbiddenKey> {
    table.lineage().into_iter().flat_map(|table| table.forbidden).collect()
}

/// Rules over several fields that have one effect.
pub(super) struct CrossRules {
    /// The title of a list of them.
    pub(super) title: &'static str,
    /// The keyword of a schema that lists them.
    pub(super) keyword: &'static str,
    /// The rules; never empty.
    pub(super) rules: Vec<&'static CrossRule>,
}

/// The rules over several fields of the peer's version: those that refuse, those that do on a machine, those that warn.
pub(super) fn cross_rules(table: &'static Table, peer: Option<&Peer<'_>>) -> impl Iterator<Item = CrossRules> {
    let tables: Vec<_> = table.lineage().into_iter().chain(table.common_table()).collect();
    let kinds = [
        (CrossRuleKind::Rule, "Rules", "x-rules"),
        (CrossRuleKind::MachineRule, "Rules when checked on the machine", "x-machine-rules"),
        (CrossRuleKind::Warning, "Warnings", "x-warnings"),
    ];
    let all = kinds.into_iter().map(move |(kind, title, keyword)| {
        let rules = tables.iter().flat_map(|table| table.rules);
        let rules = rules.filter(|rule| rule.kind == kind && peer.has(&rule.versions)).collect();
        CrossRules { title, keyword, rules }
    });
    all.filter(|all| !all.rules.is_empty())
}

/// A common key with the type's rules on it.
pub(super) struct CommonField {
    pub(super) field: &'static Field,
    /// What it asks in the version that is described; where that is none, what it asks in all of them.
    pub(super) demands: Vec<&'static CommonKeyRule>,
    /// What it asks in other versions.
    pub(super) of_other_versions: Vec<&'static CommonKeyRule>,
}

impl CommonField {
    /// Whether the type refuses the key.
    pub(super) fn forbidden(&self) -> bool {
        self.demands.iter().any(|rule| matches!(rule.demand, CommonKeyDemand::Forbidden))
    }

    /// Whether the type requires the key because its default is not one of the allowed values.
    pub(super) fn required(&self) -> bool {
        self.demands.iter().any(|rule| match rule.demand {
            CommonKeyDemand::Allowed(values) => !default_of(self.field).is_some_and(|default| values.contains(default)),
            CommonKeyDemand::Forbidden => false,
        })
    }
}

/// The common keys with the type's rules.
pub(super) fn common_fields(table: &'static Table, peer: Option<&Peer<'_>>) -> Vec<CommonField> {
    let demands = |field: &'static Field| {
        let rules = table.lineage().into_iter().flat_map(|table| table.common_rules);
        let rules = rules.filter(|rule| rule.key == field.key);
        let (demands, of_other_versions) = rules.partition(|rule| peer.demands(&rule.versions));
        CommonField { field, demands, of_other_versions }
    };
    table.common_fields().iter().map(demands).collect()
}

/// The default of a field, without secrets: of a secret only the empty string, which reveals nothing. `hidden` states whether
/// the field is inside a secret.
pub(super) fn shown_default(field: &Field, hidden: bool) -> Option<&Literal> {
    default_of(field).filter(|default| !(field.secret || hidden) || default.as_text() == Some(""))
}

/// The literal default of a field.
pub(super) fn default_of(field: &Field) -> Option<&Literal> {
    match &field.presence {
        crate::table::Presence::Default(literal) => Some(literal),
        _ => None,
    }
}
