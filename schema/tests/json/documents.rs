//! `DocumentSplitter` splits an input into documents.

use l2_adapter_schema::DocumentSplitter;
use proptest::prelude::*;

/// The documents of an input: each one's line and column, and its text or, after a `!`, why it has none.
fn cut_in_chunks(input: &[u8], chunk_bytes: usize, mut documents: DocumentSplitter) -> Vec<(usize, usize, String)> {
    let mut all = Vec::new();
    for mut chunk in input.chunks(chunk_bytes) {
        while let Some(document) = documents.next_in(&mut chunk) {
            all.push(document);
        }
    }
    all.extend(std::iter::from_fn(|| documents.finish()));
    let text = |content: Result<Vec<u8>, _>| match content {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(fault) => format!("!{fault}"),
    };
    all.into_iter().map(|document| (document.start.line, document.start.column, text(document.content))).collect()
}

fn cut(input: &str) -> Vec<(usize, usize, String)> {
    cut_in_chunks(input.as_bytes(), usize::MAX, DocumentSplitter::new())
}

fn texts(input: &str) -> Vec<String> {
    cut(input).into_iter().map(|(_, _, text)| text).collect()
}

const COMMENT: &str = "!the text is not JSON: it has a comment, and JSON has none: take it out";
const LIST_UNCLOSED: &str = "!the text ends inside a list: `]` is missing";
const LIST_LOST: &str = "!the text cannot be read further: fix the brackets of the previous item, then check again";

#[test]
fn an_empty_input_has_no_documents() {
    assert_eq!(texts(""), [""; 0]);
    assert_eq!(texts(" \r\n\t\n"), [""; 0]);
}

#[test]
fn an_object_may_span_lines() {
    assert_eq!(cut("\n  {\n \"a\": 1\n}\n"), [(2, 3, "{\n \"a\": 1\n}".to_owned())]);
}

#[test]
fn text_of_another_kind_is_one_document_until_an_object_begins() {
    for text in [
        "type: pd\nrole: sender",
        "- type: pd\n  role: sender\n- type: fs",
        "---\ntype: pd\n\nrole: {}",
        "# a store\ntype: pd\n# its role\nrole: sender",
        "type = \"fs\"\nbase_path = \"/a\"\nports = [\n 1,\n]",
        "[adapter]\ntype = \"fs\"\n[adapter.eviction]\nx = 1",
        "[[adapter]]\ntype = \"fs\"\n\n[[adapter]]\ntype = \"pd\"",
        "; a store\n[lmcache]\ntype: fs",
        "TYPE=fs\nBASE_PATH=/a",
        "<config>\n <type>fs</type>\n</config>",
        "#!/bin/sh\nexport A=1\nif true; then {\n  b\n}",
        "nonsense\nmore of it\n5",
        "\"type\": \"fs\",\n\"base_path\": \"/a\"",
        "'{\n \"type\": \"fs\"\n}'",
        "const spec = {\n \"type\": \"fs\"\n};",
        "specs = [\n  {\"type\": \"fs\"},\n  {\"type\": \"pd\"}\n]",
    ] {
        let begin =
            if text.starts_with(['#', ';']) && !text.starts_with("#!") { text.find('\n').unwrap() + 1 } else { 0 };
        for (rest, others) in
            [("", &[][..]), ("\n{\"a\": 1}\n", &["{\"a\": 1}"]), ("\n{\n \"a\": 1}", &["{\n \"a\": 1}"])]
        {
            let expected: Vec<&str> = std::iter::once(&text[begin..]).chain(others.iter().copied()).collect();
            assert_eq!(texts(&format!("{text}{rest}")), expected);
        }
    }
}

