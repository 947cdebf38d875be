//! `types`, `explain` and `example` document the types.

use insta::assert_snapshot;

use crate::program::l2_adapter;

fn type_names() -> Vec<String> {
    let ended = l2_adapter(&["types"]).run();
    ended.out.lines().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn types_lists_each_type_with_its_summary() {
    assert_snapshot!(l2_adapter(&["types"]).run());
}

#[test]
fn explain_shows_the_help_of_a_type() {
    assert_snapshot!(l2_adapter(&["explain", "mock"]).run());
}

#[test]
fn an_unknown_type_is_refused_with_a_suggestion_and_all_types() {
    assert_snapshot!(l2_adapter(&["explain", "mokc"]).run());
}

#[test]
fn every_command_with_a_type_refuses_an_unknown_one() {
    for command in ["explain", "example", "schema", "docs"] {
        let ended = l2_adapter(&[command, "nonesuch"]).run();
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{command}: {ended}");
        assert!(ended.err.contains("no L2 adapter type is named `nonesuch`"), "{command}: {ended}");
    }
}

#[test]
fn example_shows_the_required_keys() {
    assert_snapshot!(l2_adapter(&["example", "mock"]).run());
}

#[test]
fn example_shows_every_key_when_asked() {
    assert_snapshot!(l2_adapter(&["example", "fs", "--full"]).run());
}

#[test]
fn every_example_passes_check() {
    for name in type_names() {
        for extent in [None, Some("--full")] {
            let arguments: Vec<_> = ["example", &name].into_iter().chain(extent).collect();
            let example = l2_adapter(&arguments).run().out;
            let ended = l2_adapter(&["check"]).input(&example).run();
            assert_eq!(ended.code, Some(0), "{name} {extent:?}: {example}{ended}");
        }
    }
}
