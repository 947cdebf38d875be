//! The `--l2-adapter` argument of a server: order, files, and every fault of every spec at once.

use std::fs;

use l2_adapter::{
    FaultCode,
    adapters::pd_l2_adapter::PdL2AdapterConfig,
    config::{L2AdapterArgs, L2AdapterArgsError, Problem, parse_l2_adapters},
};

const PD: &str =
    r#"{"type": "pd", "role": "sender", "peer_host": "10.0.0.1", "peer_init_port": [9051], "peer_alloc_port": [9052]}"#;
const FS: &str = r#"{"type": "fs", "base_path": "/cache"}"#;

/// The faults of each problem: the argument's number, its type, pointers and codes.
fn problems(error: L2AdapterArgsError) -> Vec<(usize, Option<&'static str>, Vec<(String, FaultCode)>)> {
    let L2AdapterArgsError::Specs { problems, .. } = error else { panic!("{error}") };
    problems
        .into_iter()
        .map(|problem| match problem.problem {
            Problem::Config(error) => {
                let faults = error.faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect();
                (problem.number, error.adapter_type, faults)
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn specs_are_parsed_in_the_order_they_are_given() {
    let specs = parse_l2_adapters([FS, PD, FS]).unwrap();
    let types: Vec<_> = specs.iter().map(|parsed| parsed.value.type_name()).collect();
    assert_eq!(types, ["fs", "pd", "fs"]);
}

#[test]
fn a_spec_gives_back_the_config_of_its_type() {
    let specs = parse_l2_adapters([PD]).unwrap();
    let config = specs[0].value.downcast_ref::<PdL2AdapterConfig>().unwrap();
    assert_eq!(config.peer_host, "10.0.0.1");
}

#[test]
fn an_argument_may_hold_an_array_of_specs() {
    let specs = parse_l2_adapters([format!("[{PD}, {FS}]")]).unwrap();
    assert_eq!(specs.len(), 2);
}

#[test]
fn no_argument_is_no_adapter_and_no_fault() {
    assert!(parse_l2_adapters::<&str>([]).unwrap().is_empty());
}

#[test]
fn every_fault_of_every_spec_is_reported_at_once() {
    let found = problems(
        parse_l2_adapters([r#"{"type": "fs", "use_odirect": 1}"#, PD, r#"{"type": "pdd"}"#, "{"]).unwrap_err(),
    );
    assert_eq!(
        found,
        [
            (
                1,
                Some("fs"),
                vec![("/base_path".into(), FaultCode::Missing), ("/use_odirect".into(), FaultCode::WrongType)]
            ),
            (3, None, vec![("/type".into(), FaultCode::UnknownType)]),
            (4, None, vec![(String::new(), FaultCode::Syntax)]),
        ]
    );
}

#[test]
fn a_spec_needs_a_type() {
    let found = problems(parse_l2_adapters([r#"{"base_path": "/cache"}"#]).unwrap_err());
    assert_eq!(found, [(1, None, vec![("/type".into(), FaultCode::Missing)])]);
}

#[test]
fn a_repeated_key_is_a_fault() {
    let found = problems(parse_l2_adapters([r#"{"type": "fs", "base_path": "/a", "base_path": "/b"}"#]).unwrap_err());
    assert_eq!(found[0].2, [("/base_path".into(), FaultCode::RepeatedKey)]);
}

#[test]
fn an_argument_without_a_document_is_a_fault() {
    for empty in ["", "  ", "[]"] {
        let found = problems(parse_l2_adapters([empty]).unwrap_err());
        assert_eq!(found, [(1, None, vec![(String::new(), FaultCode::Syntax)])], "{empty:?}");
    }
}

#[test]
fn each_fault_is_a_line_with_the_argument_and_the_help_of_each_type_follows_once() {
    let broken = r#"{"type": "fs", "use_odirect": 1}"#;
    let text = parse_l2_adapters([broken, broken]).unwrap_err().to_string();
    let faults: Vec<_> = text.lines().take_while(|line| !line.is_empty()).collect();
    assert_eq!(
        faults,
        [
            "--l2-adapter #1 (fs): /base_path: `base_path` is required",
            "--l2-adapter #1 (fs): /use_odirect: `use_odirect` must be true or false, got 1",
            "--l2-adapter #2 (fs): /base_path: `base_path` is required",
            "--l2-adapter #2 (fs): /use_odirect: `use_odirect` must be true or false, got 1",
        ]
    );
    assert_eq!(text.matches("Keeps KV chunks as files in a directory.").count(), 1, "{text}");
}

#[test]
fn a_file_is_read_and_a_missing_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fs.json");
    fs::write(&file, FS).unwrap();
    let args = |path: &std::path::Path| L2AdapterArgs { l2_adapter: vec![format!("@{}", path.display())] };
    assert_eq!(args(&file).parse().unwrap()[0].value.type_name(), "fs");

    let missing = folder.path().join("missing.json");
    let error = args(&missing).parse().unwrap_err().to_string();
    assert!(error.starts_with(&format!("--l2-adapter #1: cannot read {}: ", missing.display())), "{error}");
}
