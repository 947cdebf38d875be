//! Help reads well in a terminal of 80 columns.

use l2_adapter_schema::{Table, help};

use crate::HERE;

#[test]
fn a_word_longer_than_a_line_has_a_separate_line() {
    let text = help(&LONG_WORDS);
    assert!(text.lines().any(|line| line.trim() == "x".repeat(100)), "{text}");
}

static LONG_WORDS: Table = Table::new(
    "LongWords",
    "See xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx for \
     what it means.",
    HERE,
);
