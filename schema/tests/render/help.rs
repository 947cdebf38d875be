//! Help fits into a terminal of 80 columns and is complete.

use l2_adapter_schema::{Table, help};

use crate::fixture::{RETRY, SINK, STORE};

#[test]
fn of_a_type_that_uses_the_whole_language() {
    insta::assert_snapshot!(help(&STORE));
}

#[test]
fn of_a_small_type() {
    insta::assert_snapshot!(help(&SINK));
}

#[test]
fn of_a_section() {
    insta::assert_snapshot!(help(&RETRY));
}

#[test]
fn a_word_longer_than_a_line_has_a_separate_line() {
    let text = help(&LONG_WORDS);
    assert!(text.lines().any(|line| line.trim() == "x".repeat(100)), "{text}");
}

static LONG_WORDS: Table = Table::new(
    "LongWords",
    "See xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx for \
     what it means.",
    STORE.source,
);
