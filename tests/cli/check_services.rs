//! The reports of `check` for services that show findings at their place: `--format github` and `--format sarif`.

use serde_json::{Value, json};

use crate::program::{Program, l2_adapter};

/// A file with two faults, and a valid one with a warning.
fn check(format: &str, options: &[&str]) -> Program {
    let invalid = "{\"type\": \"fs\", \"base_path\": 1,\n \"zeta\": \"50%\"}";
    let warned = r#"{"type": "fs", "base_path": "/cache", "read_ahead_size": 4096.0}"#;
    l2_adapter(&[&["check", "--format", format, "deploy/a b.json", "deploy/b.json"], options].concat())
        .folder_within("deploy")
        .file("deploy/a b.json", invalid)
        .file("deploy/b.json", warned)
}

#[test]
fn github_gets_an_annotation_for_each_finding() {
    let ended = check("github", &[]).run();
    let expected = "\
::error file=deploy/a b.json,line=1,col=29,title=wrong_type::/base_path: `base_path` must be a string, got 1; did you mean `\"1\"`?
::error file=deploy/a b.json,line=2,col=2,title=unknown_key::/zeta: `zeta` is not a key of `fs`
";
    let (faults, warning) = ended.out.split_at(expected.len());
    assert_eq!((faults, ended.code), (expected, Some(1)), "{ended}");
    assert!(warning.starts_with("::warning file=deploy/b.json,line=1,col=58,title=integral_float::"), "{ended}");
    assert_eq!(warning.lines().count(), 1, "{ended}");
    assert_eq!(check("github", &["--quiet"]).run().out, expected);
}

/// The part of the schema of SARIF 2.1.0 for the objects that are written here: each key, its type, and which keys are required.
fn sarif_schema() -> Value {
    let object = |required: &[&str], properties: Value| json!({"type": "object", "required": required, "additionalProperties": false, "properties": properties});
    let text = object(&["text"], json!({"text": {"type": "string"}}));
    let place = object(
        &[],
        json!({
            "artifactLocation": object(&[], json!({"uri": {"type": "string", "format": "uri-reference"}})),
            "region": object(&[], json!({
                "startLine": {"type": "integer", "minimum": 1}, "startColumn": {"type": "integer", "minimum": 1},
            })),
        }),
    );
    let result = object(
        &["message"],
        json!({
            "ruleId": {"type": "string"}, "level": {"enum": ["none", "note", "warning", "error"]}, "message": text,
            "locations": {"type": "array", "items": object(&[], json!({"physicalLocation": place}))},
        }),
    );
    let rule = object(&["id"], json!({"id": {"type": "string"}, "shortDescription": text}));
    let driver = object(
        &["name"],
        json!({
            "name": {"type": "string"}, "version": {"type": "string"},
            "rules": {"type": "array", "uniqueItems": true, "items": rule},
        }),
    );
    let invocation = object(&["executionSuccessful"], json!({"executionSuccessful": {"type": "boolean"}}));
    let run = object(
        &["tool"],
        json!({
            "tool": object(&["driver"], json!({"driver": driver})),
            "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            "results": {"type": "array", "items": result},
            "invocations": {"type": "array", "items": invocation},
        }),
    );
    object(
        &["version", "runs"],
        json!({"$schema": {"type": "string"}, "version": {"enum": ["2.1.0"]}, "runs": {"type": "array", "items": run}}),
    )
}

/// The only run of a valid document.
fn sarif(ended: &crate::program::Ended) -> Value {
    let document: Value = serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {ended}"));
    let schema = jsonschema::validator_for(&sarif_schema()).unwrap();
    let faults: Vec<_> = schema.iter_errors(&document).map(|fault| fault.to_string()).collect();
    assert_eq!(faults, Vec::<String>::new(), "{document}");
    document["runs"][0].clone()
}

