//! Help for a terminal of 80 columns.

mod key;

pub use key::help_of_key;

use super::{
    example::{Extent, example_text_for},
    lineage::{self, CrossRules, same_table, same_union},
    selection::{REST, Selection, Step, path_of},
    words,
};
use crate::{
    kind::{ChoiceTable, Kind, UnionTable},
    peer::{InVersion as _, Peer},
    table::{CrossRule, Field, Table},
};

/// The width that no line exceeds, unless one word is longer.
const COLUMNS: usize = 80;
/// The indentation of docs below their key, and of nested keys.
const STEP: usize = 4;

/// The help text of a config type: every key with its type, presence, limits, docs and notes, nested keys beneath it, then
/// the common keys, the rules over several fields and a minimal example. No line is wider than 80 columns unless a single
/// word is.
///
/// ```
/// use l2_adapter_schema::{Bound, Field, Kind, Presence, Rule, Source, Table, help};
///
/// static TABLE: Table = Table {
///     fields: &[Field {
///         rules: &[Rule::Max(Bound::Integer(9))],
///         ..Field::new("attempts", "How often to try.", Kind::Integer { min: 0, max: 255 }, Presence::Required)
///     }],
///     ..Table::new("Retry", "How requests are repeated.", Source { file: file!(), line: line!() })
/// };
/// assert!(help(&TABLE).contains("attempts (integer, required; 0 to 9)\n        How often to try.\n"));
/// ```
pub fn help(table: &'static Table) -> String {
    help_for(table, None)
}

/// The help text of what a peer has in its version. Without a peer, keys, values and rules of all versions are listed, with notes.
pub fn help_for(table: &'static Table, peer: Option<&Peer<'_>>) -> String {
    let mut page = Page::new(peer, Selection::All);
    page.heading(table);
    page.section("Keys");
    page.keys(table, STEP);
    page.forbidden(table, STEP);
    page.common(table);
    page.rules(table);
    page.example(table);
    page.text
}

/// The help text while it is written.
struct Page<'a> {
    text: String,
    peer: Option<&'a Peer<'a>>,
    selection: Selection<'a>,
    /// Whether the current part is inside the selection: everything else is left out.
    shown: bool,
    /// The current key after those that contain it.
    steps: Vec<Step>,
    /// The variants that contain the current key, each by its tag's path and its name.
    variants: Vec<(String, &'static str)>,
    /// The paths of all keys so far.
    paths: Vec<String>,
    /// The tables and unions that contain the current key: a recursive one is only named the second time.
    open_tables: Vec<&'static Table>,
    open_unions: Vec<&'static UnionTable>,
    /// Whether the key being written is inside a secret.
    hidden: bool,
}

impl<'a> Page<'a> {
    fn new(peer: Option<&'a Peer<'a>>, selection: Selection<'a>) -> Self {
        Page {
            text: String::new(),
            peer,
            shown: matches!(selection, Selection::All),
            selection,
            steps: Vec::new(),
            variants: Vec::new(),
            paths: Vec::new(),
            open_tables: Vec::new(),
            open_unions: Vec::new(),
            hidden: false,
        }
    }

    fn heading(&mut self, table: &'static Table) {
        let name = table.adapter.unwrap_or(table.name);
        let paragraphs = words::paragraphs(table.doc);
        let (summary, docs) = paragraphs.split_first().map_or(("", [].as_slice()), |(first, rest)| (first, rest));
        self.wrapped(&format!("{name}: {summary}"), 0, STEP);
        for paragraph in docs {
            self.text.push('\n');
            self.paragraph(paragraph, 0);
        }
    }

    fn section(&mut self, title: &str) {
        if self.shown {
            self.text.push_str(&format!("\n{title}:\n"));
        }
    }

