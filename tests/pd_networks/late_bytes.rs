//! Bytes that arrive late must not hit a slot that is in use again. Checksums are off, so that only the life of slots protects
//! the chunks.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    network::{LinkFault, Network},
    nodes::{CONTROL_PORTS, OTHER_SENDER, RECEIVER, RECEIVER_CHUNKS, Receiver, SENDER, Sender, Settings, settle},
};

/// More chunks than fit next to the first sender's, so that every slot that is freed is used again at once.
const DEMAND: u64 = RECEIVER_CHUNKS - 4;
/// Longer than the pause after which a kernel retransmits what a cut has lost.
const LATE: Duration = Duration::from_secs(30);

fn without_checksums() -> Settings {
    Settings::short().with("checksum", json!(false))
}

/// Compares the other sender's chunks again and again, for as long as late bytes may arrive.
fn stays_right(other: &mut Sender<'_>, receiver: &mut Receiver<'_>) {
    let keys = other.keys();
    let start = Instant::now();
    while start.elapsed() < LATE {
        receiver.load(&keys);
        if other.is_idle() {
            // A receiver polls NIXL only while something is written to it; until then late bytes wait in its kernel.
            other.probe().unwrap();
            let probe = other.keys().split_off(keys.len());
            receiver.node.perform(json!({"do": "delete", "keys": probe}));
        }
        other.collect();
    }
    other.until_all_is_over();
    // A full receiver may have evicted loaded chunks.
    other.expect_nothing_so_far();
}

pub(crate) fn slots_of_a_sender_that_was_cut_off_are_not_used_again_too_early(seconds: u64) {
    let settings = without_checksums();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut first = Sender::start(network.host(SENDER), &settings);
    let mut other = Sender::start(network.host(OTHER_SENDER), &settings);
    first.store(1);
    other.store(1);
    first.store_until_a_transfer_is_under_way();
    first.host.suffer(LinkFault::NothingLeaves, &CONTROL_PORTS);
    receiver.node.until("the lease has run out", |status| status["leases_run_out"] != 0);
    other.begin_to_store(DEMAND);
    first.watch(Duration::from_secs(seconds));
    first.host.repair();
    stays_right(&mut other, &mut receiver);
    first.until_bytes_move();
    first.expect_nothing_so_far();
    settle(&mut [&mut first, &mut other], &mut receiver, &[]);
}

/// A dead sender's kernel still sends what the process had written, even after the control connection has ended.
pub(crate) fn slots_of_a_sender_that_was_killed_behind_a_fault_are_not_used_again_too_early(fault: LinkFault) {
    let settings = without_checksums();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut killed = Sender::start(network.host(SENDER), &settings);
    let mut other = Sender::start(network.host(OTHER_SENDER), &settings);
    killed.store(1);
    other.store(1);
    killed.store_until_a_transfer_is_under_way();
    killed.host.suffer(fault, &CONTROL_PORTS);
    let (host, keys) = killed.kill();
    receiver
        .node
        .until("the sender is silent or dead", |status| status["leases_run_out"] != 0 || status["senders_died"] != 0);
    other.begin_to_store(DEMAND);
    other.watch(Duration::from_secs(12));
    host.repair();
    stays_right(&mut other, &mut receiver);
    settle(&mut [&mut other], &mut receiver, &keys);
}

/// The write's connection has ended, and the bytes that it had delivered wait in the kernel of a stopped receiver.
pub(crate) fn slots_of_an_interrupted_write_are_not_used_again_before_its_bytes_were_read() {
    let settings = without_checksums();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut first = Sender::start(network.host(SENDER), &settings);
    let mut other = Sender::start(network.host(OTHER_SENDER), &settings);
    first.store(1);
    other.store(1);
    first.store_until_a_transfer_is_under_way();
    other.begin_to_store(DEMAND);
    other.watch(Duration::from_millis(500));
    receiver.node.freeze();
    // The receiver's kernel still takes bytes until its socket is full.
    first.watch(Duration::from_secs(1));
    assert!(first.host.destroy_data_connections(&CONTROL_PORTS) > 0, "there is a connection that carries bytes");
    first.watch(Duration::from_millis(500));
    receiver.node.thaw();
    first.host.repair();
    stays_right(&mut other, &mut receiver);
    first.until_bytes_move();
    first.expect_nothing_so_far();
    settle(&mut [&mut first, &mut other], &mut receiver, &[]);
}

/// A second process starts under the name of a sender that is only cut off. The first one's late bytes must not hit its chunks.
pub(crate) fn a_second_sender_of_the_same_name_frees_no_slot_that_bytes_may_reach() {
    let settings = without_checksums().with("node_name", json!("prefill-0"));
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut first = Sender::start(network.host(SENDER), &settings);
    first.store(1);
    first.store_until_a_transfer_is_under_way();
    first.host.suffer(LinkFault::NothingLeaves, &CONTROL_PORTS);
    receiver.node.until("the lease has run out", |status| status["leases_run_out"] != 0);
    let mut second = Sender::start(network.host(OTHER_SENDER), &settings);
    second.begin_to_store(DEMAND);
    // Shorter than the time after which a kernel gives the first sender's connections up.
    second.watch(Duration::from_secs(6));
    first.host.repair();
    stays_right(&mut second, &mut receiver);
    let (_host, keys) = first.kill();
    settle(&mut [&mut second], &mut receiver, &keys);
}