#[test]
fn sarif_is_one_document_with_a_result_for_each_finding() {
    let run = sarif(&check("sarif", &[]).run());
    let shown = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        json!([
            result["level"],
            result["ruleId"],
            place["artifactLocation"]["uri"],
            place["region"]["startLine"],
            place["region"]["startColumn"],
        ])
    };
    let results: Vec<_> = run["results"].as_array().unwrap().iter().map(shown).collect();
    let expected = [
        json!(["error", "wrong_type", "deploy/a%20b.json", 1, 29]),
        json!(["error", "unknown_key", "deploy/a%20b.json", 2, 2]),
        json!(["warning", "integral_float", "deploy/b.json", 1, 58]),
    ];
    assert_eq!(results, expected);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["integral_float", "unknown_key", "wrong_type"]);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn sarif_is_complete_without_results_and_with_a_missing_input() {
    let valid = l2_adapter(&["check", "--format", "sarif"]).input(r#"{"type": "fs", "base_path": "/"}"#).run();
    assert_eq!(sarif(&valid)["results"], json!([]));
    let missing = l2_adapter(&["check", "--format", "sarif", "nonesuch.json"]).run();
    assert_eq!((missing.code, &sarif(&missing)["invocations"][0]["executionSuccessful"]), (Some(2), &json!(false)));
}

#[test]
fn a_finding_outside_files_has_its_place_in_the_message() {
    let arguments = ["check", "--l2-adapter", r#"{"type": "fs"}"#, "--format"];
    let run = sarif(&l2_adapter(&[&arguments[..], &["sarif"]].concat()).run());
    let text = run["results"][0]["message"]["text"].as_str().unwrap();
    assert!(text.starts_with("--l2-adapter #1:1:1: /base_path: "), "{text}");
    assert_eq!(run["results"][0]["locations"], json!([]));
    let annotation = l2_adapter(&[&arguments[..], &["github"]].concat()).run().out;
    assert!(annotation.starts_with("::error title=missing::--l2-adapter #1:1:1: /base_path: "), "{annotation}");
}

#[cfg(feature = "pd")]
#[test]
fn results_of_comparing_specs_are_reported() {
    let spec = |role: &str, checksum: bool| {
        json!({
            "type": "pd", "role": role, "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2],
            "checksum": checksum,
        })
    };
    let list = json!([spec("sender", true), spec("receiver", false)]).to_string();
    let ended = |format: &str| l2_adapter(&["check", "--format", format, "list.json"]).file("list.json", &list).run();
    assert_eq!(sarif(&ended("sarif"))["results"][0]["ruleId"], "pair_checksum");
    let out = ended("github").out;
    assert!(out.starts_with("::error file=list.json,line=1,col=") && out.contains("title=pair_checksum::"), "{out}");
}

#[test]
fn the_hook_for_pre_commit_runs_this_command_over_all_files_at_once() {
    let hooks = include_str!("../../.pre-commit-hooks.yaml");
    let value = |key: &str| {
        let line = hooks.lines().find_map(|line| line.trim_start_matches("- ").trim().strip_prefix(key));
        line.and_then(|rest| rest.strip_prefix(": ")).unwrap_or_else(|| panic!("no {key}:\n{hooks}"))
    };
    // Only the files of one run are compared with each other.
    assert_eq!((value("language"), value("require_serial"), value("pass_filenames")), ("rust", "true", "true"));
    let (program, arguments) = value("entry").split_once(' ').unwrap();
    let (types, docs) = (value("types_or"), include_str!("../../docs/check.md"));
    assert!(docs.contains(&format!("id: {}", value("id"))), "docs/check.md names another hook");
    assert_eq!((program, types), ("l2-adapter", "[json]"));
    let arguments: Vec<_> = arguments.split(' ').chain(["a.json"]).collect();
    let ended = l2_adapter(&arguments).file("a.json", r#"{"type": "fs", "base_path": "/"}"#).run();
    assert_eq!(ended.code, Some(0), "{ended}");
}

#[test]
fn no_format_prints_a_character_that_is_not_seen_or_turns_the_text() {
    let unseen = ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{2028}', '\u{85}'];
    let text: String = unseen.iter().collect();
    let spec = format!(r#"{{"type": "fs", "base_path": "/{text}", "{text}": 1}}"#);
    let valid = format!(r#"{{"type": "fs", "base_path": "/{text}"}}"#);
    for format in ["human", "json", "github", "sarif"] {
        let ended = l2_adapter(&["check", "--format", format, "a.json", "b.json"])
            .file("a.json", &spec)
            .file("b.json", &valid)
            .run();
        assert!(!ended.out.is_empty() && !ended.out.contains(unseen), "{ended}");
        if format == "json" {
            let records: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(records[1]["value"]["base_path"], format!("/{text}"), "a program gets what was written");
        }
    }
}