    /// The keys of a table, those it extends first.
    fn keys(&mut self, table: &'static Table, indent: usize) {
        self.open_tables.push(table);
        let mut none = true;
        let peer = self.peer;
        for field in table.all_fields().filter(|field| peer.has(&field.versions)) {
            self.key(field, words::presence(field, self.hidden), &[], indent);
            none = false;
        }
        if let Some(rest) = table.rest() {
            none = false;
            let limits = words::limits(Kind::Map(&rest.kind), rest.rules);
            let mut facts = vec![format!("any other key, {}", words::type_name(rest.kind))];
            facts.extend((!limits.is_empty()).then_some(limits));
            facts.extend(rest.secret.then(|| "secret".to_owned()));
            let names: Vec<_> = [REST].into_iter().chain(rest.known.iter().map(|known| known.key)).collect();
            let step = self.step(names, rest.kind);
            self.entry(step, &facts.join("; "), indent, |page, inside| {
                page.doc(rest.doc, inside);
                if let Some(known) = words::known_keys(rest) {
                    page.wrapped(&known, inside, 0);
                }
                page.nested(rest.kind, rest.secret, inside);
            });
        }
        if none {
            self.wrapped("None.", indent, 0);
        }
        self.open_tables.pop();
    }

    fn key(&mut self, field: &'static Field, presence: String, more: &[String], indent: usize) {
        let step = self.step(names(field), field.kind);
        self.entry(step, &words::headline(field, presence), indent, |page, inside| {
            page.doc(field.doc, inside);
            for note in more.iter().chain(&words::notes(field, page.hidden)) {
                page.wrapped(note, inside, 0);
            }
            page.nested(field.kind, field.secret, inside);
        });
    }

    /// A key and its body. One that the selection names is not indented, and has its path and its rules.
    fn entry(&mut self, step: Step, facts: &str, indent: usize, body: impl FnOnce(&mut Self, usize)) {
        let key = step.names[0];
        self.steps.push(step);
        let path = path_of(&self.steps);
        if !self.shown && matches!(&self.selection, Selection::Named(wanted) if wanted.names(&self.steps)) {
            self.selected(&path, facts, body);
        } else {
            self.headline(key, facts, indent);
            body(self, indent + STEP);
        }
        self.paths.push(path);
        self.steps.pop();
    }

    fn headline(&mut self, key: &str, facts: &str, indent: usize) {
        self.wrapped(&format!("{key} ({facts})"), indent, STEP + 2);
    }

    fn doc(&mut self, doc: &str, indent: usize) {
        for paragraph in words::paragraphs(doc) {
            self.paragraph(&paragraph, indent);
        }
    }

    /// The names or keys that a value may have in it.
    fn nested(&mut self, kind: Kind, secret: bool, indent: usize) {
        let outer = self.hidden;
        self.hidden |= secret;
        match kind.innermost() {
            Kind::Choice(choices) => self.choices(choices, indent),
            Kind::Section(table) => self.table(table(), indent),
            Kind::Union(union) => self.union(union(), indent),
            _ => {}
        }
        self.hidden = outer;
    }

    fn choices(&mut self, choices: &'static ChoiceTable, indent: usize) {
        self.wrapped("One of:", indent, 0);
        let peer = self.peer;
        for choice in choices.variants.iter().filter(|choice| peer.has(&choice.versions)) {
            let doc = words::in_versions(choice.doc, &choice.versions);
            self.wrapped(&format!("\"{}\": {doc}", choice.name), indent + 2, STEP);
        }
    }

    fn is_open_table(&self, table: &Table) -> bool {
        self.open_tables.iter().any(|open| same_table(open, table))
    }

    fn is_open_union(&self, union: &UnionTable) -> bool {
        self.open_unions.iter().any(|open| same_union(open, union))
    }

    fn table(&mut self, table: &'static Table, indent: usize) {
        if self.is_open_table(table) {
            self.wrapped(&format!("Its keys are those of {} above.", table.name), indent, 0);
            return;
        }
        self.wrapped("Its keys:", indent, 0);
        self.keys(table, indent + STEP);
        self.forbidden(table, indent + STEP);
        self.nested_rules(table, indent);
    }

    fn union(&mut self, union: &'static UnionTable, indent: usize) {
        if self.is_open_union(union) {
            self.wrapped(&format!("Its keys are those of {} above.", union.name), indent, 0);
            return;
        }
        self.open_unions.push(union);
        let tag = Step { names: vec![union.tag], kind: Kind::String, table: None, is_last: false };
        self.entry(tag, "string, required", indent, |page, inside| {
            page.wrapped("Chooses the other keys:", inside, 0);
            let path = path_of(&page.steps);
            // The keys of a variant are next to the tag, not inside it.
            let tag = page.steps.pop();
            page.variants(union, &path, inside);
            page.steps.extend(tag);
        });
        self.open_unions.pop();
    }

