//! The documents to compare. They are generated from a type's table, the same ones in each run. Those that a table cannot suggest
//! are in tests/lmcache/documents, one a line.

mod json;
mod raw;
mod valid;
mod values;

use std::{collections::BTreeSet, fs, path::Path};

use l2_adapter::{Extent, registry::GlobalTypes};
use l2_adapter_schema::{AdapterSpec, Alias, Field, Kind, Rule, Table, UnionTable, example};
use serde_json::Value;

pub(crate) use json::{Json, Step};

/// The depth up to which values inside sections are changed: sections may contain themselves.
const DEPTH_MAX: usize = 3;

/// The documents of one type.
pub(crate) fn documents_of(table: &'static Table) -> Vec<String> {
    let mut maker = Maker::new(table);
    maker.whole();
    for field in table.all_fields() {
        maker.field(field);
    }
    maker.common_keys();
    maker.other_keys();
    maker.documents.extend(raw::texts(&maker.minimal, table));
    maker.documents.extend(by_hand(table.adapter.unwrap_or_default()));
    let mut seen = BTreeSet::new();
    maker.documents.into_iter().filter(|document| seen.insert(document.clone())).collect()
}

/// The handwritten documents of a type. Lines that begin with `#` are comments.
pub(crate) fn by_hand(name: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lmcache/documents");
    let text = fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

struct Maker {
    table: &'static Table,
    minimal: Json,
    full: Json,
    documents: Vec<String>,
}

impl Maker {
    fn new(table: &'static Table) -> Self {
        let made = |extent| Json::from(&Value::Object(example(table, extent)));
        let mut full = made(Extent::Full);
        let mut minimal = made(Extent::Minimal);
        for field in table.all_fields().filter(|field| matches!(field.kind.unwrap_optional(), Kind::AdapterSpec)) {
            // The example of a nested spec has no type.
            let path = [key(field.key)];
            full = full.with(&path, valid::spec());
            if minimal.at(&path).is_some() {
                minimal = minimal.with(&path, valid::spec());
            }
        }
        Self { table, minimal, full, documents: Vec::new() }
    }

    fn add(&mut self, document: &Json) {
        self.documents.push(document.to_text());
    }

    /// The examples, whole and without one key each.
    fn whole(&mut self) {
        for whole in [self.minimal.clone(), self.full.clone()] {
            self.add(&whole);
            let Json::Object(entries) = &whole else { continue };
            for (name, _) in entries {
                self.add(&whole.without(&[key(name)]));
            }
        }
    }

    fn field(&mut self, field: &'static Field) {
        let path = vec![key(field.key)];
        let valid = self.full.at(&path).cloned().unwrap_or_else(|| valid::of(field));
        let base = self.base(&path, &valid);
        self.sweep(&base, &path, (field.kind, field.rules), &valid);
        for alias in field.aliases {
            self.alias(&base, field, alias, &valid);
        }
    }

    /// The document in which a key's value is changed: the smallest one that is valid with it.
    fn base(&self, path: &[Step], valid: &Json) -> Json {
        let candidates = [&self.minimal, &self.full].map(|whole| whole.with(path, valid.clone()));
        let accepted = candidates.iter().find(|document| is_accepted(&document.to_text()));
        accepted.unwrap_or(&candidates[0]).clone()
    }

    /// Other values at one place of a document, and inside the value there.
    fn sweep(&mut self, base: &Json, path: &[Step], (kind, rules): (Kind, &'static [Rule]), valid: &Json) {
        for value in values::instead_of(valid, kind, rules) {
            self.add(&base.with(path, value));
        }
        if path.len() > DEPTH_MAX {
            return;
        }
        match kind.unwrap_optional() {
            Kind::List(item) => self.items(base, path, (*item, each(rules)), valid),
            Kind::Map(value) => self.entries(base, path, (*value, each(rules)), valid),
            Kind::Section(table) => self.section(base, path, table()),
            Kind::Union(union) => self.union(base, path, union()),
            Kind::AdapterSpec => self.spec(base, path),
            _ => {}
        }
    }

    fn items(&mut self, base: &Json, path: &[Step], of: (Kind, &'static [Rule]), valid: &Json) {
        let first = match valid {
            Json::List(items) if !items.is_empty() => items[0].clone(),
            _ => valid::of_kind(of.0, of.1),
        };
        let base = base.with(path, Json::List(vec![first.clone()]));
        self.sweep(&base, &[path, &[Step::Index(0)]].concat(), of, &first);
    }

    fn entries(&mut self, base: &Json, path: &[Step], of: (Kind, &'static [Rule]), valid: &Json) {
        let (name, first) = match valid {
            Json::Object(entries) if !entries.is_empty() => entries[0].clone(),
            _ => ("key".to_owned(), valid::of_kind(of.0, of.1)),
        };
        let base = base.with(path, Json::one(&name, first.clone()));
        self.sweep(&base, &[path, &[Step::Key(name)]].concat(), of, &first);
    }

    /// The keys of a section, each once omitted and then with other values.
    fn section(&mut self, base: &Json, path: &[Step], table: &'static Table) {
        let whole = match base.at(path) {
            Some(Json::Object(entries)) if !entries.is_empty() => base.clone(),
            _ => base.with(path, Json::from(&Value::Object(example(table, Extent::Full)))),
        };
        self.add(&whole);
        self.add(&whole.with(&[path, &[key("unheard_of")]].concat(), Json::raw("1")));
        for field in table.all_fields() {
            let path = [path, &[key(field.key)]].concat();
            let valid = whole.at(&path).cloned().unwrap_or_else(|| valid::of(field));
            self.add(&whole.without(&path));
            self.sweep(&whole.with(&path, valid.clone()), &path, (field.kind, field.rules), &valid);
        }
    }

    fn union(&mut self, base: &Json, path: &[Step], union: &'static UnionTable) {
        for variant in union.variants {
            let tag = Json::one(union.tag, Json::text(variant.name));
            self.add(&base.with(path, tag.clone()));
            if let Some(table) = variant.table {
                let mut whole = Json::from(&Value::Object(example(table(), Extent::Full)));
                whole = whole.with(&[key(union.tag)], Json::text(variant.name));
                self.section(&base.with(path, whole), path, table());
            }
        }
    }

    /// A nested spec: every type, none, and an unknown one.
    fn spec(&mut self, base: &Json, path: &[Step]) {
        for table in super::compared_tables() {
            for extent in [Extent::Minimal, Extent::Full] {
                let inner = Json::from(&Value::Object(example(table, extent)));
                self.add(&base.with(path, inner));
            }
        }
        let tag = [path, &[key("type")]].concat();
        self.add(&base.without(&tag));
        for text in ["null", "1", "[]", "\"\"", "\"unheard_of\"", "\"FS\""] {
            self.add(&base.with(&tag, Json::raw(text)));
        }
        for (name, text) in COMMON_KEYS {
            self.add(&base.with(&[path, &[key(name)]].concat(), Json::raw(*text)));
        }
        self.add(&base.with(&[path, &[key("unheard_of")]].concat(), Json::raw("1")));
    }

    /// An alias of a key, alone and together with the key.
    fn alias(&mut self, base: &Json, field: &Field, alias: &Alias, valid: &Json) {
        let (own, other) = ([key(field.key)], [key(alias.key)]);
        let alone = base.without(&own);
        for value in [valid.clone(), Json::raw("null"), Json::raw("true"), Json::raw("\"\""), Json::raw("5")] {
            self.add(&alone.with(&other, value.clone()));
            self.add(&base.with(&other, value.clone()));
            self.add(&base.with(&own, value).with(&other, valid.clone()));
        }
    }

    /// The common keys: all values if the type has rules about them or represents the other types, otherwise a few values.
    fn common_keys(&mut self) {
        let Some(shared) = self.table.common_table() else { return };
        let has_rules = self.table.lineage().iter().any(|table| !table.common_rules.is_empty());
        if has_rules || self.table.rest().is_some() || self.table.adapter == Some(super::REPRESENTATIVE_OF_COMMON_KEYS)
        {
            for field in shared.fields {
                let path = vec![key(field.key)];
                let valid = self.full.at(&path).cloned().unwrap_or_else(|| valid::of(field));
                let base = self.minimal.with(&path, valid.clone());
                self.sweep(&base, &path, (field.kind, field.rules), &valid);
            }
        }
        for (name, text) in COMMON_KEYS {
            let document = self.minimal.with(&[key(name)], Json::raw(*text));
            self.add(&document);
        }
    }

    /// Undeclared and forbidden keys.
    fn other_keys(&mut self) {
        let first = self.table.all_fields().next().map_or("unheard_of", |field| field.key);
        let misspelt = format!("{first}s");
        for name in ["unheard_of", "_comment", "", &misspelt, &first.to_uppercase()] {
            for text in ["1", "null", "\"x\"", "{\"a\":[1]}"] {
                let document = self.minimal.with(&[key(name)], Json::raw(text));
                self.add(&document);
            }
        }
        if let Some(rest) = self.table.rest() {
            let valid = valid::of_kind(rest.kind, each(rest.rules));
            let path = [key("unheard_of")];
            let base = self.minimal.with(&path, valid.clone());
            self.sweep(&base, &path, (rest.kind, each(rest.rules)), &valid);
        }
        for forbidden in self.table.lineage().into_iter().flat_map(|table| table.forbidden) {
            for text in ["null", "false", "\"x\"", "{}", "[]", "1"] {
                let document = self.minimal.with(&[key(forbidden.key)], Json::raw(text));
                self.add(&document);
            }
        }
    }
}

/// The values of common keys for every type.
const COMMON_KEYS: &[(&str, &str)] = &[
    ("affinity_tag", "\"fast\""),
    ("affinity_tag", "\" \""),
    ("affinity_tag", "5"),
    ("shared", "true"),
    ("shared", "\"no\""),
    ("persist_enabled", "false"),
    ("persist_enabled", "true"),
    ("persist_enabled", "null"),
    ("eviction", "null"),
    ("eviction", "false"),
    ("eviction", "{\"eviction_policy\":\"ARC\",\"trigger_watermark\":0.5,\"eviction_ratio\":1}"),
    ("eviction", "{\"eviction_policy\":\"lru\"}"),
    ("serde", "null"),
    ("serde", "{\"type\":\"fp8\",\"fp8_dtype\":\"float8_e5m2\",\"max_workers\":2}"),
    ("serde", "{}"),
];

/// The steps of a JSON Pointer.
pub(crate) fn tokens(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

/// The steps of a JSON Pointer, where numbers are indices.
pub(crate) fn steps(pointer: &str) -> Vec<Step> {
    tokens(pointer).into_iter().map(|token| token.parse().map_or(Step::Key(token), Step::Index)).collect()
}

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

/// The rules on the items of a list or the values of a map.
fn each(rules: &'static [Rule]) -> &'static [Rule] {
    rules.iter().find_map(|rule| if let Rule::Each(each) = rule { Some(*each) } else { None }).unwrap_or_default()
}

fn is_accepted(document: &str) -> bool {
    AdapterSpec::from_text(document, &GlobalTypes::CONTEXT).is_ok()
}
