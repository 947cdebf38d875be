//! The forms of `check`'s inputs.

use insta::assert_snapshot;
use l2_adapter::cli::{Exit, Streams, run};

use crate::program::l2_adapter;

const FS: &str = r#"{"type": "fs", "base_path": "/cache"}"#;

#[test]
fn a_list_is_checked_item_by_item() {
    let input = format!("[\n  {FS},\n  {{\"type\": \"fs\", \"bse_path\": 1}},\n  5\n]\n");
    assert_snapshot!(l2_adapter(&["check", "-"]).input(input).run());
}

#[test]
fn json_lines_are_checked_line_by_line() {
    let input = format!("{FS}\r\n\r\n{{\"type\": \"fs\"}}\r\n{FS}");
    assert_snapshot!(l2_adapter(&["check"]).input(input).run());
}

#[test]
fn a_broken_line_does_not_hide_the_others() {
    let input = format!("{FS}\n{{\"type\": \"fs\", \"base_path\n{FS}\nnonsense\n{{\"type\": \"fs\"}}\n");
    assert_snapshot!(l2_adapter(&["check"]).input(input).run());
}

#[test]
fn a_broken_object_over_many_lines_is_reported_once() {
    let input = "{\n  \"type\": \"fs\",\n  \"base_path\": \"/cache\"\n  \"shared\": true\n}\n";
    assert_snapshot!(l2_adapter(&["check"]).input(input).run());
}

#[test]
fn a_broken_item_does_not_hide_the_others() {
    let input = "[{\"type\": \"fs\" \"base_path\": \"/\"},\n {\"type\": \"fs\"},\n]";
    assert_snapshot!(l2_adapter(&["check"]).input(input).run());
}

#[test]
fn repeated_keys_come_first() {
    let input = r#"{"type": "fs", "base_path": 1, "zeta": 1, "alpha": 2, "base_path": 2}"#;
    assert_snapshot!(l2_adapter(&["check"]).input(input).run());
}

#[test]
fn bytes_that_are_not_utf8_are_reported_at_their_place() {
    let input = [FS.as_bytes(), b"\n{\"type\": \"\xc3\xbc\xff\"}\n", FS.as_bytes()].concat();
    assert_snapshot!(l2_adapter(&["check"]).input(input).run());
}

#[test]
fn a_byte_order_mark_is_reported() {
    assert_snapshot!(l2_adapter(&["check"]).input(format!("\u{feff}{FS}")).run());
}

#[test]
fn an_input_without_documents_is_unusable() {
    for input in ["", " \n\r\n", "[]", "[ ]\n"] {
        let ended = l2_adapter(&["check"]).input(input).run();
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{input:?}");
        assert_eq!(ended.err, "error: there is no document in <stdin>\n", "{input:?}");
    }
}

#[test]
fn an_unreadable_file_is_reported_and_the_others_are_checked() {
    let ended = l2_adapter(&["check", "nonesuch.json", "spec.json/below", "spec.json"])
        .file("spec.json", r#"{"type": "fs"}"#)
        .run();
    assert_snapshot!(ended);
}

#[test]
fn an_argument_that_is_a_list_is_refused_as_in_lmcache() {
    let ended = l2_adapter(&["check", "--quiet", "--l2-adapter", &format!("[{FS}]")]).run();
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(ended.out.starts_with("--l2-adapter #1:1:1: error[wrong_type]: "), "{ended}");
}

#[test]
fn specs_may_be_arguments() {
    let arguments = ["check", "--l2-adapter", FS, "--l2-adapter", "@specs.jsonl", "--l2-adapter", r#"{"type": 5}"#];
    assert_snapshot!(l2_adapter(&arguments).file("specs.jsonl", format!("{FS}\n{{\"type\": \"fs\"}}\n")).run());
}

#[test]
fn with_arguments_standard_input_is_not_read() {
    let ended = l2_adapter(&["check", "--l2-adapter", FS]).input("nonsense").run();
    assert_eq!(ended.err, "checked 1 document: 1 valid\n");
}

#[test]
fn keys_are_not_read_from_the_environment() {
    let ended = l2_adapter(&["check"]).variable("BASE_PATH", "/cache").input(r#"{"type": "fs"}"#).run();
    assert_eq!(ended.code, Some(1));
}

#[test]
fn a_terminal_is_read_only_if_an_argument_names_it() {
    let check = |arguments: &[&str]| {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let streams = Streams { input: &mut FS.as_bytes(), input_is_terminal: true, out: &mut out, err: &mut err };
        let exit = run(["l2-adapter", "check"].iter().chain(arguments).map(Into::into), streams);
        (exit, String::from_utf8(err).unwrap())
    };
    let (exit, printed) = check(&[]);
    assert_eq!(exit, Exit::Unusable);
    assert!(printed.contains("no document to check: name a file"), "{printed}");
    assert_eq!(check(&["-"]).0, Exit::Success);
}
