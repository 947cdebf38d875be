//! Texts that are not JSON: the format that is recognized, and its place.

use l2_adapter_schema::{AdapterSpec, Context, Document, FaultCode, Report, Target};

/// Texts, each with the message of its fault and the column in its first line.
const TEXTS: &[(&str, &str, usize)] = &[
    // Python and JavaScript.
    (r"{'type': 'pd'}", "single quotes, as Python and JavaScript", 2),
    (r#"{"path": True}"#, "`True`, `False` and `None` are Python's", 10),
    (r#"{"path": "a", "tmp": None}"#, "are Python's", 22),
    (r#"{"path": ("a", "b")}"#, "it has parentheses", 10),
    (r#"{"path": PosixPath('/a')}"#, "it has a call", 10),
    (r#"{"path": r"C:\kv"}"#, "a letter precedes a quote", 10),
    ("dict(type='pd')", "it is a call", 1),
    (r#"{"size": undefined}"#, "what is not there is `null`", 10),
    ("{\"path\": `a`}", "backticks where JSON has", 10),
    (r#"{"size": NaN}"#, "JSON has no NaN and no infinity", 10),
    (r#"{"size": -Infinity}"#, "JSON has no NaN and no infinity", 11),
    (r#"{"size": nan}"#, "JSON has no NaN and no infinity", 11),
    (r#"{"on": yes}"#, "a switch is written `true` or `false`", 8),
    // Remains of a shell's syntax.
    ("{type: pd}", "quotes are missing: in a shell write the whole spec in single quotes", 2),
    ("{type:pd,role:sender}", "quotes are missing", 2),
    ("{type:", "quotes are missing", 2),
    (r#"{\"type\": \"pd\"}"#, "backslashes stand before its quotes", 2),
    (r#"'{"type": "pd"}'"#, "single quotes stand around it", 1),
    (r#""{"type": "pd"}""#, "double quotes stand around it", 4),
    (r#"{"type": "pd"}'"#, "a single quote follows it", 15),
    ("", "it is empty: if it comes from a variable", 1),
    ("$SPEC", "this is a variable or a command that was not expanded", 1),
    ("${SPEC}", "that was not expanded", 1),
    ("$(cat spec.json)", "that was not expanded", 1),
    (r#"{"port": $PORT}"#, "that was not expanded", 10),
    (r#"{"port": <PORT>}"#, "this is a placeholder", 10),
    ("{{ .Values.spec }}", "this is a template", 2),
    (r#"{"type": "pd", "role": "#, "it ends before its brackets are closed", 23),
    (r#"{"type": "pd", "ro"#, "it ends inside a string", 18),
    ("{\"type\": \"pd\", \\\n\"role\": 1}", "a line ends with a backslash", 16),
    (r#""""{"type": "pd"}""""#, "double quotes stand around it", 3),
    // Other formats.
    ("https://example.com/specs.json", "it is a URL", 1),
    ("eyJ0eXBlIjogInBkIn0=", "it seems to be JSON in base64", 1),
    ("specs.json", "it seems to be a path", 1),
    ("/etc/l2/specs.json", "it seems to be a path", 1),
    ("./specs", "it seems to be a path", 1),
    (" @specs.json", "blanks stand before `@`", 2),
    ("--l2-adapter {}", "it begins with a flag", 1),
    ("<html></html>", "it is HTML or XML", 1),
    ("pd", "a spec is an object", 1),
    ("type: pd\nrole: sender", "it is YAML", 1),
    ("- type: pd", "it is YAML", 1),
    ("---\ntype: pd", "it is YAML", 1),
    ("# a store\ntype: pd", "it is YAML", 1),
    ("type = \"pd\"", "it has assignments", 1),
    ("type=pd role=sender", "it has assignments", 1),
    // Characters of word processors and web pages.
    ("{“type”: “pd”}", "a typographic quote (U+201C)", 2),
    ("{\"type\": ‘pd’}", "a typographic quote (U+2018)", 10),
    ("{\"type\"：\"pd\"}", "a wide colon (U+FF1A)", 8),
    ("{\u{a0}\"type\": \"pd\"}", "a blank that is not JSON's (U+00A0)", 2),
    ("{\u{200b}\"type\": \"pd\"}", "a sign that is not seen (U+200B)", 2),
    ("{\"type\": \"pd\", …}", "an ellipsis replaces something", 16),
    ("{\"type\": \"pd\", ...}", "an ellipsis replaces something", 16),
    // Signs.
    (r#"{"type": "pd", // the type"#, "it has a comment", 16),
    (r#"{"type": "pd" /* the type */}"#, "it has a comment", 15),
    (r#"{"type": "pd" # the type"#, "it has a comment", 15),
    ("// a store\n{}", "it has a comment", 1),
    (r#"{"type": "pd""#, "it ends before its brackets are closed", 13),
    (r#"{"type": "pd",}"#, "a comma precedes a closing bracket", 15),
    (r#"{"ports": [1, 2, ]}"#, "a comma precedes a closing bracket", 18),
    (r#"{"type": "pd",, "role": 1}"#, "there is a comma too many", 15),
    (r#"{"type": "pd" "role": 1}"#, "a comma is missing before this", 15),
    (r#"{"type" "pd"}"#, "there is no `:` after a key", 9),
    (r#"{"type" = "pd"}"#, "`=` where JSON has `:`", 9),
    (r#"{"type" => "pd"}"#, "`=` where JSON has `:`", 9),
    (r#"{"type": "pd"; "role": 1}"#, "`;` where JSON has `,`", 14),
    (r#"["type": "pd"]"#, "a list has a key", 8),
    (r#""type": "fs", "base_path": "/a""#, "braces are missing around it", 7),
    (r#"{"type": }"#, "there is no value after a `:`", 10),
    (r#"{"type": "pd"}}"#, "a closing bracket too many", 15),
    (r#"{"type": "pd"} {"type": "fs"}"#, "a second spec follows", 16),
    (r#"{"type": "pd"}, {"type": "fs"}"#, "a second spec follows", 15),
    (r#"{"type": "pd"};"#, "where JSON has `,`, or none", 15),
    // Values.
    (r#"{"type": pd}"#, "a text has no quotes", 10),
    (r#"{"type": fs}"#, "a text has no quotes", 11),
    (r#"{"path": /cache}"#, "a text has no quotes", 10),
    (r#"{"host": 10.0.0.2}"#, "a text has no quotes", 14),
    (r#"{"type": "pd", role: 1}"#, "a key has no quotes", 16),
    (r#"{type: "fs", path: "a"}"#, "a key has no quotes", 2),
    (r#"{"path": "a"b"}"#, "a string contains a quote", 13),
    ("{\"path\": \"a\nb\"}", "a string goes on after the end of its line", 12),
    ("{\"path\": \"a\tb\"}", "a string contains a tab", 12),
    (r#"{"path": "C:\kv"}"#, "a string contains a single backslash", 14),
    (r#"{"size": 64MB}"#, "a number has digits only", 12),
    (r#"{"size": 1_000}"#, "a number has digits only", 11),
    (r#"{"size": 0x10}"#, "a number has digits only", 11),
    (r#"{"size": 007}"#, "a number begins with 0", 11),
    (r#"{"size": .5}"#, "digits before and after its point", 10),
    (r#"{"size": 5.}"#, "digits before and after its point", 12),
    (r#"{"size": +5}"#, "a number has no `+`", 10),
];

#[test]
fn text_in_another_format_is_recognized_at_its_place() {
    let mut wrong = Vec::new();
    for (text, said, column) in TEXTS {
        let report = Report::of(Document::whole(*text), "", 0, Target::Unknown(Context::empty()));
        let [fault] = report.faults.as_slice() else { panic!("{text}: {report}") };
        assert_eq!(fault.item.code, FaultCode::Syntax, "{text}");
        let message = &fault.item.message;
        assert!(!message.contains(" column "), "{text}: the place is not in the message: {message}");
        let is_right = message.starts_with("the text is not JSON: ") && message.contains(said);
        if !is_right || (fault.position.line == 1 && fault.position.column != *column) {
            wrong.push(format!("{text}\n  {}:{} {}", fault.position.line, fault.position.column, message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_part_of_a_text_that_may_be_a_secret_is_shown() {
    for text in [
        "{password: hunter2}",
        r#"{"password": hunter2}"#,
        r#"{"password": 'hunter2'}"#,
        r#"{"password": "a"hunter2"}"#,
        r#"{"password": hunter2(1)}"#,
        "password: hunter2",
        "password=hunter2",
        r#""{\"password\": \"hunter2\"}""#,
        r#"{"password": “hunter2”}"#,
        "hunter2",
        r#""hunter2""#,
    ] {
        let error = AdapterSpec::from_text(text, &Context::empty()).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{text}: {error}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_located_and_utf_16_is_recognized() {
    let utf_16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected) in [
        (b"{\"\xc3\xbc\": \"\xff\"}".to_vec(), "a:1:8: error[syntax]: the text is not UTF-8: unexpected byte 0xff\n"),
        (utf_16, "a:1:1: error[syntax]: the text is UTF-16, as PowerShell's `>` writes it: save it as UTF-8\n"),
    ] {
        let report = Report::of(Document::whole(bytes), "a", 0, Target::Unknown(Context::empty()));
        assert_eq!(report.to_string(), expected);
    }
}
