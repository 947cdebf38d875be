//! Help reads well in a terminal of 80 columns.

use l2_adapter_schema::{
    Alias, BothNames, CrossRule, Field, Kind, Presence, Table, UnionTable, UnionVariant, Versions, help, help_of_key,
};

use crate::HERE;

#[test]
fn a_key_of_a_variant_is_next_to_its_tag() {
    let path = "target/path (any value, required)\n    The path.\n";
    for key in ["path", "target/path", "/target/path", "/target/0/path"] {
        assert_eq!(help_of_key(&STORE, key, None).as_deref(), Ok(path), "{key}");
    }
    let tag = help_of_key(&STORE, "kind", None).unwrap();
    assert!(tag.starts_with("target/kind (string, required)\n") && tag.contains("\"file\": In a file."), "{tag}");
    let paths = help_of_key(&STORE, "/path", None).unwrap_err();
    assert_eq!(paths, ["target/path", "target/kind", "target", "folders"]);
}

#[test]
fn a_key_has_its_rules_and_is_found_by_its_other_name() {
    let help = "folders (any value, required)\n    Its folders.\n    `directories` is another name; give only one of them.\n    Rules:\n        some: There is a folder.\n";
    assert_eq!(help_of_key(&STORE, "directories", None).as_deref(), Ok(help));
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
    HERE,
);

static STORE: Table = Table {
    fields: &[
        Field::new("target", "Where it is.", Kind::Union(|| &TARGET), Presence::Required),
        Field {
            aliases: &[Alias { key: "directories", both: BothNames::Refused, legacy: false }],
            ..Field::new("folders", "Its folders.", Kind::Anything, Presence::Required)
        },
    ],
    rules: &[CrossRule { name: "some", doc: "There is a folder.", reads: &["folders"], versions: Versions::ALL }],
    ..Table::new("Store", "A store.", HERE)
};

static TARGET: UnionTable = UnionTable {
    name: "Target",
    doc: "A target.",
    tag: "kind",
    variants: &[UnionVariant {
        name: "file",
        doc: "In a file.",
        also_known_as: &[],
        table: Some(|| &FILE),
        versions: Versions::ALL,
    }],
};

static FILE: Table = Table {
    fields: &[Field::new("path", "The path.", Kind::Anything, Presence::Required)],
    ..Table::new("File", "A file.", HERE)
};
