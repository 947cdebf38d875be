//! Chunks arrive completely and under their keys.

use l2_adapter::adapter::{L2Adapter, StoreResult};
use serde_json::json;

use crate::node::{Pair, bytes, key, load, look_up, store};

const MIB: usize = 1 << 20;

#[test]
fn a_receiver_finds_and_loads_what_a_sender_stores() {
    let pair = Pair::new(2, 8 << 20, &json!({}));
    for length in [1, 4096, MIB + 17] {
        let keys: Vec<_> = (0..6).map(|name| key((name % 2) as u8, length as u64 + name)).collect();
        assert_eq!(store(&pair.sender, &keys, length), StoreResult::success(6 * length as u64));
        assert_eq!(look_up(&pair.receiver, &keys).count(), 6);
        for (key, loaded) in keys.iter().zip(load(&pair.receiver, &keys, length)) {
            assert_eq!(loaded.as_deref(), Some(bytes(key, length).as_slice()), "{key}");
        }
        pair.receiver.submit_unlock(keys);
    }
}

#[test]
fn chunks_arrive_with_checksums_and_a_secret() {
    let pair = Pair::new(1, 4 << 20, &json!({"checksum": true, "shared_secret": "correct horse battery"}));
    let keys = [key(0, 1), key(0, 2)];
    assert_eq!(store(&pair.sender, &keys, MIB), StoreResult::success(2 * MIB as u64));
    assert!(load(&pair.receiver, &keys, MIB).iter().all(Option::is_some));
}

#[test]
fn a_task_larger_than_the_senders_staging_memory_streams_through_it() {
    let ports = crate::node::free_ports(2);
    let receiver = crate::node::start(&crate::node::spec("receiver", &ports, 16 << 20, &json!({})));
    let sender = crate::node::start(&crate::node::spec("sender", &ports, 2 << 20, &json!({})));
    let keys: Vec<_> = (0..12).map(|name| key(0, name)).collect();
    assert_eq!(store(&sender, &keys, MIB), StoreResult::success(12 * MIB as u64));
    for (key, loaded) in keys.iter().zip(load(&receiver, &keys, MIB)) {
        assert_eq!(loaded.as_deref(), Some(bytes(key, MIB).as_slice()), "{key}");
    }
}

#[test]
fn a_committed_chunk_is_not_sent_again() {
    let pair = Pair::new(1, 4 << 20, &json!({}));
    assert_eq!(store(&pair.sender, &[key(0, 1)], MIB), StoreResult::success(MIB as u64));
    assert_eq!(store(&pair.sender, &[key(0, 1), key(0, 2)], MIB), StoreResult::success(MIB as u64));
}

#[test]
fn a_task_larger_than_the_receivers_memory_fails_with_both_sizes() {
    let ports = crate::node::free_ports(2);
    let _receiver = crate::node::start(&crate::node::spec("receiver", &ports, 1 << 20, &json!({})));
    let sender = crate::node::start(&crate::node::spec("sender", &ports, 8 << 20, &json!({})));
    let keys: Vec<_> = (0..2).map(|name| key(0, name)).collect();
    let failure = store(&sender, &keys, MIB).failure.unwrap();
    assert!(failure.contains("2097152") && failure.contains("1048576"), "{failure}");
}

#[test]
fn usage_counts_committed_bytes_by_salt() {
    let pair = Pair::new(1, 4 << 20, &json!({}));
    store(&pair.sender, &[key(0, 1)], MIB);
    let usage = pair.receiver.usage();
    assert_eq!((usage.total_bytes_used, usage.total_capacity_bytes), (MIB as u64, Some(4 << 20)));
    pair.receiver.delete(vec![key(0, 1)]);
    // Lookups and deletes of one rank are handled in order.
    assert_eq!(look_up(&pair.receiver, &[key(0, 1)]).count(), 0);
    assert_eq!(pair.receiver.usage().total_bytes_used, 0);
}
