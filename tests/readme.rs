//! The code and output in the README and the pages that it links to are those of the example and the command.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

#[allow(dead_code, unreachable_pub, reason = "an example, whose main is not run here")]
#[path = "../examples/new_adapter.rs"]
mod new_adapter;

use std::{fs, path::Path};

use l2_adapter::{L2AdapterConfig, specs::L2AdapterArgs};
use new_adapter::ScratchL2AdapterConfig;

const README: &str = include_str!("../README.md");
const ATTRIBUTES: &str = include_str!("../docs/attributes.md");
const CHECK: &str = include_str!("../docs/check.md");
const PD: &str = include_str!("../docs/pd.md");

/// The fenced blocks of a page in this language.
fn blocks(page: &'static str, language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    page.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn the_readme_is_a_first_screen_and_not_a_manual() {
    assert!(README.lines().count() <= 130, "move what is more to docs/: {} lines", README.lines().count());
}

#[test]
fn the_struct_is_that_of_the_example() {
    let example = include_str!("../examples/new_adapter.rs");
    for block in blocks(README, "rust") {
        assert!(example.contains(block), "not in examples/new_adapter.rs:\n{block}");
    }
}

/// A page that rustdoc renders is also read as plain Markdown, in which hidden lines are visible and paths are not links.
#[test]
fn the_reference_of_attributes_needs_no_rustdoc() {
    let examples = blocks(ATTRIBUTES, "rust");
    assert_eq!(ATTRIBUTES.matches("```").count(), 2 * examples.len(), "every block is `rust`");
    let hidden: Vec<_> =
        examples.iter().flat_map(|block| block.lines()).filter(|line| line.starts_with("# ")).collect();
    assert!(hidden.is_empty(), "{hidden:?}");
    assert!(!ATTRIBUTES.contains("](crate::"));
}

#[test]
fn the_help_is_the_printed_one() {
    let help = ScratchL2AdapterConfig::help();
    assert!(help.starts_with(blocks(README, "text")[1]), "{help}");
}

#[test]
fn the_faults_are_those_that_a_server_prints() {
    let spec = r#"{"type": "scratch", "pth": "/scratch/kv", "num_workers": 0}"#;
    assert!(README.contains(spec));
    let printed = L2AdapterArgs::from_iter([spec]).parse().unwrap_err().to_string();
    assert_eq!(printed, blocks(README, "text")[2].trim_end());
}

#[test]
fn the_schema_of_a_key_is_the_exported_one() {
    let schema = ScratchL2AdapterConfig::json_schema().to_value();
    let shown: serde_json::Value = serde_json::from_str(blocks(README, "json")[0]).unwrap();
    assert_eq!(schema["properties"]["num_workers"], shown);
}

#[cfg(feature = "cli")]
#[test]
fn the_report_of_the_broken_spec_is_the_output_of_check() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_l2-adapter"))
        .args(["check", "examples/specs/broken.json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), blocks(CHECK, "text")[0]);
}

/// The lines without numbers, with one row for all rows of a table. The keys of a spec are sorted, because serde_json's order
/// depends on its features.
#[cfg(all(feature = "cli", feature = "pd", target_os = "linux"))]
fn shape(text: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().map(without_numbers).collect::<Vec<_>>().join(" ");
    let line = |line: &str| match line.split_once('{') {
        Some((node, spec)) => {
            let spec: std::collections::BTreeMap<String, serde_json::Value> =
                serde_json::from_str(&format!("{{{spec}")).unwrap();
            words(&format!("{node}{spec:?}"))
        }
        None => words(line),
    };
    let mut lines: Vec<_> = text.lines().map(line).collect();
    lines.dedup();
    lines
}

#[cfg(all(feature = "cli", feature = "pd", target_os = "linux"))]
fn without_numbers(word: &str) -> String {
    let marked = word.replace(|character: char| character.is_ascii_digit() || character == '.', "#");
    marked.split('#').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("#")
}

#[cfg(all(feature = "cli", feature = "pd", target_os = "linux"))]
#[test]
fn the_demo_prints_the_shown_output_with_other_numbers() {
    // The page has larger chunks, which are slow in a build for tests.
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_l2-adapter"))
        .args(["demo", "--chunk-bytes", "4096"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(shape(&printed), shape(blocks(PD, "text")[0]));
    // The numbers of slots are the same: every slot is free again.
    let slots = |text: &str| text.split_once("receiver's slots").map(|(_, slots)| slots.to_owned()).unwrap();
    assert_eq!(slots(&printed), slots(blocks(PD, "text")[0]));
}

#[test]
fn every_test_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = sources(&root.join("src")) + &sources(&root.join("tests"));
    let (_, section) = PD.split_once("## Compared with LMCache's PD backend\n").unwrap();
    let rows = section.split("\n## ").next().unwrap().lines().filter(|line| line.ends_with("` |"));
    let tests: Vec<_> = rows.map(|row| row.rsplit('`').nth(1).unwrap()).collect();
    assert!(tests.len() > 10, "{tests:?}");
    let missing: Vec<_> = tests.iter().filter(|test| !code.contains(&format!("fn {test}("))).collect();
    assert!(missing.is_empty(), "there are no tests of these names: {missing:#?}");
}

/// All Rust files below a folder.
fn sources(folder: &Path) -> String {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let contents = paths.map(|path| match path.extension() {
        _ if path.is_dir() => sources(&path),
        Some(extension) if extension == "rs" => fs::read_to_string(path).unwrap(),
        _ => String::new(),
    });
    contents.collect()
}
