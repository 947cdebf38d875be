//! Help for one key: the same text, without what is outside the key.

use l2_adapter_rules::closest;

use super::{Page, STEP};
use crate::{
    kind::Kind,
    path::{push_token, unescaped},
    peer::Peer,
    render::{
        entry::{Entry, REST, common_entries, entries},
        lineage::{CrossRules, Shape, cross_rules},
    },
    table::{CrossRule, Table},
};

/// The help text of the keys with one name, at any depth, each with its path and the rules over several fields that read it.
///
/// `key` is a name (`lease_seconds`), the end of a path (`timing/lease_seconds`) or a whole path that begins with `/`, as faults
/// print it. A path may go on inside a value whose parts have no keys: then the key of that value is meant. The error is the path of
/// the closest key, if there is one: no key has this name in the peer's version.
pub fn help_of_key(table: &'static Table, key: &str, peer: Option<&Peer<'_>>) -> Result<String, Option<String>> {
    let names: Vec<String> = key.split('/').filter(|name| !name.is_empty()).map(unescaped).collect();
    let declared = Search::run(Wanted { text: key, names: &names, takes_undeclared: false }, table, peer);
    if !declared.page.text.is_empty() {
        return Ok(declared.page.text);
    }
    if let Some(closest) = names.last().and_then(|name| closest_to(name, &declared.paths)) {
        return Err(Some(closest));
    }
    let undeclared = Search::run(Wanted { text: key, names: &names, takes_undeclared: true }, table, peer).page.text;
    if undeclared.is_empty() {
        return Err(names.iter().rev().find_map(|name| closest_to(name, &declared.paths)));
    }
    Ok(undeclared)
}

/// The path of the key whose name is most like another one.
fn closest_to(name: &str, paths: &[String]) -> Option<String> {
    let last = |path: &str| path.rsplit('/').next().map(unescaped).unwrap_or_default();
    let names: Vec<String> = paths.iter().map(|path| last(path)).collect();
    let closest = closest(name, names.iter().map(String::as_str))?;
    paths.iter().find(|path| last(path) == closest).cloned()
}

/// Looks through all keys of a type for those that are wanted.
struct Search<'a> {
    wanted: Wanted<'a>,
    page: Page<'a>,
    /// The current key after those that contain it.
    steps: Vec<Step>,
    /// The variants that contain the current key, each with its tag.
    variants: Vec<String>,
    /// The paths of all keys so far.
    paths: Vec<String>,
    /// The tables and unions that contain the current key: a recursive one is looked through once.
    open: Vec<Shape>,
}

/// A key on the way to the current one.
struct Step {
    entry: Entry,
    /// The table that declares it. None declares the tag of a union.
    table: Option<&'static Table>,
    /// Whether the search does not go on to the keys in its value: they are those of a table that contains it.
    is_last: bool,
}

impl<'a> Search<'a> {
    fn run(wanted: Wanted<'a>, table: &'static Table, peer: Option<&'a Peer<'a>>) -> Self {
        let page = Page::new(peer);
        let mut search =
            Search { wanted, page, steps: Vec::new(), variants: Vec::new(), paths: Vec::new(), open: Vec::new() };
        search.nested(Shape::Table(table), false);
        // Rules of the table read its common keys, too.
        search.open.push(Shape::Table(table));
        for entry in common_entries(table, peer) {
            search.entry(entry);
        }
        search
    }

    fn is_open(&self, shape: Shape) -> bool {
        self.open.iter().any(|open| open.is(shape))
    }

    fn nested(&mut self, shape: Shape, hidden: bool) {
        if self.is_open(shape) {
            return;
        }
        let peer = self.page.peer;
        self.open.push(shape);
        match shape {
            Shape::Table(table) => {
                for entry in entries(table, peer, hidden) {
                    self.entry(entry);
                }
            }
            Shape::Union(union) if self.entry(Entry::of_tag(union, hidden)) => {}
            Shape::Union(union) => {
                // The keys of a variant are next to the tag, not inside it.
                let tag = self.paths.last().cloned().unwrap_or_default();
                for (variant, table) in union.variants_in(peer).filter_map(|variant| Some((variant, variant.table()?)))
                {
                    self.variants.push(format!("Where `{tag}` is \"{}\".", variant.name));
                    self.nested(Shape::Table(table), hidden);
                    self.variants.pop();
                }
            }
        }
        self.open.pop();
    }

