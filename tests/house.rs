//! The maps match the code: the imports and the steps of the test command in CONTRIBUTING.md, and the files in the head of each
//! large folder.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The lines `from -> to, to` of the page.
fn shown() -> Arrows {
    let page = include_str!("../CONTRIBUTING.md");
    let lines = page.lines().filter_map(|line| line.split_once("->"));
    let names =
        |list: &str| list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    lines.map(|(from, to)| (from.trim().to_owned(), names(to))).collect()
}

/// The imports of each part of the library from the others, without tests.
fn imported() -> Arrows {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let root = fs::read_to_string(source.join("lib.rs")).unwrap();
    let mut parts: Vec<_> = fs::read_dir(&source).unwrap().map(|entry| entry.unwrap().path()).collect();
    parts.retain(|path| !path.ends_with("lib.rs") && !path.ends_with("main.rs"));
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let names: BTreeSet<_> = parts.iter().map(|path| name(path)).collect();
    let owner =
        |used: &str| names.get(used).cloned().or_else(|| exporter(&root, used).filter(|part| names.contains(part)));
    let arrows = |path: &Path| {
        let used = code(path).split("crate::").skip(1).flat_map(first_names).collect::<BTreeSet<_>>();
        used.iter().filter_map(|used| owner(used)).filter(|used| *used != name(path)).collect()
    };
    parts.iter().map(|path| (name(path), arrows(path))).collect()
}

/// The part or crate that `lib.rs` re-exports a name from.
fn exporter(root: &str, used: &str) -> Option<String> {
    let exports = root.split("pub use ").skip(1).filter_map(|rest| rest.split_once(';'));
    let mut with_parts = exports.filter_map(|(path, _)| path.split_once("::"));
    let is_in =
        |list: &str| list.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|name| name == used);
    with_parts.find(|(_, list)| is_in(list)).map(|(part, _)| part.to_owned())
}

/// The first names of the rest of a path: one, or one for each item in braces.
fn first_names(rest: &str) -> Vec<String> {
    let identifier = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let Some(list) = rest.strip_prefix('{') else { return vec![identifier(rest)] };
    let mut depth = 1;
    let inside = list.find(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        depth == 0
    });
    let mut depth = 0;
    // A path inside the list is left out.
    let items = list[..inside.unwrap_or(list.len())].split(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        letter == ',' && depth == 0
    });
    items.map(identifier).filter(|name: &String| !name.is_empty()).collect()
}

/// The code below a path, without comments and tests.
fn code(path: &Path) -> String {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().map(|entry| code(&entry.unwrap().path())).collect();
    }
    let is_test = path.components().any(|part| part.as_os_str().to_str().unwrap().contains("tests"));
    if is_test || path.extension().is_none_or(|extension| extension != "rs") {
        return String::new();
    }
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_arrows_of_the_map_match_the_imports() {
    let arrows = imported();
    assert!(arrows.len() > 5, "{arrows:?}");
    assert_eq!(shown(), arrows);
}

#[test]
fn every_folder_of_the_map_exists() {
    let page = include_str!("../CONTRIBUTING.md");
    let map = page.split("## The map").nth(1).unwrap().split("```").nth(1).unwrap();
    let mut folders: Vec<(usize, &str)> = Vec::new();
    for line in map.lines().skip(1) {
        let Some(name) = line.split_whitespace().next().filter(|name| name.ends_with('/') || name.ends_with(".rs"))
        else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        folders.retain(|(outer, _)| *outer < indent);
        folders.push((indent, name));
        let path: String = folders.iter().map(|(_, name)| *name).collect();
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path).exists(), "{path} of the map does not exist");
    }
}

/// The imports of the files of a folder from each other.
fn within(folder: &Path) -> Arrows {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let names: BTreeSet<String> = files.iter().map(|path| name(path)).filter(|name| name != "mod").collect();
    let used = |path: &Path| {
        let used = code(path).split("super::").skip(1).flat_map(first_names).collect::<BTreeSet<_>>();
        used.into_iter().filter(|used| names.contains(used) && *used != name(path)).collect()
    };
    files.iter().filter(|path| names.contains(&name(path))).map(|path| (name(path), used(path))).collect()
}

/// The files that remain after repeatedly removing those that import none of the others.
fn circles(mut arrows: Arrows) -> Arrows {
    loop {
        let left: BTreeSet<String> = arrows.keys().cloned().collect();
        arrows.retain(|_, used| used.iter().any(|used| left.contains(used)));
        if arrows.len() == left.len() {
            return arrows;
        }
    }
}

