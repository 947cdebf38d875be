//! The Markdown reference.

use super::{
    entry::{Entry, REST, common_entries, entries},
    example::{Extent, example_text},
    lineage::{CrossRules, Shape, common_fields, cross_rules},
    words,
};
use crate::{
    kind::Kind,
    table::{CrossRule, Table},
};

/// The reference of one config type: its docs, a table of its keys and of those nested in it, the common keys, its rules, a
/// minimal and a full example. It begins with a heading of the first level.
pub fn markdown(table: &'static Table) -> String {
    let mut page = Page::new(1);
    page.config(table, |page| page.section(COMMON_KEYS, &common_entries(table, None), true));
    page.text
}

/// The reference of several types: a list of contents, each type under a heading of the second level, then the keys they share,
/// which are not repeated for each.
pub fn markdown_all(tables: &[&'static Table]) -> String {
    let mut text = "# L2 adapter types\n\n".to_owned();
    for table in tables {
        let name = name(table);
        text.push_str(&format!("- [`{name}`](#{name}): {}\n", table.summary()));
    }
    let common = tables.iter().find_map(|table| table.common_table());
    if common.is_some() {
        text.push_str(&format!("- [{COMMON_KEYS}](#{})\n", COMMON_KEYS.to_lowercase().replace(' ', "-")));
    }
    for table in tables {
        // Of the common keys, the type's rules on them.
        let demands = common_fields(table, None).into_iter().filter(|common| !common.demands.is_empty());
        let demands: Vec<_> = demands.map(|common| Entry::of_common(&common)).collect();
        let mut page = Page::new(2);
        page.config(table, |page| page.section(COMMON_KEYS, &demands, false));
        text.push_str(&format!("\n{}", page.text));
    }
    if let Some(common) = common {
        let entries: Vec<_> = [Entry::of_type(None)].into_iter().chain(entries(common, None, false)).collect();
        let mut page = Page::new(1);
        page.section(COMMON_KEYS, &entries, true);
        text.push_str(&format!("\n{}", page.text));
    }
    text
}

const COMMON_KEYS: &str = "Keys of every adapter";

fn name(table: &Table) -> &'static str {
    table.adapter.unwrap_or(table.name)
}

/// A part of the reference while it is written.
struct Page {
    text: String,
    level: usize,
    /// The nested tables and unions that already have a table of keys, so that recursion ends and nothing is repeated; each with
    /// whether it was inside a secret, where less is shown.
    described: Vec<(Shape, bool)>,
}

impl Page {
    const fn new(level: usize) -> Self {
        Page { text: String::new(), level, described: Vec::new() }
    }

    /// A type. `common` writes about its common keys.
    fn config(&mut self, table: &'static Table, common: impl FnOnce(&mut Self)) {
        self.heading(0, name(table));
        self.doc(table.doc);
        if let Some(names) = words::elsewhere(table.also_known_as) {
            self.text.push_str(&format!("\n{names}\n"));
        }
        self.heading(1, "Keys");
        self.table(table, name(table), false);
        common(self);
        for CrossRules { title, rules, .. } in cross_rules(table, None) {
            self.heading(1, title);
            self.rules(&rules);
        }
        for (title, extent) in [("Minimal example", Extent::Minimal), ("Full example", Extent::Full)] {
            self.heading(1, title);
            self.text.push_str(&format!("```json\n{}\n```\n", example_text(table, extent, None)));
        }
    }

    fn heading(&mut self, depth: usize, title: &str) {
        let blank = if self.text.is_empty() { "" } else { "\n" };
        self.text.push_str(&format!("{blank}{} {title}\n\n", "#".repeat(self.level + depth)));
    }

    fn doc(&mut self, doc: &str) {
        let paragraphs = words::paragraphs(doc);
        if !paragraphs.is_empty() {
            self.text.push_str(&format!("{}\n", paragraphs.join("\n\n")));
        }
    }

