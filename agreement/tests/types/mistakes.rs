//! Every mistake in the documents of every type, and a document for every rule that no generator can violate alone.

use l2_adapter::{
    Peer,
    registry::{self, GlobalTypes},
};
use l2_adapter_agreement::Agreement;
use l2_adapter_schema::{CrossRule, CrossRuleKind, FaultCode, InVersion as _, Table, WarningCode, schema_of};

use crate::shown;

/// The faults that no document of a type can have alone: a pattern and a prefix ask for a character too.
const NEVER_ALONE: &[(&str, &str)] = &[
    ("torture", "Texts.name: length at least 1 character"),
    ("torture", "TortureL2AdapterConfig.directory: length at least 1 character"),
];

/// The faults that unexpectedly do or do not occur alone.
fn objection(agreement: &Agreement, type_name: &str) -> Option<String> {
    let never = match agreement.every_mistake() {
        Ok(mistakes) => mistakes.never_alone,
        Err(disagreement) => return Some(disagreement.to_string()),
    };
    let expected: Vec<_> = NEVER_ALONE.iter().filter(|(of, _)| *of == type_name).map(|(_, fault)| *fault).collect();
    (never != expected).then(|| format!("{type_name}: {never:#?} never occur alone"))
}

#[test]
fn every_fault_of_every_registered_type_occurs_alone() {
    let names = registry::get_registered_l2_adapter_types().unwrap();
    let errors: Vec<_> = names.into_iter().filter_map(|name| objection(&shown::agreement(name, None), name)).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n\n"));
}

#[test]
fn every_fault_of_a_version_occurs_alone_in_that_version() {
    let in_version = |(name, peer): (_, Peer<'static>)| {
        let errors = objection(&shown::agreement(name, Some(peer)), name);
        errors.map(|error| format!("{peer}: {error}"))
    };
    let errors: Vec<_> = shown::in_each_version().filter_map(in_version).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n\n"));
}

#[test]
fn every_fault_of_a_spec_occurs_alone() {
    assert_eq!(objection(&Agreement::of_specs(), "--l2-adapter"), None);
}

/// Why the documents of a type do not violate each of its cross-field rules and functions, and give each of its warnings.
fn unshown(type_name: &str, peer: Option<&Peer<'_>>) -> Vec<String> {
    let registry = registry::global().unwrap();
    let entry = registry.look_up(type_name).unwrap().entry();
    let validator = jsonschema::validator_for(&schema_of((entry.table)(), &registry.tables(), peer).into()).unwrap();
    let context = peer.map_or(GlobalTypes::CONTEXT, |peer| GlobalTypes::CONTEXT.with_peer(peer));
    let (documents, mut unshown) = (shown::documents(type_name), Vec::new());
    for (name, code) in rules((entry.table)(), peer) {
        let Some((_, document)) = documents.iter().find(|(rule, _)| *rule == name) else {
            unshown.push(format!("{type_name}: no document shows {name}"));
            continue;
        };
        let is_shown = match (entry.parse(document, &context), code) {
            (Ok(parsed), None) => parsed.warnings.iter().any(|warning| warning.code == WarningCode::Advice),
            (Err(error), Some(code)) => error.faults.iter().all(|fault| fault.code == code),
            _ => false,
        };
        if !is_shown || !validator.is_valid(document) {
            unshown.push(format!("{type_name}: {document} does not show {name}"));
        }
    }
    unshown
}

/// The cross-field rules and functions of a table and of the tables inside it, each with its fault code, and the warnings.
fn rules(table: &'static Table, peer: Option<&Peer<'_>>) -> Vec<(&'static str, Option<FaultCode>)> {
    let demands = |rule: &&CrossRule| peer.demands(&rule.versions);
    let mut rules = Vec::new();
    for table in table.with_inner() {
        rules.extend(table.rules.iter().filter(demands).filter_map(|rule| match rule.kind {
            CrossRuleKind::Rule => Some((rule.name, Some(FaultCode::Rule))),
            CrossRuleKind::MachineRule => None,
            CrossRuleKind::Warning => Some((rule.name, None)),
        }));
        let functions = table.fields.iter().filter(|field| field.parsed_by_function);
        rules.extend(functions.map(|field| (field.key, Some(FaultCode::ParseWith))));
    }
    rules
}

#[test]
fn every_rule_that_no_generator_can_violate_alone_has_a_document() {
    let names = registry::get_registered_l2_adapter_types().unwrap();
    let mut unshown: Vec<String> = names.into_iter().flat_map(|name| self::unshown(name, None)).collect();
    unshown.extend(shown::in_each_version().flat_map(|(name, peer)| self::unshown(name, Some(&peer))));
    assert!(unshown.is_empty(), "{}", unshown.join("\n"));
}
