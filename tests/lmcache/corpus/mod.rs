//! The documents that LMCache and we are asked about: made from a type's table, the same ones every time, and those that
//! stand in tests/lmcache/documents, one a line, where a table cannot say what is worth asking.

mod json;
mod raw;
mod sound;
mod values;

use std::{collections::BTreeSet, fs, path::Path};

use l2_adapter::{Extent, registry::GlobalTypes};
use l2_adapter_schema::{AdapterSpec, Alias, Field, Kind, Rule, Table, UnionTable, example};
use serde_json::Value;

pub(crate) use json::{Json, Step};

/// How deep sections in sections are looked into: configs may contain themselves.
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

/// The documents that are written down for a type; lines that begin with `#` say why.
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
            // The example of a nested spec names no type.
            let path = [key(field.key)];
            full = full.with(&path, sound::spec());
            if minimal.at(&path).is_some() {
                minimal = minimal.with(&path, sound::spec());
            }
        }
        Self { table, minimal, full, documents: Vec::new() }
    }

    fn add(&mut self, document: &Json) {
        self.documents.push(document.to_text());
    }

    /// The examples, and each of their keys left out.
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
        let sound = self.full.at(&path).cloned().unwrap_or_else(|| sound::of(field));
        let base = self.base(&path, &sound);
        self.sweep(&base, &path, (field.kind, field.rules), &sound);
        for alias in field.aliases {
            self.alias(&base, field, alias, &sound);
        }
    }

    /// The document in which a key is looked at: the smallest one that is accepted with it.
    fn base(&self, path: &[Step], sound: &Json) -> Json {
        let candidates = [&self.minimal, &self.full].map(|whole| whole.with(path, sound.clone()));
        let accepted = candidates.iter().find(|document| is_accepted(&document.to_text()));
        accepted.unwrap_or(&candidates[0]).clone()
    }

    /// Other values at one place of a document, and inside it.
    fn sweep(&mut self, base: &Json, path: &[Step], (kind, rules): (Kind, &'static [Rule]), sound: &Json) {
        for value in values::instead_of(sound, kind, rules) {
            self.add(&base.with(path, value));
        }
        if path.len() > DEPTH_MAX {
            return;
        }
        match kind.unwrap_optional() {
            Kind::List(item) => self.items(base, path, (*item, each(rules)), sound),
            Kind::Map(value) => self.entries(base, path, (*value, each(rules)), sound),
            Kind::Section(table) => self.section(base, path, table()),
            Kind::Union(union) => self.union(base, path, union()),
            Kind::AdapterSpec => self.spec(base, path),
            _ => {}
        }
    }

    fn items(&mut self, base: &Json, path: &[Step], of: (Kind, &'static [Rule]), sound: &Json) {
        let first = match sound {
            Json::List(items) if !items.is_empty() => items[0].clone(),
            _ => sound::of_kind(of.0, of.1),
        };
        let base = base.with(path, Json::List(vec![first.clone()]));
        self.sweep(&base, &[path, &[Step::Index(0)]].concat(), of, &first);
    }

    fn entries(&mut self, base: &Json, path: &[Step], of: (Kind, &'static [Rule]), sound: &Json) {
        let (name, first) = match sound {
            Json::Object(entries) if !entries.is_empty() => entries[0].clone(),
            _ => ("key".to_owned(), sound::of_kind(of.0, of.1)),
        };
        let base = base.with(path, Json::one(&name, first.clone()));
        self.sweep(&base, &[path, &[Step::Key(name)]].concat(), of, &first);
    }

    /// The keys of a section, each left out and each with other values.
    fn section(&mut self, base: &Json, path: &[Step], table: &'static Table) {
        let whole = match base.at(path) {
            Some(Json::Object(entries)) if !entries.is_empty() => base.clone(),
            _ => base.with(path, Json::from(&Value::Object(example(table, Extent::Full)))),
        };
        self.add(&whole);
        self.add(&whole.with(&[path, &[key("unheard_of")]].concat(), Json::raw("1")));
        for field in table.all_fields() {
            let path = [path, &[key(field.key)]].concat();
            let sound = whole.at(&path).cloned().unwrap_or_else(|| sound::of(field));
            self.add(&whole.without(&path));
            self.sweep(&whole.with(&path, sound.clone()), &path, (field.kind, field.rules), &sound);
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

    /// Another name of a key: alone, and with the key.
    fn alias(&mut self, base: &Json, field: &Field, alias: &Alias, sound: &Json) {
        let (own, other) = ([key(field.key)], [key(alias.key)]);
        let alone = base.without(&own);
        for value in [sound.clone(), Json::raw("null"), Json::raw("true"), Json::raw("\"\""), Json::raw("5")] {
            self.add(&alone.with(&other, value.clone()));
            self.add(&base.with(&other, value.clone()));
            self.add(&base.with(&own, value).with(&other, sound.clone()));
        }
    }

    /// The keys that every type has: everything where the type has rules of its own about them, or is the one that stands
    /// for the others, else a few.
    fn common_keys(&mut self) {
        let Some(shared) = self.table.common_table() else { return };
        let has_rules = self.table.lineage().iter().any(|table| !table.common_rules.is_empty());
        if has_rules || self.table.rest().is_some() || self.table.adapter == Some(super::STANDS_FOR_COMMON_KEYS) {
            for field in shared.fields {
                let path = vec![key(field.key)];
                let sound = self.full.at(&path).cloned().unwrap_or_else(|| sound::of(field));
                let base = self.minimal.with(&path, sound.clone());
                self.sweep(&base, &path, (field.kind, field.rules), &sound);
            }
        }
        for (name, text) in COMMON_KEYS {
            let document = self.minimal.with(&[key(name)], Json::raw(*text));
            self.add(&document);
        }
    }

    /// Undeclared keys, and keys that are refused by name.
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
            let sound = sound::of_kind(rest.kind, each(rest.rules));
            let path = [key("unheard_of")];
            let base = self.minimal.with(&path, sound.clone());
            self.sweep(&base, &path, (rest.kind, each(rest.rules)), &sound);
        }
        for forbidden in self.table.lineage().into_iter().flat_map(|table| table.forbidden) {
            for text in ["null", "false", "\"x\"", "{}", "[]", "1"] {
                let document = self.minimal.with(&[key(forbidden.key)], Json::raw(text));
                self.add(&document);
            }
        }
    }
}

/// What is asked about the common keys of every type.
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