    /// Prints a key if it is wanted, and returns whether it is; looks through the keys in its value if not.
    fn entry(&mut self, entry: Entry) -> bool {
        let (shape, hidden) = (Shape::of(entry.kind), entry.hidden);
        let table =
            self.open.last().and_then(|shape| if let Shape::Table(table) = shape { Some(*table) } else { None });
        self.steps.push(Step { entry, table, is_last: shape.is_some_and(|shape| self.is_open(shape)) });
        let is_wanted = self.wanted.names(&self.steps);
        if is_wanted {
            self.print();
        } else if let Some(shape) = shape {
            self.nested(shape, hidden);
        }
        self.paths.push(path_of(&self.steps));
        self.steps.pop();
        is_wanted
    }

    /// The current key, with its path and its rules. None of the tables that contain it is on the page.
    fn print(&mut self) {
        let Some(Step { entry, .. }) = self.steps.last() else { return };
        if !self.page.text.is_empty() {
            self.page.text.push('\n');
        }
        self.page.headline(&path_of(&self.steps), entry, 0);
        for variant in &self.variants {
            self.page.wrapped(variant, STEP, 0);
        }
        self.page.body(entry, STEP);
        for (title, rules) in rules_of(&self.steps, self.page.peer) {
            self.page.titled_rules(title, &rules, STEP);
        }
    }
}

/// A name, or a path as faults print it.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    text: &'a str,
    names: &'a [String],
    /// Whether no declared key has the name, so that an undeclared one may be meant.
    takes_undeclared: bool,
}

impl Wanted<'_> {
    /// Whether the last of these keys is meant, or a part of its value that no key describes.
    fn names(&self, steps: &[Step]) -> bool {
        let whole = self.text.starts_with('/');
        let ends = if whole { 0..1 } else { 0..steps.len() };
        // A name may have a slash in it.
        steps.last().is_some_and(|step| step.entry.names.contains(&self.text))
            || ends.into_iter().any(|start| self.fits(&steps[start..], self.names, whole))
    }

    /// Whether the names lead through these keys, to the last one. Only inside an object are undeclared keys known as such.
    fn fits(&self, steps: &[Step], names: &[String], is_inside: bool) -> bool {
        let (Some((step, steps)), Some((name, names))) = (steps.split_first(), names.split_first()) else {
            return false;
        };
        let is_undeclared = self.takes_undeclared && is_inside && step.entry.names[0] == REST;
        (is_undeclared || step.entry.names.contains(&name.as_str()))
            && (self.fits_inside(step.entry.kind, steps, names) || step.is_last && steps.is_empty())
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
}

/// The path of the last key, as faults print it, but without the slash before it.
fn path_of(steps: &[Step]) -> String {
    let mut path = String::new();
    steps.iter().for_each(|step| push_token(&mut path, step.entry.names[0]));
    path.split_off(path.len().min(1))
}

/// The rules that read the last key, by their titles: those of its own table, then those of tables around it which mention it.
fn rules_of(steps: &[Step], peer: Option<&Peer<'_>>) -> Vec<(&'static str, Vec<&'static CrossRule>)> {
    let Some(key) = steps.last() else { return Vec::new() };
    let mut titled: Vec<(_, Vec<_>)> = Vec::new();
    for (step, table) in steps.iter().rev().filter_map(|step| Some((step, step.table?))) {
        let is_own = std::ptr::eq(step, key);
        for CrossRules { title, rules, .. } in cross_rules(table, peer) {
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
    let name = rest.filter(|_| step.entry.names[0] == REST).unwrap_or(step.entry.names[0]);
    let is_declared = |name: &str| rest == Some(name) || table.all_fields().any(|field| field.key == name);
    // A rule of the type reads the common keys as one field.
    let reads_common = !is_declared(name) && rule.reads.iter().any(|read| !is_declared(read));
    let inside = key.entry.kind.tables().into_iter().flat_map(Table::all_fields).map(|field| field.key);
    let mut mentioned = key.entry.names.iter().copied().chain(inside);
    let reads = rule.reads.contains(&name);
    reads && is_own || (reads || reads_common) && mentioned.any(|name| rule.doc.contains(&format!("`{name}`")))
}