    /// Keys under a heading, if there are any.
    fn section(&mut self, title: &str, entries: &[Entry], nested: bool) {
        if !entries.is_empty() {
            self.heading(1, title);
            self.rows(entries);
            entries.iter().filter(|_| nested).for_each(|entry| self.nested(entry, entry.names[0].to_owned()));
        }
    }

    /// The keys of a table, then those nested in them.
    fn table(&mut self, table: &'static Table, path: &str, hidden: bool) {
        self.described.push((Shape::Table(table), hidden));
        let entries = entries(table, None, hidden);
        self.rows(&entries);
        for entry in &entries {
            let step = if entry.names[0] == REST { "*" } else { entry.names[0] };
            self.nested(entry, format!("{path}.{step}"));
        }
    }

    fn rows(&mut self, entries: &[Entry]) {
        if entries.is_empty() {
            self.text.push_str("None.\n");
            return;
        }
        self.text.push_str("| Key | Type | Presence | Description |\n| --- | --- | --- | --- |\n");
        for entry in entries {
            let key = if entry.names[0] == REST { "any other key".to_owned() } else { format!("`{}`", entry.names[0]) };
            let presence = cell(&words::markdown_escaped(&entry.presence));
            let words: Vec<_> = description(entry).iter().map(|words| cell(words)).collect();
            let row = format!("| {key} | {} | {presence} | {} |\n", cell(&entry.type_name), words.join("<br>"));
            self.text.push_str(&row);
        }
    }

    /// The keys inside a value, under their own heading.
    fn nested(&mut self, entry: &Entry, path: String) {
        if let Some(shape) = Shape::of(entry.kind) {
            self.shape(shape, &path, entry.hidden);
        }
    }

    fn shape(&mut self, shape: Shape, path: &str, hidden: bool) {
        if self.described.iter().any(|(described, less)| (!less || hidden) && described.is(shape)) {
            return;
        }
        let (name, doc) = shape.named();
        self.heading(2, &format!("{name} (`{path}`)"));
        self.doc(doc);
        self.text.push('\n');
        match shape {
            Shape::Table(table) => {
                self.table(table, path, hidden);
                for CrossRules { title, rules, .. } in cross_rules(table, None) {
                    self.text.push_str(&format!("\n{title}:\n\n"));
                    self.rules(&rules);
                }
            }
            Shape::Union(union) => {
                self.described.push((shape, hidden));
                self.text.push_str(&format!("`{}` (string, required) chooses the other keys:\n\n", union.tag));
                for variant in union.variants {
                    let doc = words::in_versions(variant.doc, &variant.versions);
                    self.text.push_str(&format!("- `\"{}\"`: {doc}\n", variant.name));
                }
                for (variant, table) in union.variants.iter().filter_map(|variant| Some((variant, variant.table()?))) {
                    let path = format!("{path}, {} = \"{}\"", union.tag, variant.name);
                    self.shape(Shape::Table(table), &path, hidden);
                }
            }
        }
    }

    fn rules(&mut self, rules: &[&CrossRule]) {
        for rule in rules {
            let doc = words::in_versions(rule.doc, &rule.versions);
            self.text.push_str(&format!("- `{}`: {doc}\n", rule.name));
        }
    }
}

fn description(entry: &Entry) -> Vec<String> {
    let mut said = words::paragraphs(entry.doc);
    if let Kind::Choice(choices) = entry.kind.innermost() {
        let name = |choice: &crate::Choice| {
            format!("- `\"{}\"`: {}", choice.name, words::in_versions(choice.doc, &choice.versions))
        };
        said.extend(choices.variants.iter().map(name));
    }
    if !entry.limits.is_empty() {
        said.push(format!("Accepted: {}.", words::markdown_escaped(&entry.limits)));
    }
    said.extend(entry.unit.map(|unit| format!("In {unit}.")));
    said.extend(entry.secret.then(|| "Secret: never shown.".to_owned()));
    said.extend(entry.notes.iter().cloned());
    said.extend(words::elsewhere(entry.also_known_as));
    said
}

/// The text as the content of a table's cell: a bar would end it, and so would a line break.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', "<br>")
}
