//! The comparison detects errors: each test changes one answer of LMCache, or the contract, and expects a disagreement.

use std::collections::BTreeMap;

use crate::{
    answers::{Answer, Attributes, Stored, WHOLE},
    contract::Contract,
    recording_of, table_of,
    verdict::{Outcome, Recording, compare},
};

const FS: &str = r#"{"type":"fs","base_path":"/var/cache/lmcache"}"#;

/// LMCache's recorded answers, and the attributes of an accepted document.
fn answered(document: &str) -> (Recording, Attributes) {
    let name = serde_json::from_str::<serde_json::Value>(document).unwrap()["type"].as_str().unwrap().to_owned();
    let recording = recording_of(WHOLE, &name);
    match &recording.answers[document] {
        Answer::Accepted(attributes) => (recording.clone(), attributes.clone()),
        Answer::Refused(message) => panic!("LMCache refuses {document}: {message}"),
    }
}

/// The result for a document of a type if this is LMCache's only answer.
fn result_for(adapter: &str, document: &str, answer: Answer) -> Result<Outcome, String> {
    let recording = Recording { version: WHOLE, answers: BTreeMap::from([(document.to_owned(), answer)]) };
    compare(table_of(adapter).unwrap(), Contract::of(adapter).unwrap(), document, &recording)
}

fn refused() -> Answer {
    Answer::Refused("ValueError: no".to_owned())
}

/// The attributes of the smallest spec of `fs`, with one changed.
fn fs_with(attribute: &str, stored: Stored) -> Attributes {
    let (_, mut attributes) = answered(FS);
    attributes.insert(attribute.to_owned(), stored);
    attributes
}

#[track_caller]
fn assert_disagreement(result: Result<Outcome, String>, part: &str) {
    let disagreement = result.expect_err("the comparison accepts it");
    assert!(disagreement.contains(part), "another disagreement: {disagreement}");
}

#[test]
fn an_unchanged_answer_is_not_a_disagreement() {
    let (_, attributes) = answered(FS);
    assert_eq!(result_for("fs", FS, Answer::Accepted(attributes)), Ok(Outcome::Same));
}

#[test]
fn a_document_that_only_we_accept_is_detected() {
    assert_disagreement(result_for("fs", FS, refused()), "we accept it, LMCache refuses it");
}

