//! Random documents: valid ones, mutants of valid ones, and any JSON.

use l2_adapter::{
    L2AdapterConfig,
    adapters::{
        fs_l2_adapter::FsL2AdapterConfig, mock_l2_adapter::MockL2AdapterConfig, pd_l2_adapter::PdL2AdapterConfig,
    },
    agreement::{Agreement, Report, assert_schema_agrees},
    registry,
};

use crate::torture::{TortureBaseL2AdapterConfig, TortureL2AdapterConfig, TortureOpenL2AdapterConfig};

/// A debug build takes some twenty times as long for a document.
const DOCUMENTS: u64 = if cfg!(debug_assertions) { 5_000 } else { 200_000 };

/// The types that have a test of their own below.
const TRIED: &[&str] = &["fs", "mock", "pd", "torture", "torture-base", "torture-open"];

#[track_caller]
fn agrees(agreement: Agreement) -> Report {
    match agreement.documents(DOCUMENTS).run() {
        Ok(report) => report,
        Err(disagreement) => panic!("{disagreement}"),
    }
}

fn type_agrees<T: L2AdapterConfig>() {
    let report = agrees(Agreement::of::<T>());
    assert_eq!(report.accepted + report.beyond_schema + report.refused, DOCUMENTS);
    assert!(report.refused > DOCUMENTS / 10, "hardly any document is invalid: {report:?}");
}

#[test]
fn every_registered_type_is_tried() {
    assert_eq!(registry::get_registered_l2_adapter_types().unwrap(), TRIED);
}

#[test]
fn fs_agrees() {
    type_agrees::<FsL2AdapterConfig>();
}

#[test]
fn mock_agrees() {
    type_agrees::<MockL2AdapterConfig>();
}

#[test]
fn pd_agrees() {
    type_agrees::<PdL2AdapterConfig>();
}

#[test]
fn torture_agrees() {
    type_agrees::<TortureL2AdapterConfig>();
}

#[test]
fn torture_base_agrees() {
    type_agrees::<TortureBaseL2AdapterConfig>();
}

#[test]
fn torture_open_agrees() {
    type_agrees::<TortureOpenL2AdapterConfig>();
}

#[test]
fn specs_of_any_type_agree() {
    agrees(Agreement::of_specs());
}

#[test]
fn one_line_is_enough_for_a_users_type() {
    assert_schema_agrees::<MockL2AdapterConfig>();
}

#[test]
fn one_seed_gives_one_run() {
    // So many that the four counts of two runs are not the same by chance, as those of 300 documents were once.
    let run = |seed| Agreement::of::<TortureL2AdapterConfig>().documents(3_000).seed(seed).run().unwrap();
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
