//! The Markdown reference.

use l2_adapter_schema::{Field, Kind, Literal, Presence, Table, markdown};

use crate::HERE;

#[test]
fn code_and_lists_in_docs_keep_their_lines() {
    static DOC: Table =
        Table::new("Doc", "A summary over\ntwo lines.\n\n```text\nfirst\n\nthird\n```\n\n- one\n- two", HERE);
    let text = markdown(&DOC);
    assert!(text.contains("A summary over two lines.\n\n```text\nfirst\n\nthird\n```\n\n- one\n- two\n"), "{text}");
}

#[test]
fn special_characters_in_defaults_are_escaped() {
    static MARKS: Table = Table {
        fields: &[Field::new("key", "A key.", Kind::String, Presence::Default(Literal::String("<a>|*b*")))],
        ..Table::new("Marks", "Characters with a meaning.", HERE)
    };
    assert!(markdown(&MARKS).contains(r#"| optional, default "\<a>\|\*b\*" |"#), "{}", markdown(&MARKS));
}
