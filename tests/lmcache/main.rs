//! LMCache, in 0.5.6 and in 0.5.7rc2, and this library read the same specs in the same way, except for a closed list of reasons.
//!
//! LMCache's own answers are recorded; tests/lmcache/README.md describes how. The documents are generated from our tables, so
//! that a new key is compared automatically.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod answers;
mod contract;
mod corpus;
mod detection;
mod document;
mod reason;
mod verdict;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use l2_adapter::{Version, lmcache, registry};
use l2_adapter_schema::{Field, Table};
use serde_json::Value;

use answers::{NEXT, WHOLE};
use contract::{CONTRACTS, Contract, Listed, Reason, SHARED};
use verdict::{Difference, Outcome, Recording, compare};

/// The type whose common keys are compared on behalf of all types without rules about them.
const REPRESENTATIVE_OF_COMMON_KEYS: &str = "mock";

/// The name of the documents without a known type.
const DISPATCH: &str = "dispatch";

/// The versions of LMCache whose answers are recorded.
const VERSIONS: [&str; 2] = [WHOLE, NEXT];

/// The types that these versions do not have.
const NOT_COMPARED: &[&str] = &["blkio", "cxl_peer", "dram", "gcs", "pd", "phx", "valkey_rdma"];

/// The table of a type.
fn table_of(name: &str) -> Option<&'static Table> {
    registry::global().unwrap().tables().into_iter().find(|table| table.adapter == Some(name))
}

/// The tables of the types that LMCache 0.5.6 has.
fn compared_tables() -> Vec<&'static Table> {
    CONTRACTS.iter().filter_map(|contract| table_of(contract.adapter)).collect()
}

fn corpus_of(name: &str) -> Vec<String> {
    table_of(name).map_or_else(|| corpus::by_hand(name), corpus::documents_of)
}

fn recording_of(version: &'static str, name: &str) -> Recording {
    Recording { version, answers: answers::answers_of(version, name).unwrap().into_iter().collect() }
}

/// Everything that a version of LMCache accepts and we refuse for a type, in the order of its documents.
fn differences_of(version: &'static str, contract: &Contract) -> Vec<Difference> {
    let table = table_of(contract.adapter).unwrap();
    let recording = recording_of(version, contract.adapter);
    let mut differences = Vec::new();
    for (document, _) in answers::answers_of(version, contract.adapter).unwrap() {
        // Another test reports differences that are not allowed.
        if let Ok(Outcome::Different(found)) = compare(table, contract, &document, &recording) {
            differences.extend(found);
        }
    }
    differences
}

/// Each contract, with each version of LMCache.
fn in_each_version() -> impl Iterator<Item = (&'static str, &'static Contract)> {
    VERSIONS.into_iter().flat_map(|version| CONTRACTS.iter().map(move |contract| (version, contract)))
}

/// The documents of each type, and those without a known type.
fn corpora() -> impl Iterator<Item = (&'static str, Vec<String>)> {
    CONTRACTS.iter().map(|contract| contract.adapter).chain([DISPATCH]).map(|name| (name, corpus_of(name)))
}

#[test]
#[ignore = "a command of scripts/lmcache-answers: writes the documents into the folder LMCACHE_CORPUS"]
fn write_documents() {
    let folder = std::env::var_os("LMCACHE_CORPUS").expect("LMCACHE_CORPUS names a folder");
    for (name, documents) in corpora() {
        let lines: String = documents.iter().map(|document| format!("{}\n", Value::from(&**document))).collect();
        fs::write(Path::new(&folder).join(format!("{name}.jsonl")), lines).unwrap();
    }
}

#[test]
fn the_answers_are_for_todays_documents() {
    for (name, documents) in corpora() {
        let answered: Vec<String> =
            answers::answers_of(WHOLE, name).unwrap().into_iter().map(|(document, _)| document).collect();
        assert!(answered == documents, "{name}: the documents have changed: run scripts/lmcache-answers");
    }
}

