//! The facts of each key in words, which help, Markdown and editor hovers lay out, so that they cannot differ.

use l2_adapter_rules::{BothNames, ConditionEffect, Literal, Rule, describe_all, one_of};

use super::{
    example::shown_examples,
    lineage::{CommonField, common_fields, forbidden, shown_default},
    words::{in_versions, limits, sentence, type_name, version_note},
};
use crate::{
    foreign::ForeignNames,
    kind::{Kind, UnionTable},
    literal::LiteralValue,
    peer::{InVersion as _, Peer},
    read::describe_condition,
    spec::NestedSpec,
    table::{Alias, CommonKeyDemand, CommonKeyRule, Field, ForbiddenKey, Presence, Rest, Table},
};

/// The name of all undeclared keys together.
pub(super) const REST: &str = "...";

/// A key as a page describes it, or all undeclared keys.
pub(super) struct Entry {
    /// Its own name, then its other ones.
    pub(super) names: Vec<&'static str>,
    /// The shape of its value.
    pub(super) kind: Kind,
    /// Whether nothing inside its value may be shown.
    pub(super) hidden: bool,
    /// The union whose variant it chooses.
    pub(super) chooses: Option<&'static UnionTable>,
    /// The JSON type; empty where no value is allowed.
    pub(super) type_name: String,
    /// The meaning of its absence.
    pub(super) presence: String,
    /// The values accepted, beyond the type; may be empty.
    pub(super) limits: String,
    pub(super) unit: Option<&'static str>,
    pub(super) secret: bool,
    pub(super) doc: &'static str,
    /// More facts, one sentence each.
    pub(super) notes: Vec<String>,
    pub(super) also_known_as: &'static [ForeignNames],
}

/// The keys of a table: those it declares, all others, those it refuses. `hidden` states whether they are inside a secret.
pub(super) fn entries(table: &'static Table, peer: Option<&Peer<'_>>, hidden: bool) -> Vec<Entry> {
    let fields = table.all_fields().filter(|field| peer.has(&field.versions)).map(|field| Entry::of(field, hidden));
    let refused = forbidden(table).into_iter().map(Entry::of_forbidden);
    fields.chain(table.rest().map(|rest| Entry::of_rest(rest, hidden))).chain(refused).collect()
}

/// The keys of every adapter, as far as a table has them: `type`, and the common keys with the type's rules on them.
pub(super) fn common_entries(table: &'static Table, peer: Option<&Peer<'_>>) -> Vec<Entry> {
    let common = common_fields(table, peer).into_iter().filter(|common| peer.has(&common.field.versions));
    let common = common.map(|common| Entry::of_common(&common));
    table.adapter.map(|name| Entry::of_type(Some(name))).into_iter().chain(common).collect()
}

impl Entry {
    fn new(key: &'static str, kind: Kind, type_name: String, presence: &str) -> Self {
        Entry {
            names: vec![key],
            kind,
            hidden: false,
            chooses: None,
            type_name,
            presence: presence.to_owned(),
            limits: String::new(),
            unit: None,
            secret: false,
            doc: "",
            notes: Vec::new(),
            also_known_as: &[],
        }
    }

    /// A declared key.
    pub(super) fn of(field: &'static Field, hidden: bool) -> Self {
        Entry {
            names: field.names().collect(),
            hidden: hidden || field.secret,
            limits: limits(field.kind, field.rules),
            unit: field.unit.map(|unit| unit.name()),
            secret: field.secret,
            doc: field.doc,
            notes: notes(field, hidden),
            also_known_as: field.also_known_as,
            ..Self::new(field.key, field.kind, type_name(field.kind), &presence(field, hidden))
        }
    }

    /// All undeclared keys.
    fn of_rest(rest: &'static Rest, hidden: bool) -> Self {
        let known: Vec<_> = rest.known.iter().map(|known| format!("`{}`", known.key)).collect();
        Entry {
            hidden: hidden || rest.secret,
            limits: limits(Kind::Map(&rest.kind), rest.rules),
            secret: rest.secret,
            doc: rest.doc,
            notes: (!known.is_empty()).then(|| format!("Known are {}.", known.join(", "))).into_iter().collect(),
            ..Self::new(REST, rest.kind, type_name(rest.kind), "optional")
        }
    }

    /// A key that is refused with a reason.
    fn of_forbidden(key: &'static ForbiddenKey) -> Self {
        Entry { notes: vec![sentence(key.reason)], ..Self::new(key.key, Kind::Anything, String::new(), "not allowed") }
    }

    /// The key `type`, of the type of this name if one is described.
    pub(super) fn of_type(name: Option<&str>) -> Self {
        Entry {
            limits: name.map(|name| format!("\"{name}\"")).unwrap_or_default(),
            doc: "Chooses this adapter type. It may be omitted only where the type is already known.",
            ..Self::new("type", Kind::String, "string".to_owned(), "required")
        }
    }

    /// The tag of a union; `hidden` states whether the union is inside a secret.
    pub(super) fn of_tag(union: &'static UnionTable, hidden: bool) -> Self {
        Entry {
            hidden,
            chooses: Some(union),
            doc: "Chooses the other keys:",
            ..Self::new(union.tag, Kind::String, "string".to_owned(), "required")
        }
    }

