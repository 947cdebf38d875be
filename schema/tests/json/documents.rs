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
fn an_input_is_cut_into_its_documents() {
    let unindented = "{\"a\": [\n{\"b\": 1},\n{\"b\": 2}\n]}";
    let nested = "{\"a\": [\n  {\"b\": 1},\n  {\"b\": 2}\n]}";
    for (input, documents, what) in [
        ("", &[][..], "an empty input"),
        (" \r\n\t\n", &[], "an input of blanks"),
        ("{\n}\n{\n}{\n}", &["{\n}", "{\n}", "{\n}"], "objects that span lines follow each other"),
        ("{\n \"a\": 1\n \"b\": {\n }\n}\n", &["{\n \"a\": 1\n \"b\": {\n }\n}"], "a broken object over many lines"),
        ("{\n \"a\": \"x,\n \"b\": 2\n}\n", &["{\n \"a\": \"x,\n \"b\": 2\n}"], "one with an open string"),
        ("{\n \"a\": 1\n", &["{\n \"a\": 1"], "one without its end"),
        (nested, &[nested], "objects inside an object over many lines belong to it"),
        (unindented, &[unindented], "without indentation too"),
        (
            "{\n \"a\": 1\n\n{\n \"b\": 2\n}\n",
            &["{\n \"a\": 1", "{\n \"b\": 2\n}"],
            "an object ends where the next begins",
        ),
        ("{} x\n{}{}\n{}", &["{} x", "{}{}", "{}"], "garbage after an object belongs to its line"),
        // A broken first line does not swallow the lines after it.
        ("{\"a\": 1\n{}\n{\"b\":\n{}\n", &["{\"a\": 1", "{}", "{\"b\":", "{}"], "a line without its brace"),
        ("{\"a\": [\n{}\n{}\n", &["{\"a\": [", "{}", "{}"], "a line without its brackets"),
        ("{\"a\n{}\n{}\n", &["{\"a", "{}", "{}"], "a line without its quote"),
        ("garbage\n{}\n{}\n", &["garbage", "{}", "{}"], "a line of garbage"),
        ("}\n{}\n", &["}", "{}"], "a line with a brace too many"),
        ("[]", &[], "an empty list"),
        // A broken item does not swallow the items after it.
        ("[{\"a\" 1}, 5, {} {}, \"x, {}, \n{}]", &["{\"a\" 1}", "5", "{} {}", "\"x, {}, \n{}"], "broken items"),
        ("[nonsense, {}]", &["nonsense", "{}"], "an item of garbage"),
        ("[{},,{}]", &["{}", "!the text has a comma where an object should be", "{}"], "a comma without an item"),
        ("[{},]", &["{}", "!the text has a comma before the end of its list"], "a comma at the end"),
        ("[", &[LIST_UNCLOSED], "a list that does not end"),
        ("[{}", &["{}", LIST_UNCLOSED], "a list that ends after an item"),
        ("[{},", &["{}", LIST_UNCLOSED], "a list that ends after a comma"),
        ("[{", &["{"], "a list that ends inside an item"),
        ("[{\"a\": [}, {}]", &["{\"a\": [}", LIST_LOST], "brackets that do not match"),
        ("[{\"a\": 1, {}]", &["{\"a\": 1, {}]"], "an item without its brace"),
        ("[{}] [{}]\n{}", &["{}", "!the text continues after the end of its list"], "text after a list"),
        ("\u{feff}{\n\"a\": 1\n}", &["\u{feff}{\n\"a\": 1\n}"], "a byte order mark belongs to the first document"),
    ] {
        assert_eq!(texts(input), documents, "{what}");
    }
}

#[test]
fn documents_have_the_places_at_which_they_begin() {
    let mark = "!the text begins with a byte order mark: save it as UTF-8 without one";
    for (input, documents) in [
        ("\n  {\n \"a\": 1\n}\n", &[(2, 3, "{\n \"a\": 1\n}")][..]),
        ("{\"a\": 1}\n\n  {\"b\": \n}\r\n{}", &[(1, 1, "{\"a\": 1}"), (3, 3, "{\"b\":"), (4, 1, "}"), (5, 1, "{}")]),
        (
            "[{\"ü\": \",]\"}, {\"b\": [{}, {}]}\n ,{\n}\n]\n",
            &[(1, 2, "{\"ü\": \",]\"}"), (1, 15, "{\"b\": [{}, {}]}"), (2, 3, "{\n}")],
        ),
        ("\u{feff}{}\n{}", &[(1, 1, "\u{feff}{}"), (2, 1, "{}")]),
        ("\u{feff} [{}]", &[(1, 1, mark), (1, 4, "{}")]),
        ("/* a */ {\n}", &[(1, 1, COMMENT), (1, 9, "{\n}")]),
    ] {
        let cut = cut(input);
        let cut: Vec<_> = cut.iter().map(|(line, column, text)| (*line, *column, text.as_str())).collect();
        assert_eq!(cut, documents);
    }
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
    assert_eq!(texts("/* a"), [COMMENT]);
}

#[test]
fn bytes_that_are_not_utf8_stay_in_their_document() {
    // One that begins no character has no column of its own: what follows it does not begin the line.
    for chunk_bytes in [1, usize::MAX] {
        let cut = cut_in_chunks(b"{\n\xbb{\n", chunk_bytes, DocumentSplitter::new());
        assert_eq!(cut.len(), 1, "{cut:?}");
    }
}

#[test]
fn a_document_at_the_limit_is_read_and_one_beyond_is_reported() {
    let too_long = "!the text is longer than 8 bytes, the most that one document may have";
    for (input, bytes_max, documents) in [
        ("{}\n{\"a\": 1}\n{\"a\": 12}\n{}", 8, &["{}", "{\"a\": 1}", too_long, "{}"][..]),
        ("[{\"a\": 1}, {\"a\": 12}, {}]", 8, &["{\"a\": 1}", too_long, "{}"]),
        ("{\n\"a\":1\n}\n{\n\"a\":1}", 8, &[too_long, "{\n\"a\":1}"]),
        // Lines after a broken first one are still read.
        ("{\"a\":[\n{}\n{}\n{}\n", 12, &["{\"a\":[", "{}", "{}", "{}"]),
    ] {
        let cut = cut_in_chunks(input.as_bytes(), 7, DocumentSplitter::with_limit(bytes_max));
        assert_eq!(cut.into_iter().map(|(_, _, text)| text).collect::<Vec<_>>(), documents);
    }
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
