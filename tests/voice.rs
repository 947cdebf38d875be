//! Documents, help and messages avoid some words of the glossary in CONTRIBUTING.md that have no good use there.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The words, each with what to write instead.
const WORDS: &[(&str, &str)] = &[
    ("look-up", "lookup"),
    ("look-ups", "lookups"),
    ("whoever", "the caller, the user, the operator"),
    ("beside", "next to, compared with, in addition to"),
    ("besides", "in addition to"),
    ("unsound", "invalid"),
    ("told", "reported, notified, logged"),
    ("tells", "reports, notifies, logs"),
    ("stands", "appears, is declared, is listed"),
    ("complaint", "fault, error"),
    ("complaints", "faults, errors"),
    ("objection", "fault, error"),
    ("mend", "fix, correct"),
    ("mended", "fixed, corrected"),
    ("buries", "discards, releases, retires"),
];

/// Pairs of words that are good apart.
const PAIRS: &[(&str, &str, &str)] =
    &[("is", "no", "is not a"), ("came", "to", "the result"), ("comes", "to", "returns"), ("lets", "go", "releases")];

/// The words of a text that are to be avoided, with what to write instead.
fn found(text: &str) -> Vec<String> {
    let letters = |letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '-';
    let words: Vec<String> = text.split(letters).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let single = words.iter().filter_map(|word| {
        WORDS
            .iter()
            .find(|(avoided, _)| avoided == word)
            .map(|(avoided, instead)| format!("{avoided}: write {instead}"))
    });
    let at = |index: usize| words.get(index).map_or("", String::as_str);
    let double = (0..words.len()).filter_map(|index| {
        let pair = PAIRS.iter().find(|(first, second, _)| (*first, *second) == (at(index), at(index + 1)))?;
        // "There is no ..." is plain English, and so is "is no longer".
        let is_plain = pair.1 == "no" && (index > 0 && at(index - 1) == "there" || at(index + 2) == "longer");
        (!is_plain).then(|| format!("{} {}: write {}", pair.0, pair.1, pair.2))
    });
    single.chain(double).collect()
}

/// The prose of a Markdown page, without code and without the glossary itself.
fn prose(page: &str) -> String {
    let without_blocks: String = page.split("```").step_by(2).collect();
    let without_glossary = match without_blocks.split_once("| write | not |") {
        Some((before, rest)) => format!("{before}{}", rest.split_once("\n\n").map_or("", |(_, after)| after)),
        None => without_blocks,
    };
    without_glossary.split('`').step_by(2).collect()
}

/// The string literals of Rust code outside its tests: they may be messages.
fn strings(code: &str) -> String {
    let mut rest = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut texts = String::new();
    while let Some(letter) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if letter == '"' {
            let end = end_of_string(rest);
            texts += &rest[1..end];
            texts.push('\n');
            end + 1
        } else if let Some((opening, closing)) = raw_string(rest) {
            let end = rest[opening..].find(&closing).map_or(rest.len(), |end| opening + end);
            texts += &rest[opening..end];
            texts.push('\n');
            end + closing.len()
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            // A quote as a character does not begin a string.
            rest[1..].find('\'').unwrap() + 2
        } else {
            letter.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    texts
}

/// The offset of the closing quote of a string that `text` begins with.
fn end_of_string(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.char_indices().skip(1).find(|(_, letter)| {
        let ends = *letter == '"' && !is_escaped;
        is_escaped = *letter == '\\' && !is_escaped;
        ends
    });
    end.map_or(text.len(), |(offset, _)| offset)
}

/// The length of the opening of a raw string that `text` begins with, and its closing.
fn raw_string(text: &str) -> Option<(usize, String)> {
    let marks = text.strip_prefix('r')?;
    let hashes = marks.len() - marks.trim_start_matches('#').len();
    marks[hashes..].starts_with('"').then(|| (hashes + 2, format!("\"{}", "#".repeat(hashes))))
}

/// The files below a folder with an extension, without tests.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.contains("test") || name == "target" || name == "contract" {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}

fn assert_plain(texts: impl Iterator<Item = (PathBuf, String)>) {
    let mut all = Vec::new();
    for (path, text) in texts {
        all.extend(found(&text).into_iter().map(|found| format!("{}: {found}", path.display())));
    }
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn documents_avoid_the_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "python/README.md", "benches/README.md"];
    let pages = pages.map(|page| root.join(page)).into_iter().chain(files(&root.join("docs"), "md"));
    assert_plain(pages.map(|path| (path.clone(), prose(&fs::read_to_string(path).unwrap()))));
}

#[test]
fn messages_and_help_avoid_the_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rust = ["src", "rules/src", "schema/src", "derive/src", "python/src"];
    let rust = rust.into_iter().flat_map(|folder| files(&root.join(folder), "rs"));
    let python = files(&root.join("python/l2_adapter"), "py");
    assert_plain(rust.map(|path| (path.clone(), strings(&fs::read_to_string(path).unwrap()))));
    // In Python, comments are checked, too.
    assert_plain(python.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())));
    let help = files(&root.join("src/cli"), "rs").into_iter().map(|path| {
        let code = fs::read_to_string(&path).unwrap();
        let docs: String =
            code.lines().filter(|line| line.trim_start().starts_with("///")).map(|line| format!("{line}\n")).collect();
        (path, docs)
    });
    assert_plain(help);
}

#[test]
fn a_word_is_found_except_in_its_plain_uses() {
    assert_eq!(found("Whoever asks").len(), 1);
    assert_eq!(found("this is no port").len(), 1);
    assert_eq!(found("there is no port; it is no longer used; a stand-in understands").len(), 0);
    assert_eq!(prose("a `told` b\n```text\ntold\n```\nc"), "a  b\n\nc");
    let code = "// told \"\nf(\"is no key\", '\"', r#\"a \"b\"\"#, \"\\\"c\")";
    assert_eq!(strings(code), "is no key\na \"b\"\n\\\"c\n");
}