    /// A common key under the type's rules.
    pub(super) fn of_common(common: &CommonField) -> Self {
        let (entry, demands) = (Self::of(common.field, false), demand_notes(common));
        if common.forbidden() {
            let refused = Self::new(common.field.key, Kind::Anything, String::new(), "not allowed here");
            return Entry { names: entry.names, notes: demands, ..refused };
        }
        let presence = if common.required() { "required".to_owned() } else { entry.presence };
        Entry { presence, notes: [demands, entry.notes].concat(), ..entry }
    }

    /// The text in brackets after a key's name: type and presence, limits, unit, secrecy. Limits have commas, so they are
    /// separated by semicolons.
    pub(super) fn headline(&self) -> String {
        let mut parts = vec![match self.names[0] {
            REST => format!("any other key, {}", self.type_name),
            _ if self.type_name.is_empty() => self.presence.clone(),
            _ => format!("{}, {}", self.type_name, self.presence),
        }];
        parts.extend(Some(&self.limits).filter(|limits| !limits.is_empty()).cloned());
        parts.extend(self.unit.map(|unit| format!("in {unit}")));
        parts.extend(self.secret.then(|| "secret".to_owned()));
        parts.join("; ")
    }
}

/// The meaning of an absent key: "required", "optional", "optional, default 8". `hidden` states whether the key is inside a
/// secret.
fn presence(field: &Field, hidden: bool) -> String {
    match (&field.presence, field.environment) {
        (Presence::Required, None) => "required".to_owned(),
        (Presence::Required, Some(variable)) => format!("required unless {variable} is set"),
        (Presence::Optional, _) => "optional".to_owned(),
        (Presence::Default(_), _) => match shown_default(field, hidden) {
            Some(Literal::Object([])) if matches!(field.kind.unwrap_optional(), Kind::Section(_)) => {
                "optional, defaults of its own keys".to_owned()
            }
            Some(literal) => format!("optional, default {}", literal.to_value()),
            None => "optional".to_owned(),
        },
        (Presence::DefaultFrom(key), _) => format!("optional, default as `{key}`"),
        (Presence::Computed(words), _) => format!("optional, default {words}"),
    }
}

fn notes(field: &'static Field, hidden: bool) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(version_note(&field.versions));
    notes.extend(field.deprecated.map(|reason| sentence(&format!("Deprecated: {reason}"))));
    for condition in field.conditions {
        let described = describe_condition(condition);
        notes.push(match condition.effect {
            ConditionEffect::RequiredIf => format!("Required when {described}."),
            ConditionEffect::ForbiddenUnless => format!("Not allowed unless {described}."),
        });
    }
    notes.extend(
        field.environment.map(|variable| format!("Taken from the environment variable {variable} when absent.")),
    );
    notes.extend(field.aliases.iter().map(|alias| alias_note(field.key, alias)));
    if let Kind::Choice(choices) = field.kind.innermost()
        && choices.ignore_case
    {
        notes.push("Upper and lower case are the same.".to_owned());
    }
    notes.extend(field.nested_spec.map(nested_spec_note));
    let examples = shown_examples(field, hidden);
    if !examples.is_empty() {
        let examples: Vec<_> = examples.iter().map(|example| format!("`{}`", example.to_line())).collect();
        notes.push(format!("For example {}.", examples.join(", ")));
    }
    notes
}

fn nested_spec_note(nested: &NestedSpec) -> String {
    let is = |(key, values): &(&str, &[&str])| {
        format!("`{key}` is {}", one_of(values.iter().map(|value| format!("\"{value}\""))))
    };
    let when: Vec<_> = nested.when.iter().map(is).collect();
    format!("Where {}, a `{}` spec.", when.join(" and "), (nested.entry.table)().adapter.unwrap_or_default())
}

/// A type's rules on a common key, one sentence each.
fn demand_notes(common: &CommonField) -> Vec<String> {
    let note = |rule: &&'static CommonKeyRule| match rule.demand {
        CommonKeyDemand::Forbidden if !rule.versions.are_all() => {
            in_versions(&sentence(&format!("Not allowed here: {}", rule.reason)), &rule.versions)
        }
        CommonKeyDemand::Forbidden => sentence(rule.reason),
        CommonKeyDemand::Allowed(values) => {
            let values = describe_all(&[Rule::Allowed(values)]);
            in_versions(&sentence(&format!("Must be {values} here: {}", rule.reason)), &rule.versions)
        }
    };
    common.demands.iter().chain(&common.of_other_versions).map(note).collect()
}

fn alias_note(key: &str, alias: &Alias) -> String {
    let what = if alias.legacy { "is an old name that still works, with a warning" } else { "is another name" };
    let both = match alias.both {
        BothNames::Refused => "give only one of them".to_owned(),
        BothNames::KeyWins => format!("`{key}` wins if both are given"),
        BothNames::AliasWins => "it wins if both are given".to_owned(),
    };
    format!("`{}` {what}; {both}.", alias.key)
}
