//! Random documents: valid ones, mutants of valid ones, and any JSON.

use std::{sync::Mutex, thread};

use l2_adapter::{CommonConfig, L2AdapterConfig, registry};

use l2_adapter_agreement::Agreement;

use crate::{
    shown::{agreement, in_each_version},
    torture::TortureL2AdapterConfig,
};

/// The documents of a type that uses every attribute. A debug build takes about twenty times as long for each.
const DOCUMENTS: u64 = if cfg!(debug_assertions) { 5_000 } else { 200_000 };

/// The documents of any other type: as many as `assert_schema_agrees` tests. Its kinds and rules are among those of the types
/// above, and `mistakes` tests each rule of each key.
const DOCUMENTS_OF_PLAIN_TYPES: u64 = DOCUMENTS / 10;

/// Keeps chunks in two places, whose sizes have different bounds.
#[derive(Debug, PartialEq, L2AdapterConfig)]
#[config(type = "bounded-default")]
struct BoundedDefaultL2AdapterConfig {
    /// The size of the first.
    #[config(default = 4, max = 9)]
    first: u8,
    /// The size of the second, which may be too small for what the first has.
    #[config(default_from = first, max = 5)]
    second: u8,
    /// The keys that every adapter shares.
    common: CommonConfig,
}

/// The error of a type, if it has one.
fn objection(type_name: &str) -> Option<String> {
    let agreement = agreement(type_name, None);
    let documents = if type_name.starts_with("torture") { DOCUMENTS } else { DOCUMENTS_OF_PLAIN_TYPES };
    match agreement.documents(documents).run() {
        Err(disagreement) => Some(disagreement.to_string()),
        Ok(report) if report.refused <= documents / 10 => {
            Some(format!("{type_name}: hardly any document is invalid: {report:?}"))
        }
        Ok(_) => None,
    }
}

#[test]
fn every_registered_type_agrees() {
    let names = Mutex::new(registry::get_registered_l2_adapter_types().unwrap());
    let errors = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some(name) = names.lock().unwrap().pop() else { break };
                    let found = objection(name);
                    errors.lock().unwrap().extend(found);
                }
            });
        }
    });
    let errors = errors.into_inner().unwrap();
    assert!(errors.is_empty(), "{}", errors.join("\n\n"));
}

#[test]
fn specs_of_any_type_agree() {
    if let Err(disagreement) = Agreement::of_specs().documents(DOCUMENTS).run() {
        panic!("{disagreement}");
    }
}

#[test]
fn types_that_differ_by_version_agree_in_each_of_them() {
    for (name, peer) in in_each_version() {
        if let Err(disagreement) = agreement(name, Some(peer)).documents(DOCUMENTS_OF_PLAIN_TYPES).run() {
            panic!("{peer}: {disagreement}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    // So many that the four counts of two runs are not equal by chance, as those of 300 documents once were.
    let run = |seed| Agreement::of::<TortureL2AdapterConfig>().documents(3_000).seed(seed).run().unwrap();
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
