//! Help for a terminal of 80 columns.

mod key;

pub use key::help_of_key;

use super::{
    entry::{Entry, common_entries, entries},
    example::{Extent, example_text},
    lineage::{CrossRules, Shape, cross_rules},
    words,
};
use crate::{
    kind::{Kind, UnionTable},
    peer::Peer,
    table::{CrossRule, Table},
};

/// The width that no line exceeds, unless one word is longer.
const COLUMNS: usize = 80;
/// The indentation of docs below their key, and of nested keys.
const STEP: usize = 4;

/// The help text of a config type: every key with its type, presence, limits, docs and notes, nested keys beneath it, then
/// the common keys, the rules over several fields and a minimal example. No line is wider than 80 columns unless a single
/// word is.
///
/// With a peer it is what the peer has in its version; without one, keys, values and rules of all versions are listed, with
/// notes.
///
/// ```
/// use l2_adapter_schema::{Field, Kind, Literal, Presence, Rule, Source, Table, help};
///
/// static TABLE: Table = Table {
///     fields: &[Field {
///         rules: &[Rule::Max(Literal::Integer(9))],
///         ..Field::new("attempts", "How often to try.", Kind::Integer { min: 0, max: 255 }, Presence::Required)
///     }],
///     ..Table::new("Retry", "How requests are repeated.", Source { file: file!(), line: line!() })
/// };
/// assert!(help(&TABLE, None).contains("attempts (integer, required; 0 to 9)\n        How often to try.\n"));
/// ```
pub fn help(table: &'static Table, peer: Option<&Peer<'_>>) -> String {
    let mut page = Page::new(peer);
    page.heading(table);
    page.section("Keys");
    page.keys(table, false, STEP);
    let common = common_entries(table, peer);
    if !common.is_empty() {
        page.section("Keys of every adapter");
        common.iter().for_each(|entry| page.entry(entry, STEP));
    }
    for CrossRules { title, rules, .. } in cross_rules(table, peer) {
        page.section(title);
        page.each_rule(&rules, STEP);
    }
    page.section("Example");
    for line in example_text(table, Extent::Minimal, peer).lines() {
        page.line(line, STEP);
    }
    page.text
}

/// The help text while it is written.
struct Page<'a> {
    text: String,
    peer: Option<&'a Peer<'a>>,
    /// The tables and unions that contain the current key: a recursive one is only named the second time.
    open: Vec<Shape>,
}

impl<'a> Page<'a> {
    const fn new(peer: Option<&'a Peer<'a>>) -> Self {
        Page { text: String::new(), peer, open: Vec::new() }
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
        self.text.push_str(&format!("\n{title}:\n"));
    }

    /// The keys of a table, those it extends first.
    fn keys(&mut self, table: &'static Table, hidden: bool, indent: usize) {
        let entries = entries(table, self.peer, hidden);
        if entries.is_empty() {
            self.wrapped("None.", indent, 0);
        }
        self.open.push(Shape::Table(table));
        entries.iter().for_each(|entry| self.entry(entry, indent));
        self.open.pop();
    }

    fn entry(&mut self, entry: &Entry, indent: usize) {
        self.headline(entry.names[0], entry, indent);
        self.body(entry, indent + STEP);
    }

    fn headline(&mut self, key: &str, entry: &Entry, indent: usize) {
        self.wrapped(&format!("{key} ({})", entry.headline()), indent, STEP + 2);
    }

    /// What there is to say of a key, and the names or keys that its value may have in it.
    fn body(&mut self, entry: &Entry, indent: usize) {
        for paragraph in words::paragraphs(entry.doc) {
            self.paragraph(&paragraph, indent);
        }
        for note in &entry.notes {
            self.wrapped(note, indent, 0);
        }
        if let Kind::Choice(choices) = entry.kind.innermost() {
            self.wrapped("One of:", indent, 0);
            for choice in choices.variants_in(self.peer) {
                let doc = words::in_versions(choice.doc, &choice.versions);
                self.wrapped(&format!("\"{}\": {doc}", choice.name), indent + 2, STEP);
            }
        }
        if let Some(union) = entry.chooses {
            self.variants(union, entry.hidden, indent);
        }
        if let Some(shape) = Shape::of(entry.kind) {
            self.nested(shape, entry.hidden, indent);
        }
    }

    fn nested(&mut self, shape: Shape, hidden: bool, indent: usize) {
        if self.open.iter().any(|open| open.is(shape)) {
            return self.wrapped(&format!("Its keys are those of {} above.", shape.named().0), indent, 0);
        }
        match shape {
            Shape::Table(table) => {
                self.wrapped("Its keys:", indent, 0);
                self.keys(table, hidden, indent + STEP);
                for CrossRules { title, rules, .. } in cross_rules(table, self.peer) {
                    self.titled_rules(title, &rules, indent);
                }
            }
            Shape::Union(union) => {
                self.open.push(shape);
                self.entry(&Entry::of_tag(union, hidden), indent);
                self.open.pop();
            }
        }
    }

    fn variants(&mut self, union: &'static UnionTable, hidden: bool, indent: usize) {
        for variant in union.variants_in(self.peer) {
            let doc = words::in_versions(variant.doc, &variant.versions);
            self.wrapped(&format!("\"{}\": {doc}", variant.name), indent, STEP);
            if let Some(table) = variant.table() {
                self.nested(Shape::Table(table), hidden, indent + STEP);
            }
        }
    }

    fn titled_rules(&mut self, title: &str, rules: &[&CrossRule], indent: usize) {
        self.wrapped(&format!("{title}:"), indent, 0);
        self.each_rule(rules, indent + STEP);
    }

    fn each_rule(&mut self, rules: &[&CrossRule], indent: usize) {
        for rule in rules {
            let doc = words::in_versions(rule.doc, &rule.versions);
            self.wrapped(&format!("{}: {doc}", rule.name), indent, STEP);
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
        self.text.push_str(&format!("{:indent$}{line}\n", ""));
    }

    /// Text wrapped between words; lines after the first are indented by `hanging` more columns.
    fn wrapped(&mut self, text: &str, indent: usize, hanging: usize) {
        // Deep nesting still leaves room for words.
        let mut margin = indent.min(COLUMNS / 2);
        let hanging = margin + hanging;
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && margin + width(&line) + 1 + width(word) > COLUMNS {
                self.line(&line, margin);
                line.clear();
                margin = hanging;
            }
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
        if !line.is_empty() {
            self.line(&line, margin);
        }
    }
}

/// The columns of a text, one for each character: exact for the scripts that Rust docs are written in, and wide characters only
/// make a line longer.
fn width(text: &str) -> usize {
    text.chars().count()
}
