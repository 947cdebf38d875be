//! Tasks of the other role.

use l2_adapter::adapter::{AdapterStatus, L2Adapter, StoreResult};
use serde_json::json;

use crate::node::{Pair, free_ports, key, load, look_up, spec, start, store};

#[test]
fn stores_at_a_receiver_succeed_at_once_with_0_bytes() {
    let receiver = start(&spec("receiver", &free_ports(2), 1 << 20, &json!({})));
    assert_eq!(store(&receiver, &[key(0, 1)], 100), StoreResult::success(0));
    assert_eq!(look_up(&receiver, &[key(0, 1)]).count(), 0);
}

#[test]
fn a_sender_finds_and_loads_nothing() {
    let pair = Pair::new(1, 1 << 20, &json!({}));
    store(&pair.sender, &[key(0, 1)], 100);
    assert_eq!(look_up(&pair.sender, &[key(0, 1)]).count(), 0);
    assert_eq!(load(&pair.sender, &[key(0, 1)], 100), [None]);
}

#[test]
fn the_error_for_a_chunk_of_a_rank_without_a_port_says_what_to_add() {
    let pair = Pair::new(1, 1 << 20, &json!({}));
    let failure = store(&pair.sender, &[key(0, 1), key(1, 1)], 100).failure.unwrap();
    assert!(failure.contains("TP rank 1") && failure.contains("peer_alloc_port"), "{failure}");
}

#[test]
fn without_a_receiver_stores_fail_at_their_deadline_with_a_reason() {
    let timing = json!({"timing": {"store_seconds": 0.2, "connect_seconds": 0.1}});
    let sender = start(&spec("sender", &free_ports(2), 1 << 20, &timing));
    let failure = store(&sender, &[key(0, 1)], 100).failure.unwrap();
    assert!(failure.contains("not reached in time"), "{failure}");
    assert!(matches!(sender.report_status(), AdapterStatus::Unhealthy(_)));
}

#[test]
fn a_sender_with_another_secret_is_refused() {
    let ports = free_ports(2);
    let _receiver = start(&spec("receiver", &ports, 1 << 20, &json!({"shared_secret": "correct horse battery"})));
    for secret in [json!({"shared_secret": "another horse battery"}), json!({})] {
        let mut more = secret;
        more["timing"] = json!({"store_seconds": 0.5});
        let sender = start(&spec("sender", &ports, 1 << 20, &more));
        let failure = store(&sender, &[key(0, 1)], 100).failure.unwrap();
        assert!(failure.contains("shared secret"), "{failure}");
    }
}

#[test]
fn after_closing_twice_results_can_be_taken_and_later_tasks_complete() {
    let pair = Pair::new(1, 1 << 20, &json!({}));
    pair.sender.close();
    pair.sender.close();
    assert_eq!(pair.sender.report_status(), AdapterStatus::Closed);
    assert!(!store(&pair.sender, &[key(0, 1)], 100).is_successful());
}

#[test]
fn a_new_node_has_a_status() {
    let ports = free_ports(2);
    let receiver = start(&spec("receiver", &ports, 1 << 20, &json!({})));
    assert_eq!(receiver.status().pointer("/ranks/0/free_bytes"), Some(&json!(1 << 20)));
    let sender = start(&spec("sender", &ports, 1 << 20, &json!({})));
    assert_eq!(sender.status().pointer("/ranks/0/open_tasks"), Some(&json!(0)));
}