#[test]
fn a_code_block_and_the_text_before_it_are_one_document_next_to_what_is_inside() {
    for (inside, cut) in [("{\"a\": 1}", &["{\"a\": 1}"][..]), ("{\n}", &["{\n}"]), ("[\n{},\n{}\n]", &["{}", "{}"])] {
        for before in ["```json", "Here it is:\n\n```"] {
            let expected: Vec<&str> = std::iter::once(before).chain(cut.iter().copied()).collect();
            assert_eq!(texts(&format!("{before}\n{inside}\n```\n")), expected);
        }
    }
}

#[test]
fn comments_before_a_document_are_one_fault() {
    for comments in
        ["// a", "// a\n// b", "# a\n\n# b", "/* a\n b */", "/* a */ // b\n/* c */", "; a\n  ; b", "/**/ /* a\n*/ // b"]
    {
        for document in ["{\"a\": 1}", "{\n}", "5"] {
            let expected = [(1, COMMENT.to_owned()), (comments.lines().count() + 1, document.to_owned())];
            let found: Vec<_> =
                cut(&format!("{comments}\n{document}")).into_iter().map(|(line, _, text)| (line, text)).collect();
            assert_eq!(found, expected, "{comments}");
        }
        assert_eq!(texts(&format!("{comments}\n[{{}},\n{{}}]")), [COMMENT, "{}", "{}"]);
        assert_eq!(texts(&format!("{{}}\n{comments}\n{{}}\n{{}}\n{comments}")), ["{}", COMMENT, "{}", "{}", COMMENT]);
        assert_eq!(texts(&format!("{{\n}}\n{comments}\n{{\n}}\n")), ["{\n}", COMMENT, "{\n}"]);
    }
    assert_eq!(cut("/* a */ {\n}"), [(1, 1, COMMENT.to_owned()), (1, 9, "{\n}".to_owned())]);
    assert_eq!(texts("/* a"), [COMMENT]);
}

#[test]
fn objects_that_span_lines_may_follow_each_other() {
    assert_eq!(texts("{\n}\n{\n}{\n}"), ["{\n}", "{\n}", "{\n}"]);
}

#[test]
fn a_broken_object_over_many_lines_is_one_document() {
    assert_eq!(texts("{\n \"a\": 1\n \"b\": {\n }\n}\n"), ["{\n \"a\": 1\n \"b\": {\n }\n}"]);
    assert_eq!(texts("{\n \"a\": \"x,\n \"b\": 2\n}\n"), ["{\n \"a\": \"x,\n \"b\": 2\n}"]);
    assert_eq!(texts("{\n \"a\": 1\n"), ["{\n \"a\": 1"]);
}

#[test]
fn objects_nested_in_an_object_over_many_lines_belong_to_it() {
    let text = "{\"a\": [\n  {\"b\": 1},\n  {\"b\": 2}\n]}";
    assert_eq!(texts(text), [text]);
    let unindented = "{\"a\": [\n{\"b\": 1},\n{\"b\": 2}\n]}";
    assert_eq!(texts(unindented), [unindented]);
}

#[test]
fn an_object_without_its_brace_ends_where_the_next_begins() {
    assert_eq!(texts("{\n \"a\": 1\n\n{\n \"b\": 2\n}\n"), ["{\n \"a\": 1", "{\n \"b\": 2\n}"]);
}

#[test]
fn lines_are_documents_when_the_first_is_one() {
    assert_eq!(
        cut("{\"a\": 1}\n\n  {\"b\": \n}\r\n{}"),
        [(1, 1, "{\"a\": 1}"), (3, 3, "{\"b\":"), (4, 1, "}"), (5, 1, "{}")].map(|(line, column, text)| (
            line,
            column,
            text.to_owned()
        ))
    );
}

#[test]
fn garbage_after_an_object_belongs_to_its_line() {
    assert_eq!(texts("{} x\n{}{}\n{}"), ["{} x", "{}{}", "{}"]);
}

