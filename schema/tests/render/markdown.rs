//! The Markdown reference.

use l2_adapter_schema::{Section, markdown, markdown_all};

use crate::fixture::{Sink, Store, adapters};

#[test]
fn of_a_type_that_uses_the_whole_language() {
    insta::assert_snapshot!(markdown(Store::table()));
}

#[test]
fn of_all_types_begins_with_contents() {
    let text = markdown_all(&[Sink::table()]);
    insta::assert_snapshot!(text);
}

#[test]
fn every_row_of_a_table_has_four_cells() {
    for line in markdown_all(&adapters()).lines().filter(|line| line.starts_with('|')) {
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{line}");
    }
}
