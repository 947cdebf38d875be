//! Help for one key: the same text, without what is outside the key.

use super::{Page, STEP};
use crate::{
    kind::Kind,
    peer::Peer,
    render::selection::{Selection, Step, Wanted, rules_of},
    table::Table,
};

/// The help text of the keys with one name, at any depth, each with its path and the rules over several fields that read it.
///
/// `key` is a name (`lease_seconds`), the end of a path (`timing/lease_seconds`) or a whole path that begins with `/`, as faults
/// print it. A path may go on inside a value whose parts have no keys: then the key of that value is meant. The error is the path of
/// the closest key, if there is one: no key has this name in the peer's version.
pub fn help_of_key(table: &'static Table, key: &str, peer: Option<&Peer<'_>>) -> Result<String, Option<String>> {
    let page = Page::of_key(table, peer, Wanted::of(key));
    if !page.text.is_empty() {
        return Ok(page.text);
    }
    let wanted = Wanted::of(key);
    if let Some(closest) = wanted.closest(&page.paths) {
        return Err(Some(closest));
    }
    let undeclared = Page::of_key(table, peer, Wanted::of(key).undeclared());
    if undeclared.text.is_empty() { Err(wanted.closest_of_any(&page.paths)) } else { Ok(undeclared.text) }
}

impl<'a> Page<'a> {
    /// The page of the keys that are wanted.
    fn of_key(table: &'static Table, peer: Option<&'a Peer<'a>>, wanted: Wanted<'a>) -> Self {
        let mut page = Self::new(peer, Selection::Named(wanted));
        // The common keys are in this table, too.
        page.open_tables.push(table);
        page.keys(table, 0);
        page.forbidden(table, 0);
        page.common(table);
        page
    }

    /// A key of the current table.
    pub(super) fn step(&self, names: Vec<&'static str>, kind: Kind) -> Step {
        let is_last = match kind.innermost() {
            Kind::Section(table) => self.is_open_table(table()),
            Kind::Union(union) => self.is_open_union(union()),
            _ => false,
        };
        Step { names, kind, table: self.open_tables.last().copied(), is_last }
    }

    /// The key that the selection names, with its body.
    pub(super) fn selected(&mut self, path: &str, facts: &str, body: impl FnOnce(&mut Self, usize)) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.shown = true;
        self.headline(path, facts, 0);
        for (tag, name) in self.variants.clone() {
            self.wrapped(&format!("Where `{tag}` is \"{name}\"."), STEP, 0);
        }
        // None of the tables that contain the key is on this page.
        let open = (std::mem::take(&mut self.open_tables), std::mem::take(&mut self.open_unions));
        body(self, STEP);
        (self.open_tables, self.open_unions) = open;
        for (title, rules) in rules_of(&self.steps, self.peer) {
            self.wrapped(&format!("{title}:"), STEP, 0);
            self.each_rule(&rules, STEP + STEP);
        }
        self.shown = false;
    }
}