#[test]
fn a_broken_first_line_does_not_swallow_the_lines_after_it() {
    assert_eq!(texts("{\"a\": 1\n{}\n{\"b\":\n{}\n"), ["{\"a\": 1", "{}", "{\"b\":", "{}"]);
    assert_eq!(texts("{\"a\": [\n{}\n{}\n"), ["{\"a\": [", "{}", "{}"]);
    assert_eq!(texts("{\"a\n{}\n{}\n"), ["{\"a", "{}", "{}"]);
    assert_eq!(texts("garbage\n{}\n{}\n"), ["garbage", "{}", "{}"]);
    assert_eq!(texts("}\n{}\n"), ["}", "{}"]);
}

#[test]
fn a_list_is_cut_into_its_items() {
    assert_eq!(
        cut("[{\"ü\": \",]\"}, {\"b\": [{}, {}]}\n ,{\n}\n]\n"),
        [(1, 2, "{\"ü\": \",]\"}"), (1, 15, "{\"b\": [{}, {}]}"), (2, 3, "{\n}")].map(|(line, column, text)| (
            line,
            column,
            text.to_owned()
        ))
    );
    assert_eq!(texts("[]"), [""; 0]);
}

#[test]
fn a_broken_item_does_not_swallow_the_items_after_it() {
    assert_eq!(texts("[{\"a\" 1}, 5, {} {}, \"x, {}, \n{}]"), ["{\"a\" 1}", "5", "{} {}", "\"x, {}, \n{}"]);
    assert_eq!(texts("[nonsense, {}]"), ["nonsense", "{}"]);
}

#[test]
fn commas_without_items_are_reported() {
    assert_eq!(texts("[{},,{}]"), ["{}", "!the text has a comma where an object should be", "{}"]);
    assert_eq!(texts("[{},]"), ["{}", "!the text has a comma before the end of its list"]);
}

#[test]
fn a_list_that_does_not_end_is_reported() {
    assert_eq!(texts("["), [LIST_UNCLOSED]);
    assert_eq!(texts("[{}"), ["{}", LIST_UNCLOSED]);
    assert_eq!(texts("[{},"), ["{}", LIST_UNCLOSED]);
    assert_eq!(texts("[{"), ["{"]);
}

#[test]
fn a_list_whose_brackets_do_not_match_is_left_with_a_report() {
    assert_eq!(texts("[{\"a\": [}, {}]"), ["{\"a\": [}", LIST_LOST]);
    assert_eq!(texts("[{\"a\": 1, {}]"), ["{\"a\": 1, {}]"]);
}

#[test]
fn text_after_a_list_is_reported_once() {
    assert_eq!(texts("[{}] [{}]\n{}"), ["{}", "!the text continues after the end of its list"]);
}

#[test]
fn a_byte_order_mark_belongs_to_the_first_document() {
    assert_eq!(cut("\u{feff}{}\n{}"), [(1, 1, "\u{feff}{}".to_owned()), (2, 1, "{}".to_owned())]);
    assert_eq!(texts("\u{feff}{\n\"a\": 1\n}"), ["\u{feff}{\n\"a\": 1\n}"]);
}

#[test]
fn a_byte_order_mark_before_a_list_is_reported() {
    let message = "!the text begins with a byte order mark: save it as UTF-8 without one".to_owned();
    assert_eq!(cut("\u{feff} [{}]"), [(1, 1, message), (1, 4, "{}".to_owned())]);
}

#[test]
fn bytes_that_are_not_utf8_stay_in_their_document() {
    let cut = cut_in_chunks(b"{\"a\": \"\xff\"}\n{}\n", usize::MAX, DocumentSplitter::new());
    assert_eq!(cut.len(), 2);
}

fn cut_with_limit(input: &str, bytes_max: usize) -> Vec<String> {
    cut_in_chunks(input.as_bytes(), 7, DocumentSplitter::with_limit(bytes_max))
        .into_iter()
        .map(|(_, _, text)| text)
        .collect()
}

