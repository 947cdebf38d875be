//! `--lmcache`: specs are checked, and schemas generated, for one version of LMCache.

use std::fs;

use serde_json::{Value, json};

use crate::program::{Ended, l2_adapter};

/// Checks a document with these arguments.
fn checked(arguments: &[&str], document: &Value) -> Ended {
    l2_adapter(&[&["check"], arguments].concat()).input(document.to_string()).run()
}

/// The codes of a document's faults for a version.
fn codes(version: &str, document: &Value) -> Vec<String> {
    let ended = checked(&["--quiet", "--format", "json", "--lmcache", version], document);
    let record = &ended.records()[0];
    record["errors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

fn with(mut document: Value, changes: Value) -> Value {
    document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    document
}

#[test]
fn help_and_examples_of_a_version_have_what_that_version_has() {
    let types = l2_adapter(&["types"]).run().out;
    let names = types.lines().filter_map(|line| line.split_whitespace().next());
    for (name, version) in names.flat_map(|name| ["0.5.6", "0.5.7"].map(|version| (name, version))) {
        for extent in [&[][..], &["--full"]] {
            let example = l2_adapter(&[&["example", name, "--lmcache", version], extent].concat()).run();
            let ended = l2_adapter(&["check", "--lmcache", version]).input(&example.out).run();
            assert_eq!(
                (ended.code, ended.out.as_str()),
                (Some(0), ""),
                "{name} {version} {extent:?}: {example} {ended}"
            );
        }
    }
    for (arguments, key, versions) in [
        (["explain", "fs"], "affinity_tag", [true, false]),
        (["explain", "fs_native"], "num_read_workers", [false, true]),
        (["explain", "dax"], "offset_gb", [false, true]),
    ] {
        let has = |more: &[&str]| l2_adapter(&[&arguments, more].concat()).run().out.contains(key);
        assert_eq!([has(&["--lmcache", "0.5.6"]), has(&["--lmcache", "0.5.7"])], versions, "{arguments:?}");
        assert!(has(&[]), "{arguments:?}");
    }
    let example = |version| l2_adapter(&["example", "fs_native", "--full", "--lmcache", version]).run().out;
    let has = |version, key| example(version).contains(key);
    assert!(has("0.5.6", "affinity_tag") && !has("0.5.6", "num_read_workers"), "{}", example("0.5.6"));
    assert!(!has("0.5.7", "affinity_tag") && has("0.5.7", "num_read_workers"), "{}", example("0.5.7"));
}

#[test]
fn a_spec_is_checked_by_the_rules_of_the_given_version() {
    let fs = || json!({"type": "fs", "base_path": "/cache"});
    let fs_native = || json!({"type": "fs_native", "base_path": "/cache"});
    let device = |changes: Value| with(json!({"device_path": "/dev/dax0.0", "max_dax_size_gb": 1}), changes);
    let dax = |devices: Value| json!({"type": "dax", "slot_bytes": 4096, "devices": devices});
    let single = || with(json!({"type": "dax", "slot_bytes": 4096}), device(json!({})));
    let inject = |changes: Value| json!({"type": "fault_inject", "inner": with(fs(), changes)});
    // Documents with their codes in 0.5.6 and in 0.5.7.
    let cases: &[(Value, &[&str], &[&str])] = &[
        (with(fs(), json!({"affinity_tag": "fast"})), &[], &["other_version"]),
        (with(fs(), json!({"affinity_tag": "_default"})), &[], &["other_version"]),
        (with(fs(), json!({"affinity_tag": " "})), &["blank"], &["other_version"]),
        (with(fs_native(), json!({"num_read_workers": 64})), &["other_version"], &[]),
        (with(fs_native(), json!({"num_read_workers": 0, "read_max_bytes_in_flight": 0})), &["other_version"; 2], &[]),
        (with(fs_native(), json!({"num_read_workers": -1})), &["other_version"], &["out_of_range"]),
        (with(fs_native(), json!({"read_max_bytes_in_flight": "1"})), &["other_version"], &["wrong_type"]),
        (with(fs(), json!({"num_read_workers": 64})), &["unknown_key"], &["unknown_key"]),
        (dax(json!([device(json!({"offset_gb": 0}))])), &["other_version"], &[]),
        (dax(json!([device(json!({})), device(json!({"offset_gb": 1}))])), &["other_version"], &[]),
        (dax(json!([device(json!({"offset_gb": -0.5}))])), &["other_version"], &["out_of_range"]),
        (dax(json!([device(json!({"offset_gb": 0.5})), device(json!({}))])), &["other_version"], &["rule"]),
        (dax(json!([device(json!({})), device(json!({}))])), &["rule"], &["rule"]),
        (dax(json!([device(json!({})), device(json!({"device_path": "/dev/dax1.0"}))])), &[], &[]),
        (with(single(), json!({"offset_gb": 2.5})), &["other_version"], &[]),
        (with(dax(json!([device(json!({}))])), json!({"offset_gb": 2.5})), &["other_version"], &["forbidden_key"]),
        (inject(json!({"shared": true})), &["rule"], &[]),
        (inject(json!({"affinity_tag": "fast"})), &["rule"], &["other_version"]),
        (inject(json!({"affinity_tag": "_default"})), &[], &["other_version"]),
    ];
    for (document, old, new) in cases {
        assert_eq!((codes("0.5.6", document), codes("0.5.7", document)), (texts(old), texts(new)), "{document}");
    }
}

fn texts(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn the_default_is_the_last_release_and_a_fault_names_the_version_that_accepts_the_key() {
    let document = json!({"type": "fs_native", "base_path": "/cache", "num_read_workers": 64});
    let ended = checked(&[], &document);
    assert_eq!(ended.code, Some(1), "{ended}");
    let expected = "error[other_version]: /num_read_workers: `num_read_workers` is only in LMCache from 0.5.7 on, and this \
                    checks for 0.5.6: leave it out, or check for another version with `--lmcache 0.5.7`";
    assert!(ended.out.contains(expected), "{ended}");
    let pre_release = checked(&["--lmcache", "0.5.7rc2"], &document);
    assert_eq!(pre_release.code, Some(0), "{pre_release}");
}

#[test]
fn an_unknown_version_is_refused_with_the_known_ones() {
    for version in ["0.5.5", "0.6", "latest", ""] {
        for command in ["check", "schema"] {
            let ended = l2_adapter(&[command, "--lmcache", version]).run();
            let names_both = ended.err.contains("are not known here, only those of 0.5.6 and 0.5.7");
            assert!(ended.code == Some(2) && names_both, "{ended}");
        }
    }
}

/// Whether a spec that only 0.5.7 accepts is accepted on a machine where these variables lead to this folder of packages.
fn on_machine(packages: &str, version: &str, variables: &[(&str, &str)]) -> Ended {
    let document = json!({"type": "fs_native", "base_path": "/", "num_read_workers": 64});
    let mut program = l2_adapter(&["check", "--on-this-machine"]).input(document.to_string());
    let folder = program.folder().to_owned();
    fs::create_dir_all(folder.join(packages).join(format!("lmcache-{version}.dist-info"))).unwrap();
    fs::create_dir_all(folder.join("venv/bin")).unwrap();
    fs::write(folder.join("venv/bin/python3"), "").unwrap();
    for (name, value) in variables {
        program = program.variable(name, &value.replace("HERE", folder.to_str().unwrap()));
    }
    program.run()
}

#[test]
fn on_this_machine_the_version_is_that_of_the_installed_package() {
    const LIBRARY: &str = "venv/lib/python3.12/site-packages";
    for (packages, version, variables, code) in [
        (LIBRARY, "0.5.7rc2", &[("PATH", "/nonesuch:HERE/venv/bin")][..], 0),
        (LIBRARY, "0.5.6", &[("PATH", "HERE/venv/bin")], 1),
        ("packages", "0.5.7", &[("PATH", "HERE/venv/bin"), ("PYTHONPATH", "HERE/packages")], 0),
        // If none is found, the version is the last release.
        ("packages", "0.5.7", &[("PATH", "HERE/venv/bin")], 1),
        (LIBRARY, "0.5.7", &[], 1),
    ] {
        let ended = on_machine(packages, version, variables);
        assert_eq!(ended.code, Some(code), "{packages} {version} {variables:?}\n{ended}");
    }
}

#[test]
fn on_this_machine_an_unknown_version_is_an_error_that_names_the_option() {
    let ended = on_machine("packages", "0.5.9", &[("PYTHONPATH", "HERE/packages")]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.err.contains("LMCache \"0.5.9\" is installed here: say with `--lmcache` which version"), "{ended}");
}

#[test]
fn a_schema_is_for_the_given_version() {
    let affinity = json!({"type": "fs", "base_path": "/cache", "affinity_tag": "fast"});
    let readers = json!({"type": "fs_native", "base_path": "/cache", "num_read_workers": 64});
    for (arguments, version, accepted) in [
        (&["schema"][..], "0.5.6", [true, false]),
        (&["schema", "--lmcache", "0.5.6"], "0.5.6", [true, false]),
        (&["schema", "--lmcache", "0.5.7"], "0.5.7", [false, true]),
        (&["schema", "--editor", "--lmcache", "0.5.7"], "0.5.7", [false, true]),
    ] {
        let schema: Value = serde_json::from_str(&l2_adapter(arguments).run().out).unwrap();
        assert_eq!(schema["$id"], format!("urn:l2-adapter:spec:lmcache-{version}:{}", env!("CARGO_PKG_VERSION")));
        assert_eq!(schema["$comment"], format!("For LMCache {version}."));
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        assert_eq!([&affinity, &readers].map(|document| validator.is_valid(document)), accepted, "{arguments:?}");
    }
    let stale = l2_adapter(&["schema", "fs", "--lmcache", "0.5.7", "--check", "old.json"]).file("old.json", "{}").run();
    assert!(stale.err.contains("`l2-adapter schema --lmcache 0.5.7 fs --output old.json`"), "{stale}");
}
