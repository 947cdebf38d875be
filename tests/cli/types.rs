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
fn explain_shows_a_key_with_the_rules_that_read_it() {
    assert_snapshot!(l2_adapter(&["explain", "pd", "buffer_size"]).run());
}

#[test]
fn explain_shows_the_rules_of_a_type_that_mention_a_nested_or_common_key() {
    for (adapter_type, key, rule) in [
        ("pd", "eviction", "evicts_by_last_use"),
        ("pd", "eviction_policy", "evicts_by_last_use"),
        ("pd", "serde/aes_bits", "readable_master_key"),
        ("fs_native", "eviction", "capacity_without_eviction"),
    ] {
        let ended = l2_adapter(&["explain", adapter_type, key]).run();
        assert!(ended.out.contains(&format!("{rule}: ")), "{key}: {ended}");
    }
    let ended = l2_adapter(&["explain", "pd", "persist_enabled"]).run();
    assert!(!ended.out.contains("evicts_by_last_use"), "{ended}");
}

#[test]
fn explain_finds_a_key_by_name_or_path_at_any_depth() {
    for (adapter_type, key, begins, times) in [
        ("pd", "lookup_grace_seconds", "timing/lookup_grace_seconds (number, optional, default 0.5;", 1),
        ("pd", "timing/lookup_grace_seconds", "timing/lookup_grace_seconds (", 1),
        ("pd", "/timing/lookup_grace_seconds", "timing/lookup_grace_seconds (", 1),
        ("pd", "timing", "timing (object or null, optional)", 1),
        ("pd", "type", "type (string, required; \"pd\")", 2),
        ("pd", "/type", "type (string, required; \"pd\")", 1),
        ("pd", "eviction", "eviction (object or null, optional)", 1),
        // A key that `serde` passes on is part of its `...`.
        ("pd", "serde/master_key_path", "serde/... (any other key", 1),
        ("pd", "/serde/a_new_setting", "serde/... (any other key", 1),
        ("pd", "/peer_init_port/0", "peer_init_port (list of integers", 1),
        ("dax", "/devices/0/device_path", "devices/device_path (string", 1),
        ("mooncake_store", "/per_op_workers/lookup", "per_op_workers (map of names to integers", 1),
        ("mooncake_store", "/any_setting", "... (any other key, string)", 1),
        ("plugin", "/adapter_params/timing/lease_seconds", "adapter_params (free-form object", 1),
        ("fault_inject", "/inner/base_path", "inner (adapter spec", 1),
    ] {
        let ended = l2_adapter(&["explain", adapter_type, key]).run();
        let keys = ended.out.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).count();
        assert!(ended.out.starts_with(begins), "{key}: {ended}");
        assert_eq!((ended.code, keys), (Some(0), times), "{key}: {ended}");
    }
}

#[test]
fn explain_finds_every_key_that_it_lists() {
    for name in type_names() {
        let all = l2_adapter(&["explain", &name]).run().out;
        // The keys of the type itself are indented by one step.
        let keys = all.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(" ("));
        for (key, _) in keys.filter(|(key, _)| key.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')) {
            let ended = l2_adapter(&["explain", &name, &format!("/{key}")]).run();
            assert!(ended.code == Some(0) && ended.out.starts_with(&format!("{key} (")), "{name} {key}: {ended}");
        }
    }
}

#[test]
fn the_name_of_an_unknown_type_cannot_change_the_terminal() {
    for command in ["explain", "example", "schema"] {
        for (name, shown) in [("\u{1b}[2Jpd", "`\\u{1b}[2Jpd`"), ("\u{202e}pd\n", "`\\u{202e}pd\\n`")] {
            let ended = l2_adapter(&[command, name]).run();
            let named = format!("error: no L2 adapter type is named {shown}");
            assert!(ended.code == Some(2) && ended.err.starts_with(&named), "{command} {name:?}: {ended}");
        }
    }
}

#[test]
fn explain_refuses_an_unknown_key_with_a_suggestion() {
    for (key, error) in [
        (
            "lokup_grace_seconds",
            "error: `pd` has no key `lokup_grace_seconds`; did you mean `timing/lookup_grace_seconds`?\n",
        ),
        ("timing/role", "error: `pd` has no key `timing/role`; did you mean `role`?\n"),
        ("", "error: `pd` has no key ``: `l2-adapter explain pd` lists its keys\n"),
        ("/timing/5", "error: `pd` has no key `/timing/5`; did you mean `timing`?\n"),
        ("\u{1b}[2J\n", "error: `pd` has no key `\\u{1b}[2J\\n`: `l2-adapter explain pd` lists its keys\n"),
    ] {
        let ended = l2_adapter(&["explain", "pd", key]).run();
        assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(2), "", error));
    }
    let ended = l2_adapter(&["explain", "pd", "affinity_tag", "--lmcache", "0.5.7"]).run();
    let error =
        "error: `pd` has no key `affinity_tag` in LMCache 0.5.7: omit `--lmcache` to see which versions have it\n";
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(2), "", error));
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
