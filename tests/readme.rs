//! The README shows what really is: its code is the example's, its output is what the example and the command print.

#[allow(dead_code, unreachable_pub, reason = "an example of its own: its main is not run here")]
#[path = "../examples/new_adapter.rs"]
mod new_adapter;

use l2_adapter::{L2AdapterConfig, config::parse_l2_adapters};
use new_adapter::ScratchL2AdapterConfig;

const README: &str = include_str!("../README.md");

/// The fenced blocks of the README in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    README.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn the_struct_is_the_examples() {
    let example = include_str!("../examples/new_adapter.rs");
    for block in blocks("rust") {
        assert!(example.contains(block), "not in examples/new_adapter.rs:\n{block}");
    }
}

#[test]
fn the_help_is_what_is_printed() {
    let help = ScratchL2AdapterConfig::help();
    assert!(help.starts_with(blocks("text")[0]), "{help}");
}

#[test]
fn the_faults_are_what_a_server_prints() {
    let spec = r#"{"type": "scratch", "pth": "/scratch/kv", "num_workers": 0}"#;
    assert!(README.contains(spec));
    let printed = parse_l2_adapters([spec]).unwrap_err().to_string();
    assert!(printed.starts_with(blocks("text")[1]), "{printed}");
}

#[test]
fn the_schema_of_a_key_is_the_exported_one() {
    let schema = ScratchL2AdapterConfig::json_schema().to_value();
    let shown: serde_json::Value = serde_json::from_str(blocks("json")[0]).unwrap();
    assert_eq!(schema["properties"]["num_workers"], shown);
}

#[cfg(feature = "cli")]
#[test]
fn the_report_of_the_broken_spec_is_what_check_prints() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_l2-adapter"))
        .args(["check", "examples/specs/broken.json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), blocks("console")[1]);
}
