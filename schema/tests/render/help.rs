//! Help reads well in a terminal of 80 columns.

use l2_adapter_schema::{
    Alias, BothNames, CrossRule, CrossRuleKind, Field, Kind, KnownKey, Presence, Rest, Table, UnionTable, UnionVariant,
    Versions, help, help_of_key,
};

use crate::HERE;

#[test]
fn a_key_of_a_variant_is_next_to_its_tag_and_names_its_variant() {
    let path = "target/path (any value, required)\n    Where `target/kind` is \"file\".\n    The path.\n";
    for key in ["path", "target/path", "/target/path"] {
        assert_eq!(help_of_key(&STORE, key, None).as_deref(), Ok(path), "{key}");
    }
    let tag = help_of_key(&STORE, "kind", None).unwrap();
    assert!(tag.starts_with("target/kind (string, required)\n") && tag.contains("\"file\": In a file."), "{tag}");
    assert!(!tag.contains("Rules:"), "a rule reads another `kind`: {tag}");
}

#[test]
fn a_key_is_found_by_each_path_that_a_fault_can_have() {
    for (key, found) in [
        ("/targets/0/path", &["targets/path"][..]),
        ("/places/0", &["targets"]),
        ("/places/12/path", &["targets/path"]),
        ("/by_name/any name/path", &["by_name/path"]),
        ("/by_name/path", &["by_name"]),
        ("by_name/path/path", &["by_name/path"]),
        ("/limits/read", &["limits"]),
        ("/free/of/any/0/keys", &["free"]),
        ("/inner/kind", &["inner"]),
        // A key may have any name.
        ("a/b", &["a~1b"]),
        ("/a~1b", &["a~1b"]),
        ("0", &["0"]),
        ("/0", &["0"]),
        // A recursive table is described once.
        ("/folder/folder/folder/name", &["folder/folder"]),
        ("/folder/name", &["folder/name"]),
        ("/others/undeclared", &["others/..."]),
        ("others/undeclared", &["others/..."]),
    ] {
        let help = help_of_key(&PATHS, key, None).unwrap_or_else(|closest| panic!("{key}: {closest:?}"));
        let begins = |line: &&str| !line.is_empty() && !line.starts_with(' ');
        let keys: Vec<&str> = help.lines().filter(begins).map(|line| line.split(" (").next().unwrap()).collect();
        assert_eq!(keys, found, "{key}: {help}");
    }
    for (key, closest) in [
        ("", None),
        ("/", None),
        ("undeclared", None),
        ("/path", Some("targets/path")),
        ("/targets/name/path", Some("targets/path")),
        ("/limit/anything", Some("limits")),
        ("/name/12", Some("folder/name")),
        ("others/nmae", Some("folder/name")),
    ] {
        assert_eq!(help_of_key(&PATHS, key, None), Err(closest.map(str::to_owned)), "{key}");
    }
}

#[test]
fn a_recursive_key_has_its_keys_although_a_key_above_it_has_them_too() {
    let help = help_of_key(&PATHS, "/folder/folder", None).unwrap();
    assert!(help.contains("    Its keys:\n        name (any value, required)\n"), "{help}");
}

#[test]
fn rules_of_undeclared_keys_and_rules_around_a_key_are_shown_with_it() {
    for (key, rules) in [
        ("others/known", "    Rules:\n        known_first: `known` is first.\n"),
        ("/folder/name", "    Rules:\n        short: The `name` of `folder` is short.\n"),
        ("/folder", "    Rules:\n        short: The `name` of `folder` is short.\n        deep: It is deep.\n"),
    ] {
        let help = help_of_key(&PATHS, key, None).unwrap();
        assert!(help.ends_with(rules), "{key}: {help}");
    }
}

#[test]
fn a_key_has_its_rules_and_is_found_by_its_other_name() {
    let help = "folders (any value, required)\n    Its folders.\n    `directories` is another name; give only one of them.\n    Rules:\n        some: There is a folder.\n";
    assert_eq!(help_of_key(&STORE, "directories", None).as_deref(), Ok(help));
}

#[test]
fn a_word_longer_than_a_line_has_a_separate_line() {
    let text = help(&LONG_WORDS, None);
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
    rules: &[rule("some", "There is a folder.", &["folders"]), rule("other", "It is of a kind.", &["kind"])],
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

const fn rule(name: &'static str, doc: &'static str, reads: &'static [&'static str]) -> CrossRule {
    CrossRule { kind: CrossRuleKind::Rule, name, doc, reads, versions: Versions::ALL }
}

const fn required(key: &'static str, kind: Kind) -> Field {
    Field::new(key, "A key.", kind, Presence::Required)
}

static PATHS: Table = Table {
    fields: &[
        Field {
            aliases: &[Alias { key: "places", both: BothNames::Refused, legacy: false }],
            ..required("targets", Kind::List(&Kind::Section(|| &FILE)))
        },
        required("by_name", Kind::Optional(&Kind::Map(&Kind::Section(|| &FILE)))),
        required("limits", Kind::Map(&Kind::Anything)),
        required("free", Kind::FreeObject),
        required("inner", Kind::AdapterSpec),
        required("a/b", Kind::Boolean),
        required("0", Kind::Boolean),
        required("folder", Kind::Section(|| &FOLDER)),
        required("others", Kind::Section(|| &OTHERS)),
    ],
    rules: &[rule("short", "The `name` of `folder` is short.", &["folder"]), rule("deep", "It is deep.", &["folder"])],
    ..Table::new("Paths", "Keys in values of each shape.", HERE)
};

static FOLDER: Table = Table {
    fields: &[required("name", Kind::Anything), required("folder", Kind::Optional(&Kind::Section(|| &FOLDER)))],
    ..Table::new("Folder", "A folder.", HERE)
};

static OTHERS: Table = Table {
    rest: Some(Rest {
        name: "settings",
        doc: "Settings.",
        kind: Kind::Anything,
        rules: &[],
        secret: false,
        known: &[KnownKey { key: "known", also_known_as: &[] }],
    }),
    rules: &[rule("known_first", "`known` is first.", &["settings"])],
    ..Table::new("Others", "Undeclared keys.", HERE)
};
