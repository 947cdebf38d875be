//! `check` reports on every sequence of bytes, and its reports always have the documented form.

use l2_adapter::cli::{Exit, Streams, run};
use proptest::prelude::*;
use serde_json::Value;

fn check(format: &str, input: &[u8]) -> (Exit, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut input = input;
    let streams = Streams { input: &mut input, input_is_terminal: false, out: &mut out, err: &mut err };
    let exit = run(["l2-adapter", "check", "--format", format].map(Into::into), streams);
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// Pieces of specs in random order.
fn inputs() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        "\r\n",
        " ",
        "\"",
        "\\",
        "\\ud800",
        "\u{feff}",
        "é",
        "null",
        "1.0",
        "-1",
        "1e400",
        "\"type\":\"pd\"",
        "\"type\":\"fs\",\"base_path\":\"/\"",
        "{\"type\":\"fs\",\"base_path\":\"/\"}",
        "\"eviction\":{}",
        "\"peer_init_port\":[1,1.5]",
        "\"type\":",
        "\"a/b~\":1",
    ];
    let piece = prop_oneof![
        20 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_input_gives_complete_records_and_the_matching_exit_code(input in inputs()) {
        let (exit, out, _) = check("json", &input);
        let records: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let has_code = |record: &Value, code: &str| {
            record["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| error["code"] == code))
        };
        for (index, record) in records.iter().enumerate() {
            prop_assert_eq!(&record["index"], index);
            prop_assert_eq!(record["ok"] == true, record["errors"].as_array().is_some_and(Vec::is_empty));
            prop_assert_eq!(record["ok"] == true, record["value"].is_object());
        }
        let expected = if records.is_empty() || records.iter().any(|record| has_code(record, "syntax")) {
            Exit::Unusable
        } else if records.iter().any(|record| record["ok"] == false) {
            Exit::Refused
        } else {
            Exit::Success
        };
        prop_assert_eq!(exit, expected);
    }

    #[test]
    fn both_formats_report_the_same_places(input in inputs()) {
        let (json_exit, json, json_summary) = check("json", &input);
        let (human_exit, human, human_summary) = check("human", &input);
        prop_assert_eq!((json_exit, json_summary), (human_exit, human_summary));
        let mut places = Vec::new();
        for record in json.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
            for fault in ["errors", "warnings"].iter().filter_map(|list| record[list].as_array()).flatten() {
                places.push(format!("<stdin>:{}:{}:", fault["line"], fault["column"]));
            }
        }
        let heads: Vec<_> = human.lines().filter(|line| !line.starts_with("  ")).collect();
        prop_assert_eq!(heads.len(), places.len(), "{}", human);
        for (line, place) in heads.iter().zip(&places) {
            prop_assert!(line.contains(place.as_str()), "{} lacks {}", line, place);
        }
        let bytes_of_lines = input.split(|byte| *byte == b'\n').count();
        for place in places {
            let line: usize = place.split(':').nth(1).unwrap().parse().unwrap();
            prop_assert!((1..=bytes_of_lines).contains(&line), "{place}");
        }
    }
}