    fn variants(&mut self, union: &'static UnionTable, tag: &str, indent: usize) {
        let peer = self.peer;
        for variant in union.variants.iter().filter(|variant| peer.has(&variant.versions)) {
            let doc = words::in_versions(variant.doc, &variant.versions);
            self.wrapped(&format!("\"{}\": {doc}", variant.name), indent, STEP);
            if let Some(table) = variant.table {
                self.variants.push((tag.to_owned(), variant.name));
                self.table(table(), indent + STEP);
                self.variants.pop();
            }
        }
    }

    fn forbidden(&mut self, table: &'static Table, indent: usize) {
        for forbidden in lineage::forbidden(table) {
            let step = self.step(vec![forbidden.key], Kind::Anything);
            self.entry(step, "not allowed", indent, |page, inside| {
                page.wrapped(&words::sentence(forbidden.reason), inside, 0);
            });
        }
    }

    fn common(&mut self, table: &'static Table) {
        let fields = lineage::common_fields(table, self.peer);
        if fields.is_empty() && table.adapter.is_none() {
            return;
        }
        self.section("Keys of every adapter");
        if let Some(name) = table.adapter {
            let step = self.step(vec!["type"], Kind::String);
            self.entry(step, &format!("string, required; \"{name}\""), STEP, |page, inside| {
                page.wrapped(words::TYPE_KEY, inside, 0);
            });
        }
        let peer = self.peer;
        for common in fields.iter().filter(|common| peer.has(&common.field.versions)) {
            let notes = words::demand_notes(common);
            if common.forbidden() {
                let step = self.step(names(common.field), common.field.kind);
                self.entry(step, &words::common_presence(common), STEP, |page, inside| {
                    for note in notes {
                        page.wrapped(&note, inside, 0);
                    }
                });
            } else {
                self.key(common.field, words::common_presence(common), &notes, STEP);
            }
        }
    }

    fn rules(&mut self, table: &'static Table) {
        for CrossRules { title, rules, .. } in lineage::cross_rules(table, self.peer) {
            self.section(title);
            self.each_rule(&rules, STEP);
        }
    }

    fn nested_rules(&mut self, table: &'static Table, indent: usize) {
        for CrossRules { title, rules, .. } in lineage::cross_rules(table, self.peer) {
            self.wrapped(&format!("{title}:"), indent, 0);
            self.each_rule(&rules, indent + STEP);
        }
    }

    fn each_rule(&mut self, rules: &[&CrossRule], indent: usize) {
        for rule in rules {
            let doc = words::in_versions(rule.doc, &rule.versions);
            self.wrapped(&format!("{}: {doc}", rule.name), indent, STEP);
        }
    }

    fn example(&mut self, table: &'static Table) {
        self.section("Example");
        for line in example_text_for(table, Extent::Minimal, self.peer).lines() {
            self.line(line, STEP);
        }
    }

    /// A paragraph of docs; one that keeps its lines is printed unchanged if it fits.
    fn paragraph(&mut self, paragraph: &str, indent: usize) {
        for line in paragraph.lines() {
            if width(line) + indent <= COLUMNS && paragraph.contains('\n') {
                self.line(line, indent);
            } else {
                self.wrapped(line, indent, 0);
            }
        }
    }

    fn line(&mut self, line: &str, indent: usize) {
        if !self.shown {
            return;
        }
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Text wrapped between words; lines after the first are indented by `hanging` more columns.
    fn wrapped(&mut self, text: &str, indent: usize, hanging: usize) {
        // Deep nesting still leaves room for words.
        let indent = indent.min(COLUMNS / 2);
        let mut line = String::new();
        let mut first = true;
        for word in text.split_whitespace() {
            let margin = indent + if first { 0 } else { hanging };
            if !line.is_empty() && margin + width(&line) + 1 + width(word) > COLUMNS {
                self.line(&line, margin);
                line.clear();
                first = false;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.line(&line, indent + if first { 0 } else { hanging });
        }
    }
}

/// The names of a key, its own first.
fn names(field: &Field) -> Vec<&'static str> {
    [field.key].into_iter().chain(field.aliases.iter().map(|alias| alias.key)).collect()
}

/// The columns of a text, one for each character: exact for the scripts that Rust docs are written in, and wide characters only
/// make a line longer.
fn width(text: &str) -> usize {
    text.chars().count()
}
