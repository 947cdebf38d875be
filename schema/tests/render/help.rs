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
fn no_line_exceeds_80_columns_unless_it_is_one_word() {
    for table in [&STORE, &SINK, &RETRY, &LONG_WORDS] {
        for line in help(table).lines() {
            let words = line.split_whitespace().count();
            assert!(line.chars().count() <= 80 || words == 1, "{} columns: {line}", line.chars().count());
        }
    }
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

#[test]
fn help_names_every_key_rule_and_reason() {
    let text = help(&STORE);
    let common = STORE.common_table().unwrap();
    for field in STORE.all_fields().chain(common.fields) {
        assert!(text.contains(&format!("{} (", field.key)), "{} is missing", field.key);
        for alias in field.aliases {
            assert!(text.contains(&format!("`{}`", alias.key)), "{} is missing", alias.key);
        }
    }
    for rule in STORE.rules.iter().chain(STORE.warnings) {
        assert!(text.contains(rule.name), "{} is missing", rule.name);
    }
    assert!(text.contains("Give `host` and `ports`."), "a forbidden key's reason is missing");
    assert!(text.contains("a store that forgets is none"), "a rule on a common key is missing");
}
