//! The Markdown reference.

use super::{
    example::{Extent, example_text},
    lineage::{self, CommonField, CrossRules, same_table, same_union},
    words,
};
use crate::{
    kind::{Kind, UnionTable},
    table::{CrossRule, Field, Table},
};

/// The reference of one config type: its docs, a table of its keys and of those nested in it, the common keys, its rules, a
/// minimal and a full example. It begins with a heading of the first level.
pub fn markdown(table: &'static Table) -> String {
    page(table, 1, Common::Here)
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
        text.push('\n');
        text.push_str(&page(table, 2, Common::Linked));
    }
    if let Some(common) = common {
        text.push('\n');
        text.push_str(&common_page(common));
    }
    text
}

const COMMON_KEYS: &str = "Keys of every adapter";

/// Where the common keys of a type are documented.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Common {
    /// On the type's own page.
    Here,
    /// In their own section; the type's section has only its rules on them.
    Linked,
}

fn name(table: &Table) -> &'static str {
    table.adapter.unwrap_or(table.name)
}

fn page(table: &'static Table, level: usize, common: Common) -> String {
    let mut page = Page { text: String::new(), level, described: Described::default(), hidden: false };
    page.heading(0, name(table));
    page.doc(table.doc);
    if let Some(names) = words::elsewhere(table.also_known_as) {
        page.text.push_str(&format!("\n{names}\n"));
    }
    page.heading(1, "Keys");
    page.keys(table, name(table));
    match common {
        Common::Here => page.common(table),
        Common::Linked => page.demands(table),
    }
    page.rules(table);
    for (title, extent) in [("Minimal example", Extent::Minimal), ("Full example", Extent::Full)] {
        page.heading(1, title);
        page.text.push_str(&format!("```json\n{}\n```\n", example_text(table, extent)));
    }
    page.text
}

/// The keys that all types share, under a heading of the second level.
fn common_page(common: &'static Table) -> String {
    let mut page = Page { text: String::new(), level: 2, described: Described::default(), hidden: false };
    page.heading(0, COMMON_KEYS);
    let rows = common.fields.iter().map(|field| row(field, words::presence(field, false), Vec::new(), false));
    page.table(std::iter::once(type_row(None)).chain(rows).collect());
    for field in common.fields {
        page.nested(field.kind, field.secret, field.key);
    }
    page.text
}

