//! LMCache 0.5.6 and we read the same specs the same way, but for a closed list of reasons.
//!
//! LMCache's own answers are recorded; tests/lmcache/README.md says how. Documents are made from our tables, so that a new
//! key is asked about without anyone thinking of it.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod answers;
mod contract;
mod corpus;
mod reason;
mod verdict;

use std::{fs, path::Path};

use l2_adapter::registry;
use l2_adapter_schema::Table;
use serde_json::Value;

use contract::{CONTRACTS, Contract};
use verdict::{Recording, judge};

/// The type whose shared keys are looked at for all those that say nothing of their own about them.
const STANDS_FOR_SHARED_KEYS: &str = "mock";

/// The documents that name no type.
const DISPATCH: &str = "dispatch";

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

fn recording_of(name: &str) -> Recording {
    answers::answers_of(name).unwrap().into_iter().collect()
}

/// scripts/lmcache-answers has the documents written into a folder by this.
#[test]
fn lmcache_answered_the_documents_that_are_made_today() {
    let names = CONTRACTS.iter().map(|contract| contract.adapter).chain([DISPATCH]);
    let corpora = names.map(|name| (name, corpus_of(name)));
    if let Some(folder) = std::env::var_os("LMCACHE_CORPUS") {
        for (name, documents) in corpora {
            let lines: String = documents.iter().map(|document| format!("{}\n", Value::from(&**document))).collect();
            fs::write(Path::new(&folder).join(format!("{name}.jsonl")), lines).unwrap();
        }
        return;
    }
    for (name, documents) in corpora {
        let answered: Vec<String> =
            answers::answers_of(name).unwrap().into_iter().map(|(document, _)| document).collect();
        assert!(answered == documents, "{name}: the documents are others now: run scripts/lmcache-answers");
    }
}

#[test]
fn lmcache_and_we_differ_only_as_agreed() {
    let mut complaints = Vec::new();
    for contract in CONTRACTS {
        let table = table_of(contract.adapter).unwrap();
        let recording = recording_of(contract.adapter);
        for (document, _) in answers::answers_of(contract.adapter).unwrap() {
            if let Err(complaint) = judge(table, contract, &document, &recording) {
                complaints.push(format!("{document}\n    {complaint}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{} documents:\n{}", complaints.len(), complaints.join("\n"));
}
