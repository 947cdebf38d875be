//! Every rule of every field decides by itself, in the parser and in the schema.

use l2_adapter::{
    adapters::{
        fs_l2_adapter::FsL2AdapterConfig, mock_l2_adapter::MockL2AdapterConfig, pd_l2_adapter::PdL2AdapterConfig,
    },
    agreement::Agreement,
};
use serde_json::json;

use crate::torture::{TortureBaseL2AdapterConfig, TortureL2AdapterConfig, TortureOpenL2AdapterConfig};

/// Every rule flips, and those that no generator can guess were shown.
#[track_caller]
fn every_rule_flips(agreement: Agreement) {
    match agreement.flip_every_rule() {
        Ok(flips) => assert_eq!(flips.wanting, [""; 0], "rules without a document that shows them"),
        Err(disagreement) => panic!("{disagreement}"),
    }
}

#[test]
fn every_rule_of_fs_flips() {
    every_rule_flips(Agreement::of::<FsL2AdapterConfig>());
}

#[test]
fn every_rule_of_mock_flips() {
    every_rule_flips(Agreement::of::<MockL2AdapterConfig>());
}

#[test]
fn every_rule_of_pd_flips() {
    let document = |changes: serde_json::Value| {
        let mut document = json!({
            "role": "sender", "peer_host": "h", "peer_init_port": [1, 2], "peer_alloc_port": [3, 4],
        });
        for (key, value) in changes.as_object().unwrap() {
            document[key] = value.clone();
        }
        document
    };
    every_rule_flips(
        Agreement::of::<PdL2AdapterConfig>()
            .shown_by("equal_port_counts", document(json!({"peer_alloc_port": [3]})))
            .shown_by("distinct_ports", document(json!({"peer_alloc_port": [3, 1]})))
            .shown_by("whole_proxy_address", document(json!({"proxy_host": "h"})))
            .shown_by("proxy_on_receiver", document(json!({"role": "receiver", "proxy_host": "h", "proxy_port": 1})))
            .shown_by(
                "heartbeat_within_lease",
                document(json!({"timing": {"lease_seconds": 2, "heartbeat_seconds": 1.5}})),
            ),
    );
}

#[test]
fn every_rule_of_torture_base_flips() {
    every_rule_flips(
        Agreement::of::<TortureBaseL2AdapterConfig>().shown_by("low_below_high", json!({"low": 5, "high": 5})),
    );
}

#[test]
fn every_rule_of_torture_open_flips() {
    every_rule_flips(Agreement::of::<TortureOpenL2AdapterConfig>());
}

#[test]
fn every_rule_of_torture_flips() {
    let document = |changes: serde_json::Value| {
        let mut document = json!({"role": "a", "storage": {"kind": "off"}, "token": "t"});
        for (key, value) in changes.as_object().unwrap() {
            document[key] = value.clone();
        }
        document
    };
    every_rule_flips(
        Agreement::of::<TortureL2AdapterConfig>()
            .shown_by("low_below_high", document(json!({"low": 5, "high": 5})))
            .shown_by("role_is_listed", document(json!({"roles": ["b"]})))
            .shown_by("many_roles", document(json!({"roles": ["a", "b", "c", "d"]})))
            .shown_by("endpoint", document(json!({"endpoint": "localhost"})))
            .excused("/texts/name: at least 1 character", "the pattern asks for a character too")
            .excused("/directory: at least 1 character", "the prefix is one"),
    );
}

#[test]
fn every_rule_of_a_nested_spec_flips() {
    every_rule_flips(Agreement::of_specs());
}