#[test]
fn a_document_at_the_limit_is_read_and_one_beyond_is_reported() {
    let too_long = "!the text is longer than 8 bytes, the most that one document may have";
    assert_eq!(cut_with_limit("{}\n{\"a\": 1}\n{\"a\": 12}\n{}", 8), ["{}", "{\"a\": 1}", too_long, "{}"]);
    assert_eq!(cut_with_limit("[{\"a\": 1}, {\"a\": 12}, {}]", 8), ["{\"a\": 1}", too_long, "{}"]);
    assert_eq!(cut_with_limit("{\n\"a\":1\n}\n{\n\"a\":1}", 8), [too_long, "{\n\"a\":1}"]);
}

#[test]
fn lines_beyond_the_limit_after_a_broken_first_line_are_still_read() {
    assert_eq!(cut_with_limit("{\"a\":[\n{}\n{}\n{}\n", 12), ["{\"a\":[", "{}", "{}", "{}"]);
}

#[test]
fn brackets_deeper_than_the_stack_are_still_matched() {
    let deep = format!("{{\n\"a\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(texts(&format!("{deep}\n{{}}")), [deep.as_str(), "{}"]);
}

/// Bytes with many brackets, quotes and line ends.
fn inputs() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(
        prop_oneof![8 => prop::sample::select(b"{}[]\",:\\\n\r a1/*#;`=\xef\xbb\xbf".to_vec()), 1 => any::<u8>()],
        0..80,
    )
}

/// An object on one line.
fn object() -> impl Strategy<Value = serde_json::Value> {
    prop::collection::btree_map(
        "[a-c{}\"\n,\\[]{0,3}",
        prop_oneof!["[\\[\\]{}\",\n]{0,4}".prop_map(serde_json::Value::from), Just(serde_json::json!([{}, [1]]))],
        0..4,
    )
    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect()))
}

proptest! {
    #[test]
    fn the_sizes_of_chunks_do_not_matter(input in inputs(), chunk_bytes in 1usize..9, bytes_max in 4usize..40) {
        let whole = cut_in_chunks(&input, usize::MAX, DocumentSplitter::with_limit(bytes_max));
        prop_assert_eq!(cut_in_chunks(&input, chunk_bytes, DocumentSplitter::with_limit(bytes_max)), whole);
    }

    #[test]
    fn documents_are_not_empty_and_begin_in_order(input in inputs()) {
        let cut = cut_in_chunks(&input, usize::MAX, DocumentSplitter::new());
        for (_, _, text) in &cut {
            prop_assert!(!text.is_empty());
        }
        for pair in cut.windows(2) {
            prop_assert!((pair[0].0, pair[0].1) <= (pair[1].0, pair[1].1), "{:?}", pair);
        }
    }

    #[test]
    fn every_notation_of_objects_gives_the_same_documents(objects in prop::collection::vec(object(), 1..5)) {
        let compact: Vec<_> = objects.iter().map(serde_json::Value::to_string).collect();
        let pretty: Vec<_> = objects.iter().map(|object| format!("{object:#}")).collect();
        prop_assert_eq!(&texts(&compact.join("\r\n")), &compact);
        prop_assert_eq!(&texts(&format!("[{}]", compact.join(","))), &compact);
        prop_assert_eq!(&texts(&format!("[\n{}\n]\n", pretty.join("\n,\n"))), &pretty);
        if objects.iter().all(|object| object.as_object().is_some_and(|map| !map.is_empty())) {
            prop_assert_eq!(&texts(&pretty.join("\n")), &pretty);
        }
    }

    #[test]
    fn a_broken_line_does_not_affect_others(lines in prop::collection::vec(object(), 1..5), broken in "[a-z{}\\[\\]\",: ]{1,8}", at in 1usize..5) {
        prop_assume!(!broken.trim().is_empty());
        let mut lines: Vec<_> = lines.iter().map(serde_json::Value::to_string).collect();
        lines.insert(at.min(lines.len()), broken.trim().to_owned());
        prop_assert_eq!(texts(&lines.join("\n")), lines);
    }
}
