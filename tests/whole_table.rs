//! Rules for the table of every registered type and for the texts that are generated from it.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

#[path = "torture/mod.rs"]
mod torture;

use std::collections::BTreeSet;

use l2_adapter::{ConfigError, Context, Extent, FaultCode, Parsed, registry, registry::GlobalTypes};
use l2_adapter_schema::{
    AdapterSpec, CommonKeyDemand, Field, Kind, Literal, LiteralValue as _, Presence, Table, example, help, markdown,
    unsound,
};
use serde_json::{Map, Value};

const COLUMNS: usize = 80;

/// All types, including those that use every attribute.
fn tables() -> Vec<&'static Table> {
    registry::global().unwrap().tables()
}

/// The types of this crate. Others have keys that differ by one letter, so they cannot have the right suggestions.
fn own_tables() -> Vec<&'static Table> {
    tables().into_iter().filter(|table| !table.adapter.unwrap().starts_with("torture")).collect()
}

/// The fields of a table, of those it extends, and of the common keys.
fn fields(table: &'static Table) -> Vec<&'static Field> {
    table.fields_with_common().collect()
}

/// A table and every table inside it, once.
fn nested_tables(table: &'static Table) -> Vec<&'static Table> {
    let mut found = vec![table];
    let outermost = fields(table).into_iter().filter(|field| !is_forbidden(table, field.key));
    let mut open: Vec<&'static Table> = outermost.flat_map(|field| field.kind.tables()).collect();
    while let Some(table) = open.pop() {
        if !found.iter().any(|known| std::ptr::eq(*known, table)) {
            found.push(table);
            open.extend(table.all_fields().flat_map(|field| field.kind.tables()));
        }
    }
    found
}

/// The rules of a type, and of the types that it extends, about a common key.
fn demands(table: &'static Table, key: &str) -> Vec<CommonKeyDemand> {
    let rules = table.lineage().into_iter().flat_map(|part| part.common_rules);
    rules.filter(|rule| rule.key == key).map(|rule| rule.demand).collect()
}

/// Whether a type refuses a common key.
fn is_forbidden(table: &'static Table, key: &str) -> bool {
    demands(table, key).iter().any(|demand| matches!(demand, CommonKeyDemand::Forbidden))
}

fn minimal(table: &'static Table) -> Map<String, Value> {
    example(table, Extent::Minimal)
}

fn parse(document: &Map<String, Value>) -> Result<Parsed<AdapterSpec>, ConfigError> {
    AdapterSpec::from_value(&Value::Object(document.clone()), &GlobalTypes::CONTEXT)
}

#[track_caller]
fn assert_parses(document: &Map<String, Value>) {
    if let Err(error) = parse(document) {
        panic!("{error}\n{}", Value::Object(document.clone()));
    }
}

#[test]
fn type_names_are_unique() {
    let names: Vec<_> = tables().into_iter().filter_map(|table| table.adapter).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    assert!(names.len() >= 3, "{names:?}");
}

#[test]
fn keys_of_one_table_are_unique() {
    for table in tables().into_iter().flat_map(nested_tables) {
        let shared = table.common_table().map(|shared| shared.fields).unwrap_or_default();
        let names = table
            .all_fields()
            .chain(shared)
            .flat_map(|field| std::iter::once(field.key).chain(field.aliases.iter().map(|alias| alias.key)));
        let mut seen = BTreeSet::new();
        for name in names {
            assert!(seen.insert(name), "`{name}` is declared twice in {}", table.name);
        }
    }
}

/// A name without the differences that do not matter in names of other systems.
fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// Asserts that no name of another system is one of ours, and that none is declared twice.
#[track_caller]
fn assert_each_means_one<'a>(here: impl Iterator<Item = &'a str>, elsewhere: impl Iterator<Item = &'a str>, of: &str) {
    let mut seen: BTreeSet<String> = here.map(folded).collect();
    for name in elsewhere {
        assert!(seen.insert(folded(name)), "`{name}` of {of} is one of our names, or declared twice");
    }
}

/// The derive cannot check this, because it sees only one struct.
#[test]
fn each_name_of_another_system_means_one_key_or_type() {
    for table in tables().into_iter().flat_map(nested_tables) {
        let fields = fields(table);
        let keys =
            fields.iter().flat_map(|field| [field.key].into_iter().chain(field.aliases.iter().map(|alias| alias.key)));
        let elsewhere = fields.iter().flat_map(|field| field.also_known_as).flat_map(|names| names.names).copied();
        assert_each_means_one(keys, elsewhere, table.name);
    }
    let tables = own_tables();
    let elsewhere = tables.iter().flat_map(|table| table.also_known_as).flat_map(|names| names.names).copied();
    assert_each_means_one(tables.iter().filter_map(|table| table.adapter), elsewhere, "a type");
}

#[test]
fn every_key_rule_and_choice_is_documented() {
    for table in tables().into_iter().flat_map(nested_tables) {
        assert!(!table.doc.trim().is_empty(), "{}", table.name);
        for field in table.all_fields() {
            assert!(!field.doc.trim().is_empty(), "{}.{}", table.name, field.key);
            if let Kind::Choice(choices) = field.kind.unwrap_optional() {
                assert!(choices.variants.iter().all(|choice| !choice.doc.trim().is_empty()), "{}", choices.name);
            }
        }
        for rule in table.rules {
            assert!(!rule.doc.trim().is_empty(), "{}: {}", table.name, rule.name);
        }
    }
}

/// Whether the only fault of a document is a key that other keys forbid.
fn is_ruled_out(document: &Map<String, Value>) -> bool {
    let only_forbidden = |error: ConfigError| error.faults.iter().all(|fault| fault.code == FaultCode::ForbiddenKey);
    parse(document).is_err_and(only_forbidden)
}

/// Parsing does not check defaults, so they are written out here.
#[test]
fn every_default_satisfies_its_own_rules() {
    for table in tables() {
        for field in fields(table) {
            let Presence::Default(default) = field.presence else { continue };
            if default == Literal::Null || !demands(table, field.key).is_empty() {
                continue;
            }
            let mut document = minimal(table);
            document.insert(field.key.to_owned(), default.to_value());
            if !is_ruled_out(&document) {
                assert_parses(&document);
            }
        }
    }
}

#[test]
fn every_documented_example_satisfies_the_rules_of_its_field() {
    for table in tables() {
        for (field, value) in
            fields(table).into_iter().flat_map(|field| field.examples.iter().map(move |value| (field, value)))
        {
            // A key that needs another key's value has it only in the full example.
            let parses_in = |mut document: Map<String, Value>| {
                document.insert(field.key.to_owned(), value.to_value());
                parse(&document).map(drop)
            };
            if let Err(error) = parses_in(minimal(table)).or_else(|_| parses_in(example(table, Extent::Full))) {
                panic!("example {} of `{}`: {error}", value.to_value(), field.key);
            }
        }
    }
}

#[test]
fn a_document_with_explicit_defaults_gives_the_same_config() {
    for table in tables() {
        let short = parse(&minimal(table)).unwrap().value;
        let long = parse(&short.to_dict_with_secrets()).unwrap().value;
        assert_eq!(short, long);
    }
}

#[test]
fn examples_and_defaults_of_every_section_round_trip() {
    for table in tables() {
        let written = |map: &Map<String, Value>, _| parse(map).map(|parsed| parsed.value.to_dict_with_secrets());
        let found = unsound(table, &written);
        assert!(found.is_empty(), "{}:\n{}", table.name, found.join("\n"));
    }
}

#[test]
fn examples_parse_without_faults_or_warnings() {
    for table in tables() {
        for extent in [Extent::Minimal, Extent::Full] {
            let document = example(table, extent);
            assert_eq!(document["type"], table.adapter.unwrap());
            assert_parses(&document);
            let warnings = parse(&document).unwrap().warnings;
            assert!(warnings.is_empty(), "{}: {warnings:?}", table.name);
        }
    }
}

#[test]
fn every_key_of_the_minimal_example_is_required() {
    for table in tables() {
        let document = minimal(table);
        for key in document.keys() {
            let mut shorter = document.clone();
            shorter.remove(key);
            assert!(parse(&shorter).is_err(), "{}: `{key}`", table.name);
        }
    }
}

#[test]
fn the_full_example_has_every_allowed_key() {
    for table in own_tables() {
        let document = example(table, Extent::Full);
        let left_out = |field: &&Field| {
            field.deprecated.is_some()
                || !field.conditions.is_empty()
                || !field.versions.are_all()
                || is_forbidden(table, field.key)
        };
        let missing = fields(table).into_iter().filter(|field| !left_out(field) && !document.contains_key(field.key));
        let missing: Vec<_> = missing.map(|field| field.key).collect();
        assert!(missing.is_empty(), "{}: add an example of {missing:?}", table.name);
    }
}

#[test]
fn help_lists_every_key_rule_and_common_key() {
    for table in tables() {
        let help = help(table, None);
        assert!(help.contains(table.adapter.unwrap()), "{help}");
        for inner in nested_tables(table) {
            for field in fields(inner) {
                let entry = format!("{} (", field.key);
                let listed = help.lines().any(|line| line.trim_start().starts_with(&entry));
                assert!(listed, "`{}` has no entry in:\n{help}", field.key);
                for alias in field.aliases {
                    assert!(help.contains(alias.key), "`{}` is not in:\n{help}", alias.key);
                }
            }
            for name in inner.rules.iter().map(|rule| rule.name) {
                assert!(help.contains(name), "`{name}` is not in:\n{help}");
            }
            for forbidden in inner.forbidden {
                assert!(help.contains(forbidden.key), "`{}` is not in:\n{help}", forbidden.key);
            }
        }
    }
}

#[test]
fn help_fits_into_a_terminal() {
    for table in tables() {
        for line in help(table, None).lines() {
            let words = line.split_whitespace().count();
            assert!(line.chars().count() <= COLUMNS || words == 1, "{}: {line:?}", table.name);
        }
    }
}

#[test]
fn markdown_names_every_key_rule_and_common_key() {
    for table in tables() {
        let text = markdown(table);
        for inner in nested_tables(table) {
            for key in fields(inner).into_iter().map(|field| field.key).chain(inner.rules.iter().map(|rule| rule.name))
            {
                assert!(text.contains(&format!("`{key}`")), "`{key}` is not in:\n{text}");
            }
        }
    }
}

/// The key with one misspelling: each letter omitted, doubled, or swapped with the next.
fn misspelt(key: &str) -> Vec<String> {
    let letters: Vec<char> = key.chars().collect();
    let mut slips = Vec::new();
    for index in 0..letters.len() {
        let mut dropped = letters.clone();
        dropped.remove(index);
        let mut doubled = letters.clone();
        doubled.insert(index, letters[index]);
        let mut swapped = letters.clone();
        if index + 1 < letters.len() {
            swapped.swap(index, index + 1);
        }
        slips.extend([dropped, doubled, swapped].map(String::from_iter));
    }
    slips
}

/// Asserts that the suggestion is the misspelt name, or another one that is as close.
#[track_caller]
fn assert_is_meant(slip: &str, meant: &str, suggestion: &str) {
    let distance = |name: &str| strsim::osa_distance(slip, name);
    let is_as_near = !suggestion.is_empty() && distance(suggestion) <= distance(meant);
    assert!(is_as_near, "`{suggestion}` for `{slip}`, not `{meant}`");
}

#[test]
fn every_misspelt_key_is_suggested() {
    // A type that accepts undeclared keys accepts misspelt ones.
    for table in own_tables().into_iter().filter(|table| table.rest().is_none()) {
        let known: Vec<&str> = fields(table).into_iter().map(|field| field.key).chain(["type"]).collect();
        for key in &known {
            for slip in misspelt(key).iter().filter(|slip| !slip.is_empty() && !known.contains(&slip.as_str())) {
                let mut document = minimal(table);
                document.insert(slip.clone(), Value::Null);
                let error = parse(&document).unwrap_err();
                let fault = error.faults.iter().find(|fault| fault.code == FaultCode::UnknownKey);
                let fault = fault.unwrap_or_else(|| panic!("`{slip}` is not reported as unknown: {error}"));
                let suggestion = fault.suggestion.as_deref().unwrap_or_default();
                assert_is_meant(slip, key, suggestion);
            }
        }
    }
}

#[test]
fn every_misspelt_choice_is_suggested() {
    for table in tables() {
        for field in fields(table) {
            let Kind::Choice(choices) = field.kind.unwrap_optional() else { continue };
            for choice in choices.variants {
                for slip in misspelt(choice.name).iter().filter(|slip| choices.position(slip).is_none()) {
                    let mut document = minimal(table);
                    document.insert(field.key.to_owned(), slip.as_str().into());
                    let error = parse(&document).unwrap_err();
                    assert_eq!(error.faults[0].code, FaultCode::NotAllowed);
                    assert_eq!(error.faults[0].suggestion.as_deref(), Some(choice.name), "for `{slip}`");
                }
            }
        }
    }
}

#[test]
fn a_misspelt_type_is_suggested() {
    for name in own_tables().into_iter().filter_map(|table| table.adapter).filter(|name| name.len() > 2) {
        for slip in misspelt(name).iter().filter(|slip| *slip != name) {
            let document = Map::from_iter([("type".to_owned(), slip.as_str().into())]);
            let error = parse(&document).unwrap_err();
            assert_eq!(error.faults[0].code, FaultCode::UnknownType);
            assert_is_meant(slip, name, error.faults[0].suggestion.as_deref().unwrap_or_default());
        }
    }
}

#[test]
fn an_empty_registry_has_no_type() {
    let document = minimal(tables()[0]);
    let error = AdapterSpec::from_value(&Value::Object(document), &Context::empty()).unwrap_err();
    assert_eq!(error.faults[0].code, FaultCode::UnknownType);
}
