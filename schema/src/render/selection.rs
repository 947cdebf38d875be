//! Which keys of a type a help text shows.

use l2_adapter_rules::closest;

use super::lineage::{self, CrossRules};
use crate::{
    kind::Kind,
    path::{push_escaped, unescaped},
    peer::Peer,
    table::{CrossRule, Table},
};

/// The name of all undeclared keys together.
pub(super) const REST: &str = "...";

/// The keys that a page shows.
pub(super) enum Selection<'a> {
    All,
    Named(Wanted<'a>),
}

/// A name, or a path as faults print it.
pub(super) struct Wanted<'a> {
    text: &'a str,
    names: Vec<String>,
    /// Whether no declared key has the name, so that an undeclared one may be meant.
    takes_undeclared: bool,
}

/// A key on the way to the current one.
pub(super) struct Step {
    /// Its own name, then its other ones.
    pub(super) names: Vec<&'static str>,
    /// The shape of its value.
    pub(super) kind: Kind,
    /// The table that declares it. None declares the tag of a union.
    pub(super) table: Option<&'static Table>,
    /// Whether this page does not go on to the keys in its value: they are those of a table that contains it.
    pub(super) is_last: bool,
}

impl<'a> Wanted<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let names = text.split('/').filter(|name| !name.is_empty()).map(unescaped).collect();
        Self { text, names, takes_undeclared: false }
    }

    /// The same if no declared key has the name.
    pub(super) fn undeclared(self) -> Self {
        Self { takes_undeclared: true, ..self }
    }

    /// Whether the last of these keys is meant, or a part of its value that no key describes.
    pub(super) fn names(&self, steps: &[Step]) -> bool {
        let whole = self.text.starts_with('/');
        let ends = if whole { 0..1 } else { 0..steps.len() };
        // A name may have a slash in it.
        steps.last().is_some_and(|step| step.names.contains(&self.text))
            || ends.into_iter().any(|start| self.fits(&steps[start..], &self.names, whole))
    }

    /// Whether the names lead through these keys, to the last one. Only inside an object are undeclared keys known as such.
    fn fits(&self, steps: &[Step], names: &[String], is_inside: bool) -> bool {
        let (Some((step, steps)), Some((name, names))) = (steps.split_first(), names.split_first()) else {
            return false;
        };
        let is_undeclared = self.takes_undeclared && is_inside && step.names[0] == REST;
        (is_undeclared || step.names.contains(&name.as_str()))
            && (self.fits_inside(step.kind, steps, names) || step.is_last && steps.is_empty())
    }

    fn fits_inside(&self, kind: Kind, steps: &[Step], names: &[String]) -> bool {
        if names.is_empty() {
            return steps.is_empty();
        }
        self.fits(steps, names, true)
            || match kind {
                Kind::List(item) => names[0].parse::<usize>().is_ok() && self.fits_inside(*item, steps, &names[1..]),
                Kind::Map(value) => self.fits_inside(*value, steps, &names[1..]),
                Kind::Optional(inner) => self.fits_inside(*inner, steps, names),
                Kind::AdapterSpec | Kind::FreeObject | Kind::Anything => steps.is_empty(),
                _ => false,
            }
    }

    /// The path of the key whose name is most like the last of these names, if there is one.
    pub(super) fn closest(&self, paths: &[String]) -> Option<String> {
        closest_to(self.names.last()?, paths)
    }

    /// The same for the last of these names that is like a key's.
    pub(super) fn closest_of_any(&self, paths: &[String]) -> Option<String> {
        self.names.iter().rev().find_map(|name| closest_to(name, paths))
    }
}

fn closest_to(name: &str, paths: &[String]) -> Option<String> {
    let last = |path: &str| path.rsplit('/').next().map(unescaped).unwrap_or_default();
    let names: Vec<String> = paths.iter().map(|path| last(path)).collect();
    let closest = closest(name, names.iter().map(String::as_str))?;
    paths.iter().find(|path| last(path) == closest).cloned()
}

/// The path of the last key, as faults print it, but without the slash before it.
pub(super) fn path_of(steps: &[Step]) -> String {
    let mut path = String::new();
    for (position, step) in steps.iter().enumerate() {
        path.push_str(if position == 0 { "" } else { "/" });
        push_escaped(&mut path, step.names[0]);
    }
    path
}

/// The rules that read the last key, by their titles: those of its own table, then those of tables around it which mention it.
pub(super) fn rules_of(steps: &[Step], peer: Option<&Peer<'_>>) -> Vec<(&'static str, Vec<&'static CrossRule>)> {
    let Some(key) = steps.last() else { return Vec::new() };
    let mut titled: Vec<(_, Vec<_>)> = Vec::new();
    for (step, table) in steps.iter().rev().filter_map(|step| Some((step, step.table?))) {
        let is_own = std::ptr::eq(step, key);
        for CrossRules { title, rules, .. } in lineage::cross_rules(table, peer) {
            let reading = rules.into_iter().filter(|rule| reads(rule, table, step, key, is_own));
            match titled.iter_mut().find(|(other, _)| *other == title) {
                Some((_, rules)) => rules.extend(reading),
                None => titled.push((title, reading.collect())),
            }
        }
    }
    titled.retain(|(_, rules)| !rules.is_empty());
    titled
}

/// Whether a rule of a table reads a key: it reads the key of the table that the other is in, and mentions the other if it is deeper.
fn reads(rule: &CrossRule, table: &'static Table, step: &Step, key: &Step, is_own: bool) -> bool {
    let rest = table.rest().map(|rest| rest.name);
    let name = rest.filter(|_| step.names[0] == REST).unwrap_or(step.names[0]);
    let is_declared = |name: &str| rest == Some(name) || table.all_fields().any(|field| field.key == name);
    // A rule of the type reads the common keys as one field.
    let reads_common = !is_declared(name) && rule.reads.iter().any(|read| !is_declared(read));
    let inside = key.kind.tables().into_iter().flat_map(Table::all_fields).map(|field| field.key);
    let mut mentioned = key.names.iter().copied().chain(inside);
    let reads = rule.reads.contains(&name);
    reads && is_own || (reads || reads_common) && mentioned.any(|name| rule.doc.contains(&format!("`{name}`")))
}
