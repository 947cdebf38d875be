//! `since` and `until`: keys, values and rules that some versions of the peer have.

use l2_adapter::{Context, Fault, L2AdapterConfig, Peer, assert_sound};
use serde_json::{Value, json};

use crate::{object, round_trips};

#[path = "../torture/depots.rs"]
mod depots;
#[path = "../torture/versions.rs"]
mod torture_versions;

use depots::depots;
use torture_versions::VersionsL2AdapterConfig as Versions;

/// Calls `read` with each known version of the depot, and with none.
fn in_each_version<T>(read: impl Fn(Option<&Peer<'_>>) -> T) -> Vec<T> {
    depots().iter().map(Some).chain([None]).map(read).collect()
}

fn context<'a>(peer: Option<&'a Peer<'a>>) -> Context<'a> {
    peer.map_or(Context::empty(), |peer| Context::empty().with_peer(peer))
}

fn faults_in(peer: Option<&Peer<'_>>, document: &Value) -> Vec<Fault> {
    let error = Versions::parse(&object(document.clone()), &context(peer)).err();
    error.map(|error| error.faults).unwrap_or_default()
}

/// For versions 1, 2, 3 and none: whether a document is valid, else pointers and codes.
#[track_caller]
fn assert_judged(document: Value, expected: [&[&str]; 4]) {
    let judged = in_each_version(|peer| {
        let faults = faults_in(peer, &document);
        faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
    });
    assert_eq!(judged, expected, "{document}");
}

const VALID: &[&str] = &[];

#[test]
fn keys_values_and_rules_apply_only_in_their_versions() {
    let shared = |document: Value| {
        let mut document = object(document);
        document.insert("shared".to_owned(), json!(true));
        Value::Object(document)
    };
    for (document, expected) in [
        (json!({"speed": 7}), [&["/speed other_version"][..], VALID, VALID, VALID]),
        (json!({"pace": 7}), [&["/pace other_version"], VALID, VALID, VALID]),
        (json!({"colour": "red"}), [VALID, &["/colour other_version"], &["/colour other_version"], VALID]),
        // A key that must be removed has no other fault.
        (
            json!({"colour": 5}),
            [&["/colour wrong_type"], &["/colour other_version"], &["/colour other_version"], &["/colour wrong_type"]],
        ),
        (json!({"packing": "boxed"}), [&["/packing not_allowed"], VALID, VALID, VALID]),
        (json!({"packing": "straw"}), [VALID, VALID, &["/packing not_allowed"], VALID]),
        (
            json!({"shelves": [{"number": 1}, {"number": 2, "width": 3}]}),
            [&["/shelves/1/width other_version"], VALID, VALID, VALID],
        ),
        (json!({"cover": {"of": "wood"}}), [&["/cover/of not_allowed"], VALID, VALID, VALID]),
        (json!({"times": 10}), [VALID, &["/times rule"], VALID, VALID]),
        (json!({"refrigerated": true}), [VALID; 4]),
        (json!({"floor": 4}), [&["/floor other_version"], &["/floor other_version"], VALID, VALID]),
    ] {
        assert_judged(shared(document), expected);
    }
    assert_judged(json!({}), [VALID, VALID, &["/shared missing"], VALID]);
    assert_judged(json!({"shared": false}), [VALID, VALID, &["/shared not_allowed"], VALID]);
}

/// The first message of each version.
fn messages(document: Value) -> Vec<String> {
    in_each_version(|peer| {
        let faults = faults_in(peer, &document);
        faults.first().map(|fault| fault.message.clone()).unwrap_or_default()
    })
}

#[test]
fn a_fault_that_depends_on_the_version_says_which_versions_differ_and_how_to_choose_one() {
    assert_eq!(
        messages(json!({"speed": 7}))[0],
        "`speed` is only in Depot from 2.0.0 on, and this checks for 1.0.0: leave it out, or check for another version with \
         `--depot 3.0.0`"
    );
    assert_eq!(
        messages(json!({"colour": "red"}))[1],
        "`colour` is only in Depot before 2.0.0, and this checks for 2.0.0: leave it out, or check for another version with \
         `--depot 1.0.0`"
    );
    assert_eq!(
        messages(json!({"packing": "boxed"}))[0],
        "`packing` must be \"loose\" or \"straw\": \"boxed\" is only in Depot from 2.0.0 on, and this checks for 1.0.0; \
         `--depot 3.0.0` checks for another version"
    );
    assert_eq!(
        messages(json!({"times": 10}))[1],
        "`times` must be at most nine (so in Depot from 2.0.0 on and before 3.0.0, and this checks for 2.0.0; \
         `--depot 3.0.0` checks for another version)"
    );
    // A key without the name of a peer belongs to the documents' peer.
    assert!(messages(json!({"floor": 4}))[0].starts_with("`floor` is only in Depot from 3.0.0 on, and"));
}

#[test]
fn a_key_of_another_version_is_not_suggested_for_a_misspelt_one() {
    let suggestions = in_each_version(|peer| {
        let document = json!({"sped": 7, "shared": true});
        faults_in(peer, &document).into_iter().map(|fault| fault.suggestion).collect::<Vec<_>>()
    });
    let speed = || vec![Some("speed".to_owned())];
    assert_eq!(suggestions, [vec![None], speed(), speed(), speed()]);
}

#[test]
fn a_variable_does_not_supply_a_key_of_another_version() {
    let lookup = |name: &str| (name == "VERSIONS_SPEED").then(|| "9".into());
    let speeds = in_each_version(|peer| {
        let context = context(peer).with_environment(&lookup);
        Versions::parse(&object(json!({"shared": true})), &context).map(|parsed| parsed.value.speed)
    });
    assert_eq!(speeds, [Ok(5), Ok(9), Ok(9), Ok(9)]);
}

#[test]
fn a_warning_is_given_in_its_versions_only() {
    let warned = in_each_version(|peer| {
        let document = object(json!({"times": 3, "shared": true}));
        Versions::parse(&document, &context(peer)).map(|parsed| parsed.warnings.len())
    });
    assert_eq!(warned, [Ok(1), Ok(0), Ok(0), Ok(0)]);
}

#[test]
fn a_written_config_is_valid_in_every_version() {
    let document = object(json!({"shared": true, "shelves": [{"number": 1}], "packing": "loose"}));
    for written in in_each_version(|peer| {
        let parsed = Versions::parse(&document, &context(peer)).expect("valid in every version");
        round_trips(&parsed.value);
        parsed.value.to_dict()
    }) {
        assert_judged(Value::Object(written), [VALID; 4]);
    }
    assert_sound::<Versions>();
}

#[test]
fn help_and_reference_name_the_versions() {
    for text in [Versions::help(), Versions::markdown()] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (part, times) in [
            // The key `speed`, the key `width` of a shelf, and two values.
            ("Only in Depot from 2.0.0 on.", 4),
            ("In a box. Only in Depot from 2.0.0 on.", 1),
            ("Of wood. Only in Depot from 2.0.0 on.", 1),
            ("There are at most nine. Only in Depot from 2.0.0 on and before 3.0.0.", 1),
            ("it is always shared. Only in Depot from 3.0.0 on.", 1),
            // The key `colour` and a warning.
            ("Only in Depot before 2.0.0.", 2),
            ("Only in versions from 3.0.0 on.", 1),
            ("Only in Truck from 9.0.0 on.", 1),
        ] {
            assert_eq!(text.matches(part).count(), times, "{part}\n{text}");
        }
    }
}

#[test]
fn a_schema_is_for_one_version_and_names_the_versions_of_each_key() {
    use l2_adapter_schema::{Section as _, schema_of};
    in_each_version(|peer| {
        let schema = schema_of(Versions::table(), &[], peer).to_value();
        assert_eq!(schema.get("$comment"), peer.map(|peer| json!(format!("For {peer}."))).as_ref());
    });
    let any = schema_of(Versions::table(), &[], None).to_value();
    assert_eq!(any["properties"]["speed"]["description"], "How fast.\n\nOnly in Depot from 2.0.0 on.");
}
