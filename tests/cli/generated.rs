//! `schema` and `docs`, whose output can be kept in files.

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::l2_adapter;

#[test]
fn the_schema_of_any_spec_is_named_after_the_version() {
    let schema: Value = serde_json::from_str(&l2_adapter(&["schema"]).run().out).unwrap();
    assert_eq!(schema["$id"], format!("urn:l2-adapter:spec:lmcache-0.5.6:{}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_schemas_are_valid_and_accept_the_example_specs() {
    let schema: Value = serde_json::from_str(&l2_adapter(&["schema"]).run().out).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for name in ["pd_sender.json", "pd_receiver.json", "mock.json"] {
        let spec = serde_json::from_slice(&crate::program::example_spec(name)).unwrap();
        assert!(validator.is_valid(&spec), "{name}");
    }
    let broken = serde_json::from_slice(&crate::program::example_spec("broken.json")).unwrap();
    assert!(!validator.is_valid(&broken));
    let schema_of_pd: Value = serde_json::from_str(&l2_adapter(&["schema", "pd"]).run().out).unwrap();
    jsonschema::draft202012::new(&schema_of_pd).unwrap();
}

#[test]
fn docs_of_one_type_are_part_of_the_docs_of_all() {
    let all = l2_adapter(&["docs"]).run().out;
    let one = l2_adapter(&["docs", "mock"]).run().out;
    let summary = "Keeps KV chunks in memory at a simulated bandwidth, for tests.";
    assert!(all.contains(summary) && one.contains(summary));
    assert!(all.len() > one.len());
}

#[test]
fn output_writes_the_printed_text_and_check_accepts_it() {
    for command in ["schema", "docs"] {
        let printed = l2_adapter(&[command, "pd"]).run().out;
        let written = l2_adapter(&[command, "pd", "--output", "file"]).run();
        assert_eq!((written.code, written.out.as_str(), written.err.as_str()), (Some(0), "", ""), "{command}");
        assert_eq!(written.read("file"), printed, "{command}");
        let checked = l2_adapter(&[command, "pd", "--check", "file"]).file("file", &printed).run();
        assert_eq!((checked.code, checked.out.as_str(), checked.err.as_str()), (Some(0), "", ""), "{command}");
    }
}

#[test]
fn a_stale_file_is_refused_with_the_command_that_repairs_it() {
    let printed = l2_adapter(&["docs"]).run().out;
    let stale = printed.replacen("L2", "l2", 1);
    assert_snapshot!(l2_adapter(&["docs", "--check", "the docs.md"]).file("the docs.md", stale).run());
}

#[test]
fn a_file_that_cannot_be_read_is_unusable() {
    assert_snapshot!(l2_adapter(&["schema", "pd", "--check", "nonesuch.json"]).run());
}

#[test]
fn a_file_that_cannot_be_written_is_unusable() {
    assert_snapshot!(l2_adapter(&["schema", "--output", "no/such/folder/schema.json"]).run());
}

#[test]
fn output_and_check_exclude_each_other() {
    let ended = l2_adapter(&["docs", "--output", "a", "--check", "b"]).run();
    assert_eq!(ended.code, Some(2));
}

#[test]
fn the_committed_reference_matches_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/adapters.md");
    let checked = l2_adapter(&["docs", "--check", path]).run();
    assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
}
