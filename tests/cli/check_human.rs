//! The report of `check` for people.

use insta::assert_snapshot;

use crate::program::{example_spec, l2_adapter};

#[test]
fn the_example_specs_are_valid() {
    let names = ["pd_sender.json", "pd_receiver.json", "fs.jsonl", "mock.json", "lmcache.jsonl"];
    let mut program = l2_adapter(&[&["check"], names.as_slice()].concat());
    for name in names {
        program = program.file(name, example_spec(name));
    }
    assert_snapshot!(program.run());
}

#[test]
fn every_fault_of_a_spec_is_reported_at_its_place() {
    assert_snapshot!(l2_adapter(&["check", "broken.json"]).file("broken.json", example_spec("broken.json")).run());
}

#[test]
fn an_unknown_type_is_reported_with_a_suggestion() {
    assert_snapshot!(l2_adapter(&["check"]).input(r#"{"type": "mokc"}"#).run());
}

#[test]
fn a_spec_without_a_type_is_reported_with_all_types() {
    assert_snapshot!(l2_adapter(&["check"]).input("{}").run());
}

const WITH_WARNINGS: &str = r#"{"type": "pd", "role": "receiver", "peer_host": "10.0.0.1", "peer_init_port": [1],
 "peer_alloc_port": [2], "buffer_size": 8192.0, "proxy_host": "10.0.0.2", "proxy_port": 7}"#;

#[test]
fn a_valid_spec_may_have_warnings() {
    assert_snapshot!(l2_adapter(&["check"]).input(WITH_WARNINGS).run());
}

#[test]
fn a_document_with_faults_has_its_warnings_too_in_every_format() {
    let document =
        r#"{"type": "fs", "base_path": 1, "relative_tmp_dir": "$TMP", "read_ahead_size": 4096.0, "zeta": 1}"#;
    for format in ["human", "json", "github", "sarif"] {
        let ended = l2_adapter(&["check", "--format", format]).input(document).run();
        for code in ["wrong_type", "unknown_key", "unexpanded", "integral_float"] {
            assert!(ended.out.contains(code), "{format}: {code}: {ended}");
        }
        assert!(ended.err.contains("1 invalid (2 errors, 2 warnings)"), "{format}: {ended}");
    }
    let quiet = l2_adapter(&["check", "--quiet"]).input(document).run();
    assert_eq!(quiet.out.lines().filter(|line| line.contains("error[")).count(), 2, "{quiet}");
    assert!(!quiet.out.contains("warning["), "{quiet}");
}

#[test]
fn quiet_leaves_out_warnings_and_the_summary() {
    let ended = l2_adapter(&["check", "--quiet"]).input(WITH_WARNINGS).run();
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(0), "", ""));
    let ended = l2_adapter(&["check", "-q"]).input(r#"{"type": "fs"}"#).run();
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""));
    assert_eq!(ended.out.lines().count(), 1, "{ended}");
}

#[test]
fn only_terminals_get_colours() {
    let coloured = |name, value| l2_adapter(&["check"]).variable(name, value).input("{}").run().out.contains('\u{1b}');
    assert!(!coloured("TERM", "xterm-256color"), "a pipe is not a terminal");
    assert!(coloured("CLICOLOR_FORCE", "1"));
}

#[test]
fn no_color_turns_colours_off() {
    for arguments in [&["check"][..], &["--help"], &["explain", "nonesuch"]] {
        let ended = l2_adapter(arguments).variable("NO_COLOR", "1").input("{}").run();
        assert!(!ended.to_string().contains('\u{1b}'), "{ended}");
    }
}

#[test]
fn a_document_cannot_forge_the_report() {
    let text = r#"{"type": "fs", "base_path": "/", "\u001b[2J\nspecs.json:1:1: fine": 1, "\u202e": 2}"#;
    let ended = l2_adapter(&["check"]).variable("CLICOLOR_FORCE", "1").input(text).run();
    assert!(!ended.out.contains("\u{1b}[2J") && !ended.out.contains('\u{202e}'), "{ended}");
    assert_eq!(ended.out.lines().count(), 2, "{ended}");
}

#[test]
fn columns_count_characters() {
    let ended = l2_adapter(&["check"]).input("[{\"type\": \"fs\", \"base_path\": \"größe\", \"bäse\": 1}]").run();
    assert!(ended.out.starts_with("<stdin>:1:39: "), "{ended}");
}