/// Every name of every key at the top level of a type's documents, for a version.
fn keys_of(table: &'static Table, version: Version) -> BTreeSet<&'static str> {
    let shared = table.common_table().map(|shared| shared.fields).unwrap_or_default();
    let names = |field: &'static Field| field.aliases.iter().map(|alias| alias.key).chain([field.key]);
    table.all_fields().chain(shared).filter(|field| field.versions.include(version)).flat_map(names).collect()
}

#[test]
fn every_key_in_lmcaches_help_is_known_here() {
    for version in VERSIONS {
        let file = if version == WHOLE { "help.json".to_owned() } else { format!("{version}/help.json") };
        let listed: BTreeMap<String, Vec<String>> = serde_json::from_str(&answers::recorded(&file).unwrap()).unwrap();
        assert!(listed.keys().eq(CONTRACTS.iter().map(|contract| contract.adapter)));
        for (name, keys) in listed {
            assert!(!keys.is_empty(), "{name}");
            let known = keys_of(table_of(&name).unwrap(), lmcache::known_version(version).unwrap());
            let unknown: Vec<_> = keys.iter().filter(|key| !known.contains(key.as_str())).collect();
            assert!(unknown.is_empty(), "{name} in {version}: {unknown:?}");
        }
    }
}

#[test]
fn every_type_is_compared_or_listed_as_not_compared() {
    let mut known: Vec<&str> = CONTRACTS.iter().map(|contract| contract.adapter).chain(NOT_COMPARED.to_vec()).collect();
    known.sort_unstable();
    assert_eq!(known, registry::get_registered_l2_adapter_types().unwrap());
}

#[test]
fn results_differ_from_lmcaches_only_as_the_contracts_allow() {
    let mut disagreements = Vec::new();
    for (version, contract) in in_each_version() {
        let table = table_of(contract.adapter).unwrap();
        let recording = recording_of(version, contract.adapter);
        for (document, _) in answers::answers_of(version, contract.adapter).unwrap() {
            if let Err(disagreement) = compare(table, contract, &document, &recording) {
                disagreements.push(format!("{document}\n    {version}: {disagreement}"));
            }
        }
    }
    assert!(disagreements.is_empty(), "{} documents:\n{}", disagreements.len(), disagreements.join("\n"));
}

#[test]
fn lmcache_and_we_refuse_every_document_without_a_known_type() {
    for version in VERSIONS {
        for (document, answer) in answers::answers_of(version, DISPATCH).unwrap() {
            assert!(matches!(answer, answers::Answer::Refused(_)), "LMCache {version} accepts {document}");
            assert!(verdict::parse(version, &document).is_err(), "we accept {document}");
        }
    }
}

#[test]
fn every_contracts_machine_dependent_documents_occur() {
    for (version, contract) in in_each_version().filter(|(_, contract)| contract.machine_dependent.is_some()) {
        let (table, recording) = (table_of(contract.adapter).unwrap(), recording_of(version, contract.adapter));
        let happens = recording
            .answers
            .keys()
            .any(|document| compare(table, contract, document, &recording) == Ok(Outcome::MachineDependent));
        assert!(happens, "{}", contract.adapter);
    }
}

#[test]
fn every_reason_occurs() {
    let differences = in_each_version().flat_map(|(version, contract)| differences_of(version, contract));
    let happened: Vec<Reason> = differences.map(|difference| difference.reason).collect();
    let missing: Vec<_> = Reason::ALL.iter().filter(|reason| !happened.contains(reason)).collect();
    assert!(missing.is_empty(), "never: {missing:?}");
}

#[test]
fn every_difference_that_a_contract_lists_occurs() {
    let happens = |differences: &[Difference], listed: &Listed| {
        differences.iter().any(|difference| (&*difference.place, difference.code) == (listed.place, listed.code))
    };
    for contract in CONTRACTS {
        let differences: Vec<_> = VERSIONS.into_iter().flat_map(|version| differences_of(version, contract)).collect();
        let shared = if contract.adapter == REPRESENTATIVE_OF_COMMON_KEYS { SHARED.listed } else { &[] };
        for listed in contract.listed.iter().chain(shared) {
            let (place, code) = (listed.place, listed.code);
            assert!(happens(&differences, listed), "{}: {place} is never refused as {code}", contract.adapter);
        }
    }
}
