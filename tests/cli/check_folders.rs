//! `check` of folders.

use std::{fs, process::Command};

use crate::program::{Ended, l2_adapter};

const FS: &str = r#"{"type": "fs", "base_path": "/cache"}"#;

/// `check` of the folder `deploy` with these files, after a shell command has run there.
fn check(files: &[(&str, &str)], script: &str, options: &[&str]) -> Ended {
    let program = l2_adapter(&[&["check", "deploy"], options].concat());
    for (name, text) in files {
        let path = program.folder().join("deploy").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::create_dir_all(program.folder().join("deploy")).unwrap();
    let shell = Command::new("sh").args(["-c", script]).current_dir(program.folder().join("deploy")).status();
    assert!(shell.unwrap().success());
    program.run()
}

/// The sources of the documents that were checked.
fn sources(ended: &Ended) -> Vec<String> {
    ended.records().iter().map(|record| record["source"].as_str().unwrap().replace('\\', "/")).collect()
}

#[test]
fn the_files_of_a_folder_are_checked_by_name() {
    let lines = format!("{FS}\n{FS}\n");
    let files = [("b.json", FS), ("a/deep/x.JSONL", &lines), ("notes.txt", "no spec"), ("a/y.ndjson", FS)];
    let ended = check(&files, "true", &["--format", "json"]);
    let expected = ["deploy/a/deep/x.JSONL", "deploy/a/deep/x.JSONL", "deploy/a/y.ndjson", "deploy/b.json"];
    assert_eq!((ended.code, sources(&ended)), (Some(0), expected.map(str::to_owned).to_vec()), "{ended}");
}

#[test]
fn files_that_git_ignores_and_hidden_files_are_left_out() {
    let ignored = ("vendor/package.json", "{}");
    let files = [
        ("a.json", FS),
        ignored,
        (".hidden/b.json", "{}"),
        ("c.json", "{}"),
        ("sub/.ignore", "d.json"),
        ("sub/d.json", "{}"),
    ];
    let ended = check(&[&files[..], &[(".gitignore", "vendor/\nc.json\n")]].concat(), "true", &["--format", "json"]);
    assert_eq!((ended.code, sources(&ended)), (Some(0), vec!["deploy/a.json".to_owned()]), "{ended}");
}

#[test]
fn a_folder_without_json_files_is_an_error() {
    let ended = check(&[("notes.txt", FS)], "true", &[]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.err.contains("no file in deploy ends in .json, .jsonl or .ndjson"), "{ended}");
}

#[test]
fn a_file_with_faults_does_not_hide_the_others() {
    let ended = check(&[("a.json", "{}"), ("b.json", "nonsense"), ("c.json", FS)], "true", &[]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.out.contains("deploy/a.json:1:1: ") && ended.out.contains("deploy/b.json:1:1: "), "{ended}");
    assert!(ended.err.contains("checked 3 documents: 1 valid, 2 invalid"), "{ended}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_circular_ones_are_errors() {
    let script = "mkdir sub && ln -s ../a.json sub/link.json && ln -s .. sub/round && ln -s gone.json broken.json && mkfifo fifo.json";
    let ended = check(&[("a.json", FS)], script, &["--format", "json"]);
    assert_eq!(
        (ended.code, sources(&ended)),
        (Some(2), vec!["deploy/a.json".to_owned(), "deploy/sub/link.json".to_owned()]),
        "{ended}"
    );
    for words in ["deploy/sub/round", "loop", "deploy/broken.json", "cannot look at all of the folder deploy"] {
        assert!(ended.err.contains(words), "{words} is not in {ended}");
    }
}