#[test]
fn only_machine_dependent_documents_may_be_accepted_by_us_alone() {
    let result = |paths: &str| {
        let document = format!(r#"{{"type":"hf3fs","mount_point":"/mnt/3fs","base_paths":"{paths}"}}"#);
        result_for("hf3fs", &document, refused())
    };
    assert_eq!(result("/mnt/3fs/../elsewhere"), Ok(Outcome::MachineDependent));
    assert_disagreement(result("/mnt/3fs/kv"), "we accept it, LMCache refuses it");
}

#[test]
fn a_value_with_another_meaning_is_detected() {
    let others = [Stored::Text("/elsewhere".to_owned()), Stored::None, Stored::List(Vec::new())];
    for other in others {
        let attributes = fs_with("base_path", other);
        assert_disagreement(result_for("fs", FS, Answer::Accepted(attributes)), "`base_path` is");
    }
}

#[test]
fn true_does_not_mean_one() {
    let document = r#"{"type":"fs","base_path":"/var/cache/lmcache","read_ahead_size":1}"#;
    let (_, mut attributes) = answered(document);
    attributes.insert("read_ahead_size".to_owned(), Stored::Bool(true));
    assert_disagreement(result_for("fs", document, Answer::Accepted(attributes)), "`read_ahead_size` is 1 to us");
}

#[test]
fn a_different_default_is_detected() {
    let attributes = fs_with("use_odirect", Stored::Bool(true));
    assert_disagreement(result_for("fs", FS, Answer::Accepted(attributes)), "`use_odirect` is false to us");
}

#[test]
fn an_attribute_without_a_key_of_ours_is_detected() {
    let attributes = fs_with("compression", Stored::None);
    assert_disagreement(result_for("fs", FS, Answer::Accepted(attributes)), "LMCache stores `compression`");
}

#[test]
fn a_key_that_lmcache_does_not_store_is_detected() {
    let (_, mut attributes) = answered(FS);
    attributes.remove("relative_tmp_dir");
    assert_disagreement(result_for("fs", FS, Answer::Accepted(attributes)), "no such attribute");
}

#[test]
fn a_conversion_outside_the_contract_is_detected() {
    let document = crate::answers::answers_of(WHOLE, "bigtable").unwrap().remove(0).0;
    let nothing_agreed = Contract { adapter: "bigtable", storage: &[], listed: &[], machine_dependent: None };
    let result = compare(table_of("bigtable").unwrap(), &nothing_agreed, &document, &recording_of(WHOLE, "bigtable"));
    assert_disagreement(result, "LMCache stores no such attribute");
}

#[test]
fn an_integral_float_needs_an_integer_that_lmcache_accepts() {
    let float = r#"{"type":"fs","base_path":"/var/cache/lmcache","read_ahead_size":65536.0}"#;
    let integer = r#"{"type":"fs","base_path":"/var/cache/lmcache","read_ahead_size":65536}"#;
    let (mut recording, _) = answered(integer);
    let result =
        |recording: &Recording| compare(table_of("fs").unwrap(), Contract::of("fs").unwrap(), float, recording);
    assert_eq!(result(&recording), Ok(Outcome::IntegralFloat));
    recording.answers.insert(integer.to_owned(), refused());
    assert_disagreement(result(&recording), "we accept it");
    recording.answers.remove(integer);
    assert_disagreement(result(&recording), "we accept it");
}

#[test]
fn a_fault_without_a_reason_is_detected() {
    let document = r#"{"type":"nixl_native","backend":"posix"}"#;
    let (_, mut attributes) = answered(r#"{"type":"nixl_native","backend":"POSIX"}"#);
    attributes.insert("backend".to_owned(), Stored::Text("posix".to_owned()));
    assert_disagreement(result_for("nixl_native", document, Answer::Accepted(attributes)), "[pattern]");
}

#[test]
fn an_unlisted_range_is_detected() {
    let document = r#"{"type":"fs","base_path":"/var/cache/lmcache","read_ahead_size":0}"#;
    let attributes = fs_with("read_ahead_size", Stored::Integer(0));
    assert_disagreement(result_for("fs", document, Answer::Accepted(attributes)), "[out_of_range]");
}

#[test]
fn an_unknown_key_that_lmcache_stores_is_detected() {
    let document = r#"{"type":"fs","base_path":"/var/cache/lmcache","compression":"lz4"}"#;
    let attributes = fs_with("compression", Stored::Text("lz4".to_owned()));
    assert_disagreement(result_for("fs", document, Answer::Accepted(attributes)), "[unknown_key]");
}

#[test]
fn an_unknown_key_with_an_effect_is_detected() {
    let document = r#"{"type":"fs","base_path":"/var/cache/lmcache","direct":true}"#;
    let attributes = fs_with("use_odirect", Stored::Bool(true));
    assert_disagreement(result_for("fs", document, Answer::Accepted(attributes)), "but without them `use_odirect` is");
}

#[test]
fn a_wrong_type_that_lmcache_does_not_store_is_detected() {
    let document = r#"{"type":"fs","base_path":["/a"]}"#;
    let (_, mut attributes) = answered(FS);
    attributes.remove("base_path");
    assert_disagreement(result_for("fs", document, Answer::Accepted(attributes)), "LMCache stores nothing of it");
}

#[test]
fn a_number_that_lmcache_stores_unchanged_is_not_coerced() {
    let document = r#"{"type":"fs","base_path":"/var/cache/lmcache","read_ahead_size":1.5}"#;
    let attributes = fs_with("read_ahead_size", Stored::Float(1.5));
    assert_disagreement(result_for("fs", document, Answer::Accepted(attributes)), "not converted");
}

#[test]
fn invalid_text_that_python_refuses_too_is_not_excused() {
    let document = r#"{"type":"fs","base_path":"/var/cache/lmcache",}"#;
    let (_, attributes) = answered(FS);
    assert_disagreement(result_for("fs", document, Answer::Accepted(attributes)), "[syntax]");
}

#[test]
fn lmcache_must_use_the_last_of_repeated_keys() {
    let document = r#"{"type":"fs","base_path":"/a","base_path":"/b"}"#;
    let attributes = fs_with("base_path", Stored::Text("/a".to_owned()));
    assert_disagreement(result_for("fs", document, Answer::Accepted(attributes)), "but without them `base_path` is");
}

#[test]
fn a_stored_key_of_another_version_is_detected() {
    let document = r#"{"type":"fs_native","base_path":"/a","num_read_workers":8}"#;
    let (_, mut attributes) = answered(r#"{"type":"fs_native","base_path":"/var/cache/lmcache"}"#);
    attributes.insert("num_read_workers".to_owned(), Stored::Integer(8));
    assert_disagreement(result_for("fs_native", document, Answer::Accepted(attributes)), "[other_version]");
}