#[test]
fn no_files_of_one_folder_import_each_other_in_a_circle() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rooms = ["control", "driver", "node", "proxy", "receiver", "sender"];
    let rooms = rooms.map(|room| source.join("adapters/pd_l2_adapter").join(room));
    for room in rooms.into_iter().chain([source.join("cli/nodes"), source.join("transfer")]) {
        let arrows = within(&room);
        assert!(arrows.values().any(|used| !used.is_empty()), "no import was found in {}", room.display());
        assert_eq!(circles(arrows), Arrows::new(), "a circle in {}", room.display());
    }
}

#[test]
fn a_circle_is_found_together_with_the_files_that_lead_into_it() {
    let arrows = |list: &[(&str, &str)]| -> Arrows {
        list.iter().map(|(from, to)| ((*from).to_owned(), BTreeSet::from([(*to).to_owned()]))).collect()
    };
    assert_eq!(circles(arrows(&[("a", "b"), ("b", "c")])), Arrows::new());
    let circle = arrows(&[("a", "b"), ("b", "a"), ("c", "a")]);
    assert_eq!(circles(circle.clone()), circle);
}

/// The folders below a path with more than six modules.
fn large_folders(folder: &Path) -> Vec<PathBuf> {
    let entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let folders = entries.iter().filter(|path| path.is_dir());
    let mut found: Vec<_> = folders.flat_map(|path| large_folders(path)).collect();
    if members(folder).len() > 6 {
        found.push(folder.to_owned());
    }
    found
}

/// The modules in a folder: Rust files, and folders with Rust files, without the file that is the folder's head.
fn members(folder: &Path) -> BTreeSet<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_module =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs") || path.join("mod.rs").exists();
    let names = paths.filter(is_module).map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    names.filter(|name| !HEADS.contains(&name.as_str())).collect()
}

const HEADS: [&str; 3] = ["lib", "mod", "main"];

/// The documentation at the beginning of a folder's head.
fn head(folder: &Path) -> String {
    let file = HEADS.map(|name| folder.join(name).with_extension("rs")).into_iter().find(|path| path.exists());
    let file = file.unwrap_or_else(|| panic!("{} has no head", folder.display()));
    let text = fs::read_to_string(file).unwrap();
    text.lines().take_while(|line| line.starts_with("//!")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_large_folder_begins_with_a_map_of_its_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = ["src", "rules/src", "schema/src", "derive/src", "agreement/src", "python/src"];
    let tests = ["tests/cli", "tests/language", "tests/pd", "tests/pd_networks"];
    let folders = crates.into_iter().chain(tests).flat_map(|folder| large_folders(&root.join(folder)));
    let mut missing = Vec::new();
    // The catalogue's files are adapter types: docs/adapters.md is their map.
    for folder in folders.filter(|folder| !folder.ends_with("catalogue")) {
        let head = head(&folder);
        let words: BTreeSet<&str> = head.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        // Tests of a module need no map: their names are claims.
        let unnamed = members(&folder).into_iter().filter(|name| !is_of_tests(name) && !words.contains(name.as_str()));
        missing.extend(unnamed.map(|name| folder.join(name)));
    }
    assert!(missing.is_empty(), "not in the map at the head of their folder: {missing:#?}");
}

/// Whether a module has only tests.
fn is_of_tests(name: &str) -> bool {
    name == "tests" || name.ends_with("_tests")
}

#[test]
fn the_steps_of_the_page_match_the_script() {
    let script = include_str!("../scripts/test");
    let order = script.split("STEPS=(").nth(1).unwrap().split(')').next().unwrap().split_whitespace();
    let comment = |step: &str| {
        let head = format!("\n{step}() {{ # ");
        script.split(&head).nth(1).unwrap_or_else(|| panic!("no comment at {step}")).lines().next().unwrap()
    };
    let expected: Vec<String> = order.map(|step| format!("`{step}` | {}", comment(step))).collect();
    let page = include_str!("../CONTRIBUTING.md").split("## The steps of `scripts/test`").nth(1).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let shown: Vec<_> =
        rows.take(expected.len()).map(|row| row[2..].rsplit_once(" | ").unwrap().0.to_owned()).collect();
    assert_eq!(shown, expected);
}
