use serde_json::{Value, json};

use super::*;
use crate::L2AdapterConfig;

const SECRET: &str = "xyzzy-0123456789";

fn config(changes: Value) -> PdL2AdapterConfig {
    let mut spec = json!({
        "role": "sender", "peer_host": "10.0.0.2", "peer_init_port": [9051, 9053], "peer_alloc_port": [9052, 9054],
    });
    for (key, value) in changes.as_object().unwrap() {
        spec[key] = value.clone();
    }
    PdL2AdapterConfig::from_str(&spec.to_string()).unwrap()
}

fn compare(specs: &[Value], environment_is_known: bool) -> Vec<Misfit> {
    let configs: Vec<_> = specs.iter().cloned().map(config).collect();
    let labels: Vec<_> = (0..specs.len()).map(|index| format!("spec {index}")).collect();
    let nodes: Vec<_> = configs.iter().zip(&labels).map(|(config, label)| Node { config, label }).collect();
    misfits(&nodes, environment_is_known)
}

/// The misfits of a sender and a receiver: code, key and message of each.
fn pair(sender: Value, mut receiver: Value) -> Vec<(PairCode, &'static str, String)> {
    receiver["role"] = json!("receiver");
    let found = compare(&[sender, receiver], true);
    assert!(found.iter().all(|misfit| (misfit.node, misfit.other) == (0, Some(1))), "{found:?}");
    found.into_iter().map(|misfit| (misfit.code, misfit.key, misfit.message)).collect()
}

fn codes(specs: &[Value]) -> Vec<(PairCode, Severity, usize, Option<usize>)> {
    compare(specs, false).into_iter().map(|misfit| (misfit.code, misfit.severity, misfit.node, misfit.other)).collect()
}

#[test]
fn a_sender_and_the_receiver_it_names_fit() {
    assert_eq!(pair(json!({}), json!({})), []);
    let ends = [json!({"buffer_size": 1, "timing": {}, "node_name": "a"}), json!({"listen_host": "::"})];
    assert_eq!(pair(ends[0].clone(), ends[1].clone()), [], "these may differ");
}

#[test]
fn the_first_port_that_differs_is_named_with_its_place_at_the_receiver() {
    let swapped = json!({"peer_init_port": [9053, 9051]});
    let expected = "`peer_init_port[0]` is 9053, and 9051 in the receiver's spec at spec 1, where 9053 is `peer_init_port[1]`: both \
                    need the same ports in the same order";
    assert_eq!(pair(swapped, json!({})), [(PairCode::Ports, "peer_init_port", expected.to_owned())]);
    let other = json!({"peer_alloc_port": [9052, 9055]});
    let expected = "`peer_alloc_port[1]` is 9055, and 9054 in the receiver's spec at spec 1: both need the same ports in the same order";
    assert_eq!(pair(other, json!({})), [(PairCode::Ports, "peer_alloc_port", expected.to_owned())]);
}

#[test]
fn ports_for_different_numbers_of_ranks_do_not_fit() {
    let expected =
        "`peer_init_port` has ports for 1 TP rank, and for 2 in the receiver's spec at spec 1: both need the same TP";
    let one = json!({"peer_init_port": [9051], "peer_alloc_port": [9052]});
    assert_eq!(pair(one, json!({})), [(PairCode::Ranks, "peer_init_port", expected.to_owned())]);
}

#[test]
fn channel_and_checksum_must_be_equal() {
    let found = pair(json!({"checksum": true}), json!({"transfer_channel": "mock_memory"}));
    let expected = [
        (
            PairCode::Channel,
            "transfer_channel",
            "`transfer_channel` is \"nixl\", and \"mock_memory\" in the receiver's spec at spec 1: both need the same",
        ),
        (
            PairCode::Checksum,
            "checksum",
            "`checksum` is true, and false in the receiver's spec at spec 1: both need the same",
        ),
    ];
    assert_eq!(found, expected.map(|(code, key, message)| (code, key, message.to_owned())));
}

#[test]
fn secrets_are_compared_and_never_shown() {
    let (given, other, none) =
        (json!({"shared_secret": SECRET}), json!({"shared_secret": "0123456789-xyzzy!"}), json!({}));
    let cases = [
        (&given, &given, None),
        (&none, &none, None),
        (
            &given,
            &other,
            Some("`shared_secret` differs from that in the receiver's spec at spec 1: both need the same"),
        ),
        (
            &given,
            &none,
            Some("`shared_secret` is given, and absent in the receiver's spec at spec 1: both need the same"),
        ),
        (
            &none,
            &given,
            Some("`shared_secret` is absent, and given in the receiver's spec at spec 1: both need the same"),
        ),
    ];
    for (sender, receiver, expected) in cases {
        let found = pair(sender.clone(), receiver.clone());
        let expected = expected.map(|message| (PairCode::Secret, "shared_secret", message.to_owned()));
        assert_eq!(found, Vec::from_iter(expected));
        assert!(!format!("{found:?}").contains("xyzzy"));
    }
}