/// The nested tables and unions that already have a table of keys, so that recursion ends and nothing is repeated.
#[derive(Default)]
struct Described {
    /// Each with whether it was inside a secret, where less is shown.
    tables: Vec<(&'static Table, bool)>,
    unions: Vec<(&'static UnionTable, bool)>,
}

/// The reference of one type while it is written.
struct Page {
    text: String,
    level: usize,
    described: Described,
    /// Whether the keys being written are inside a secret.
    hidden: bool,
}

/// One row of a table of keys.
struct Row {
    key: String,
    kind: String,
    presence: String,
    words: Vec<String>,
}

impl Page {
    fn heading(&mut self, depth: usize, title: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&format!("{} {title}\n\n", "#".repeat(self.level + depth)));
    }

    fn doc(&mut self, doc: &str) {
        let paragraphs = words::paragraphs(doc);
        if !paragraphs.is_empty() {
            self.text.push_str(&paragraphs.join("\n\n"));
            self.text.push('\n');
        }
    }

    /// The keys of a table, then those nested in them.
    fn keys(&mut self, table: &'static Table, path: &str) {
        self.described.tables.push((table, self.hidden));
        let mut rows: Vec<Row> = table
            .all_fields()
            .map(|field| row(field, words::presence(field, self.hidden), Vec::new(), self.hidden))
            .collect();
        if let Some(rest) = table.rest() {
            let mut said = words::paragraphs(rest.doc);
            said.extend(words::known_keys(rest));
            said.extend(limit_sentence(Kind::Map(&rest.kind), rest.rules));
            said.extend(rest.secret.then(|| "Secret: never shown.".to_owned()));
            let kind = words::type_name(rest.kind);
            rows.push(Row { key: "any other key".to_owned(), kind, presence: "optional".to_owned(), words: said });
        }
        for forbidden in lineage::forbidden(table) {
            let key = format!("`{}`", forbidden.key);
            let words = vec![words::sentence(forbidden.reason)];
            rows.push(Row { key, kind: String::new(), presence: "not allowed".to_owned(), words });
        }
        self.table(rows);
        for field in table.all_fields() {
            self.nested(field.kind, field.secret, &format!("{path}.{}", field.key));
        }
        if let Some(rest) = table.rest() {
            self.nested(rest.kind, rest.secret, &format!("{path}.*"));
        }
    }

    fn table(&mut self, rows: Vec<Row>) {
        if rows.is_empty() {
            self.text.push_str("None.\n");
            return;
        }
        self.text.push_str("| Key | Type | Presence | Description |\n| --- | --- | --- | --- |\n");
        for row in rows {
            let words: Vec<_> = row.words.iter().map(|words| cell(words)).collect();
            let (kind, presence) = (cell(&row.kind), cell(&words::markdown_escaped(&row.presence)));
            self.text.push_str(&format!("| {} | {kind} | {presence} | {} |\n", row.key, words.join("<br>")));
        }
    }

    /// The keys of a nested value, under their own heading.
    fn nested(&mut self, kind: Kind, secret: bool, path: &str) {
        let outer = self.hidden;
        self.hidden |= secret;
        match kind.innermost() {
            Kind::Section(table) => self.section(table(), path),
            Kind::Union(union) => self.union(union(), path),
            _ => {}
        }
        self.hidden = outer;
    }

    fn section(&mut self, table: &'static Table, path: &str) {
        let covers = |hidden: bool| !hidden || self.hidden;
        if self.described.tables.iter().any(|(described, hidden)| covers(*hidden) && same_table(described, table)) {
            return;
        }
        self.heading(2, &format!("{} (`{path}`)", table.name));
        self.doc(table.doc);
        self.text.push('\n');
        self.keys(table, path);
        for CrossRules { title, rules, .. } in lineage::cross_rules(table, None) {
            self.text.push_str(&format!("\n{title}:\n\n"));
            self.rule_list(&rules);
        }
    }

    fn union(&mut self, union: &'static UnionTable, path: &str) {
        let covers = |hidden: bool| !hidden || self.hidden;
        if self.described.unions.iter().any(|(described, hidden)| covers(*hidden) && same_union(described, union)) {
            return;
        }
        self.described.unions.push((union, self.hidden));
        self.heading(2, &format!("{} (`{path}`)", union.name));
        self.doc(union.doc);
        self.text.push_str(&format!("\n`{}` (string, required) chooses the other keys:\n\n", union.tag));
        for variant in union.variants {
            let doc = words::in_versions(variant.doc, &variant.versions);
            self.text.push_str(&format!("- `\"{}\"`: {doc}\n", variant.name));
        }
        for variant in union.variants {
            if let Some(table) = variant.table {
                self.section(table(), &format!("{path}, {} = \"{}\"", union.tag, variant.name));
            }
        }
    }

    fn common(&mut self, table: &'static Table) {
        let fields = lineage::common_fields(table, None);
        if fields.is_empty() && table.adapter.is_none() {
            return;
        }
        self.heading(1, COMMON_KEYS);
        let type_row = table.adapter.map(|name| type_row(Some(name)));
        let rows = type_row.into_iter().chain(fields.iter().map(common_row)).collect();
        self.table(rows);
        for common in fields.iter().filter(|common| !common.forbidden()) {
            self.nested(common.field.kind, common.field.secret, common.field.key);
        }
    }

    /// A type's rules on common keys.
    fn demands(&mut self, table: &'static Table) {
        let fields = lineage::common_fields(table, None);
        let rows: Vec<_> = fields.iter().filter(|common| !common.demands.is_empty()).map(common_row).collect();
        if !rows.is_empty() {
            self.heading(1, COMMON_KEYS);
            self.table(rows);
        }
    }

    fn rules(&mut self, table: &'static Table) {
        for CrossRules { title, rules, .. } in lineage::cross_rules(table, None) {
            self.heading(1, title);
            self.rule_list(&rules);
        }
    }

    fn rule_list(&mut self, rules: &[&CrossRule]) {
        for rule in rules {
            let doc = words::in_versions(rule.doc, &rule.versions);
            self.text.push_str(&format!("- `{}`: {doc}\n", rule.name));
        }
    }
}

/// The key `type`, of the type of this name if one is described.
fn type_row(name: Option<&str>) -> Row {
    let accepted = name.map(|name| format!("Accepted: \"{name}\"."));
    let words = std::iter::once(words::TYPE_KEY.to_owned()).chain(accepted).collect();
    Row { key: "`type`".to_owned(), kind: "string".to_owned(), presence: "required".to_owned(), words }
}

fn common_row(common: &CommonField) -> Row {
    let (presence, notes) = (words::common_presence(common), words::demand_notes(common));
    if common.forbidden() {
        let kind = words::type_name(common.field.kind);
        return Row { key: format!("`{}`", common.field.key), kind, presence, words: notes };
    }
    row(common.field, presence, notes, false)
}

fn row(field: &'static Field, presence: String, more: Vec<String>, hidden: bool) -> Row {
    let mut said = words::paragraphs(field.doc);
    if let Kind::Choice(choices) = field.kind.innermost() {
        let name = |choice: &crate::Choice| {
            format!("- `\"{}\"`: {}", choice.name, words::in_versions(choice.doc, &choice.versions))
        };
        said.extend(choices.variants.iter().map(name));
    }
    said.extend(limit_sentence(field.kind, field.rules));
    said.extend(field.unit.map(|unit| format!("In {}.", unit.name())));
    said.extend(field.secret.then(|| "Secret: never shown.".to_owned()));
    said.extend(more);
    said.extend(words::notes(field, hidden));
    said.extend(words::elsewhere(field.also_known_as));
    Row { key: format!("`{}`", field.key), kind: words::type_name(field.kind), presence, words: said }
}

fn limit_sentence(kind: Kind, rules: &[crate::Rule]) -> Option<String> {
    let limits = words::limits(kind, rules);
    (!limits.is_empty()).then(|| format!("Accepted: {}.", words::markdown_escaped(&limits)))
}

/// The text as the content of a table's cell: a bar would end it, and so would a line break.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', "<br>")
}
