//! The Markdown reference.

use l2_adapter_schema::{Field, Kind, Literal, Presence, Source, Table, markdown, markdown_all};

use crate::fixture::{SINK, STORE, adapters};

#[test]
fn of_a_type_that_uses_the_whole_language() {
    insta::assert_snapshot!(markdown(&STORE));
}

#[test]
fn of_all_types_begins_with_contents() {
    let text = markdown_all(&[&SINK]);
    insta::assert_snapshot!(text);
}

#[test]
fn every_row_of_a_table_has_four_cells() {
    for line in markdown_all(&adapters()).lines().filter(|line| line.starts_with('|')) {
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{line}");
    }
}

#[test]
fn code_and_lists_in_docs_keep_their_lines() {
    static DOC: Table = Table::new(
        "Doc",
        "A summary over\ntwo lines.\n\n```text\nfirst\n\nthird\n```\n\n- one\n- two",
        Source { file: "doc.rs", line: 1 },
    );
    let text = markdown(&DOC);
    assert!(text.contains("A summary over two lines.\n\n```text\nfirst\n\nthird\n```\n\n- one\n- two\n"), "{text}");
}

#[test]
fn special_characters_in_defaults_are_escaped() {
    static MARKS: Table = Table {
        fields: &[Field::new("key", "A key.", Kind::String, Presence::Default(Literal::String("<a>|*b*")))],
        ..Table::new("Marks", "Characters with a meaning.", Source { file: "marks.rs", line: 1 })
    };
    assert!(markdown(&MARKS).contains(r#"| optional, default "\<a>\|\*b\*" |"#), "{}", markdown(&MARKS));
}