#[test]
fn a_secret_that_a_variable_may_supply_is_a_warning() {
    let receiver = |secret| json!({"role": "receiver", "shared_secret": secret});
    let warning = [(PairCode::Secret, Severity::Warning, 0, Some(1))];
    assert_eq!(codes(&[json!({}), receiver(json!(SECRET))]), warning);
    let differing = [(PairCode::Secret, Severity::Fault, 0, Some(1))];
    assert_eq!(codes(&[json!({"shared_secret": "0123456789-xyzzy!"}), receiver(json!(SECRET))]), differing);
}

#[test]
fn a_host_may_be_written_in_several_ways() {
    for (sender, receiver) in [("Decode.", "decode"), ("[::1]", "0:0:0:0:0:0:0:1"), ("::ffff:10.0.0.2", "10.0.0.2")] {
        let found = codes(&[json!({"peer_host": sender}), json!({"peer_host": receiver, "role": "receiver"})]);
        assert_eq!(found, [], "{sender} {receiver}");
    }
}

#[test]
fn a_missing_receiver_is_a_note() {
    let receiver = json!({"role": "receiver"});
    let elsewhere = json!({"peer_host": "10.0.0.9"});
    assert_eq!(codes(&[receiver.clone(), elsewhere]), [(PairCode::NoReceiver, Severity::Note, 1, None)]);
    let other_ports = json!({"peer_init_port": [1], "peer_alloc_port": [2]});
    let found = compare(&[receiver, other_ports], false);
    let expected = "no receiver among these specs has port 1 of `peer_host` \"10.0.0.2\"; the receiver at spec 0 has other \
                    ports of this host";
    assert_eq!((found[0].message.as_str(), found.len()), (expected, 1));
}

#[test]
fn two_receivers_of_one_port_are_a_fault() {
    let receiver =
        |init: u16, alloc: u16| json!({"role": "receiver", "peer_init_port": [init], "peer_alloc_port": [alloc]});
    assert_eq!(codes(&[receiver(1, 2), receiver(3, 4)]), []);
    // Once, however many ports they share.
    assert_eq!(codes(&[receiver(1, 2), receiver(2, 1)]), [(PairCode::Address, Severity::Fault, 1, Some(0))]);
    let elsewhere = json!({"role": "receiver", "peer_host": "10.0.0.9"});
    assert_eq!(codes(&[json!({"role": "receiver"}), elsewhere]), []);
}

#[test]
fn receivers_whose_host_is_a_variable_or_every_address_may_be_on_different_machines() {
    for host in ["$(POD_IP)", "${POD_IP}", "$POD_IP", "{{ ip }}", "0.0.0.0", "::"] {
        let receiver = json!({"role": "receiver", "peer_host": host});
        assert_eq!(codes(&[receiver.clone(), receiver]), [], "{host}");
    }
}

#[test]
fn two_senders_of_one_name_and_receiver_are_a_fault() {
    let sender = |name: &str, host: &str| json!({"node_name": name, "peer_host": host});
    let receivers = ["a", "b"].map(|host| json!({"role": "receiver", "peer_host": host}));
    let with = |senders: [Value; 2]| codes(&[&senders[..], &receivers[..]].concat());
    let fault = [(PairCode::Name, Severity::Fault, 1, Some(0))];
    assert_eq!(with([sender("prefill-0", "a"), sender("prefill-0", "A")]), fault);
    assert_eq!(with([sender("prefill-0", "a"), sender("prefill-1", "a")]), []);
    assert_eq!(with([sender("prefill-0", "a"), sender("prefill-0", "b")]), [], "each receiver knows one of them");
    assert_eq!(with([json!({"peer_host": "a"}), json!({"peer_host": "a"})]), [], "without names there are no doubles");
}

#[test]
fn a_sender_with_ports_of_two_receivers_fits_neither() {
    let receiver =
        |init: u16, alloc: u16| json!({"role": "receiver", "peer_init_port": [init], "peer_alloc_port": [alloc]});
    let found = codes(&[json!({"peer_init_port": [1], "peer_alloc_port": [4]}), receiver(1, 2), receiver(3, 4)]);
    let fault = |other| (PairCode::Ports, Severity::Fault, 0, Some(other));
    assert_eq!(found, [fault(1), fault(2)]);
}

#[test]
fn one_spec_alone_fits() {
    for role in ["sender", "receiver"] {
        assert_eq!(codes(&[json!({"role": role, "shared_secret": SECRET})]), []);
    }
}

#[test]
fn every_code_is_in_the_docs_and_no_other() {
    let docs = include_str!("../../../../docs/check.md");
    let rows = docs.lines().filter_map(|line| line.strip_prefix("| `pair_")?.split('`').next());
    let documented: Vec<_> = rows.map(|code| format!("pair_{code}")).collect();
    assert_eq!(documented, PairCode::ALL.map(|code| code.as_str().to_owned()));
}
