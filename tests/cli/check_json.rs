//! The report of `check` for programs: `--format json`.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::program::{example_spec, l2_adapter};

const FS: &str = r#"{"type": "fs", "base_path": "/cache"}"#;

fn records(input: &str) -> Vec<Value> {
    l2_adapter(&["check", "--format", "json"]).input(input).run().records()
}

#[test]
fn each_document_has_one_line_with_every_fault() {
    let program = l2_adapter(&["check", "--format", "json", "broken.json"]);
    assert_snapshot!(program.file("broken.json", example_spec("broken.json")).run());
}

#[test]
fn a_valid_document_has_its_value_with_defaults() {
    let value = json!({
        "type": "fs", "base_path": "/cache", "use_odirect": false,
        "persist_enabled": true, "shared": false,
    });
    let expected = json!({
        "source": "<stdin>", "index": 0, "type": "fs", "ok": true, "errors": [], "warnings": [], "value": value,
    });
    assert_eq!(records(FS), [expected]);
}

#[test]
fn checking_the_value_gives_the_same_value() {
    let value = records(FS)[0]["value"].clone();
    assert_eq!(records(&value.to_string())[0]["value"], value);
}

#[test]
fn a_record_that_is_checked_is_said_to_be_one_and_its_value_is_a_spec() {
    let spec = r#"{"type": "resp", "host": "h", "port": 6379, "password": "hunter2"}"#;
    let record = l2_adapter(&["check", "--format", "json"]).input(spec).run().out;
    let ended = l2_adapter(&["check"]).input(&record).run();
    assert!(ended.out.contains("this is a record of `check --format json`; the spec is its `value`"), "{ended}");
    assert_eq!(ended.out.matches("error[").count(), 1, "{ended}");
    let value = serde_json::from_str::<Value>(&record).unwrap()["value"].to_string();
    let ended = l2_adapter(&["check"]).input(&value).run();
    let said = "warning[unexpanded]: /password: `password` is \"[redacted]\", which reports show in place of a secret";
    assert!(ended.code == Some(0) && ended.out.contains(said), "{ended}");
}

#[test]
fn warnings_have_a_place_too() {
    let record = &records(r#"{"type": "fs", "base_path": "/cache", "read_ahead_size": 4096.0}"#)[0];
    assert_eq!(record["ok"], true);
    let warning = &record["warnings"][0];
    assert_eq!(
        (&warning["code"], &warning["line"], &warning["column"]),
        (&json!("integral_float"), &json!(1), &json!(58))
    );
    assert_eq!(warning["pointer"], "/read_ahead_size");
}

#[test]
fn indices_continue_over_all_inputs() {
    let lines = format!("{FS}\n{FS}\n");
    let ended = l2_adapter(&["check", "--format", "json", "a.jsonl", "nonesuch", "b.jsonl", "--l2-adapter", FS])
        .file("a.jsonl", &lines)
        .file("b.jsonl", &lines)
        .run();
    let places: Vec<_> =
        ended.records().iter().map(|record| format!("{} {}", record["index"], record["source"])).collect();
    let expected = [r#"0 "a.jsonl""#, r#"1 "a.jsonl""#, r#"2 "b.jsonl""#, r#"3 "b.jsonl""#, r##"4 "--l2-adapter #1""##];
    assert_eq!(places, expected);
    assert_eq!(ended.code, Some(2), "one file is missing");
}

#[test]
fn a_broken_line_is_a_document_with_a_syntax_fault() {
    let ended = l2_adapter(&["check", "--format", "json"]).input(format!("{FS}\n{{\"type\": }}\n{FS}\n")).run();
    let records = ended.records();
    let verdicts: Vec<_> = records.iter().map(|record| record["ok"].clone()).collect();
    assert_eq!(verdicts, [true, false, true]);
    let broken = json!({
        "source": "<stdin>", "index": 1, "type": null, "ok": false, "warnings": [], "value": null,
        "errors": [{
            "pointer": "", "code": "syntax", "message": "the text is not JSON: there is no value after a `:`",
            "expected": null, "got": null, "suggestion": null, "line": 2, "column": 10,
        }],
    });
    assert_eq!(records[1], broken);
    assert_eq!(ended.code, Some(2));
}

#[test]
fn every_record_has_all_keys_in_one_order() {
    let order = ["\"source\":", "\"index\":", "\"type\":", "\"ok\":", "\"errors\":", "\"warnings\":", "\"value\":"];
    let input = format!("{FS}\n{{}}\nnonsense\n");
    let ended = l2_adapter(&["check", "--format", "json"]).input(input).run();
    assert_eq!(ended.out.lines().count(), 3);
    for line in ended.out.lines() {
        let places: Vec<_> = order.iter().map(|key| line.find(key)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{line}");
    }
}

#[test]
fn a_repeated_key_does_not_hide_the_type() {
    assert_eq!(records(r#"{"type": "fs", "base_path": "/a", "base_path": "/b"}"#)[0]["type"], "fs");
}

#[test]
fn the_summary_is_not_on_standard_output() {
    let ended = l2_adapter(&["check", "--format", "json"]).input(FS).run();
    assert_eq!(ended.err, "checked 1 document: 1 valid\n");
    assert_eq!(l2_adapter(&["check", "--format", "json", "--quiet"]).input(FS).run().err, "");
}
