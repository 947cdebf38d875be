//! Bytes that arrive late hit no slot that is used again. Without checksums, so that nothing but the slots' life protects them.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    network::{LinkFault, Network},
    nodes::{CONTROL_PORTS, OTHER_SENDER, RECEIVER, RECEIVER_CHUNKS, Receiver, SENDER, Sender, Settings, settle},
};

/// More than there is room for beside what the first sender had reserved: whatever is freed is used at once.
const DEMAND: u64 = RECEIVER_CHUNKS - 4;
/// The kernel sends again what was lost after up to twice the time of the cut.
const LATE: Duration = Duration::from_secs(30);

fn without_checksums() -> Settings {
    Settings::short().with("checksum", json!(false))
}

/// What came through is right, and stays right for as long as late bytes may come.
fn stays_right(other: &mut Sender<'_>, receiver: &mut Receiver<'_>) {
    let keys = other.keys();
    let start = Instant::now();
    while start.elapsed() < LATE {
        receiver.load(&keys);
        if other.is_idle() {
            // A receiver that nobody writes to does not look at its connections: late bytes wait in its kernel.
            other.probe().unwrap();
            let probe = other.keys().split_off(keys.len());
            receiver.node.perform(json!({"do": "delete", "keys": probe}));
        }
        other.collect();
    }
    other.until_all_is_over();
    // A receiver that is full evicts what was loaded.
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
    first.store_until_in_mid_transfer();
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

/// A dead sender's kernel still sends what it had taken, also after the end of the connection that told of the death.
pub(crate) fn slots_of_a_sender_that_was_killed_behind_a_fault_are_not_used_again_too_early(fault: LinkFault) {
    let settings = without_checksums();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut killed = Sender::start(network.host(SENDER), &settings);
    let mut other = Sender::start(network.host(OTHER_SENDER), &settings);
    killed.store(1);
    other.store(1);
    killed.store_until_in_mid_transfer();
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

/// The connection is gone, and what it had delivered waits in the kernel of a receiver that is stopped.
pub(crate) fn slots_of_a_write_that_broke_off_are_not_used_again_before_its_bytes_were_read() {
    let settings = without_checksums();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut first = Sender::start(network.host(SENDER), &settings);
    let mut other = Sender::start(network.host(OTHER_SENDER), &settings);
    first.store(1);
    other.store(1);
    first.store_until_in_mid_transfer();
    other.begin_to_store(DEMAND);
    other.watch(Duration::from_millis(500));
    receiver.node.freeze();
    // Its kernel goes on taking bytes until it has no room.
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

/// Another process takes the name of a sender that is only cut off, and what it stores is not hit by the first one's bytes.
pub(crate) fn a_name_that_is_started_twice_frees_no_slot_that_bytes_may_reach() {
    let settings = without_checksums().with("node_name", json!("prefill-0"));
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut first = Sender::start(network.host(SENDER), &settings);
    first.store(1);
    first.store_until_in_mid_transfer();
    first.host.suffer(LinkFault::NothingLeaves, &CONTROL_PORTS);
    receiver.node.until("the lease has run out", |status| status["leases_run_out"] != 0);
    let mut second = Sender::start(network.host(OTHER_SENDER), &settings);
    second.begin_to_store(DEMAND);
    // Well within the time in which the kernel keeps what was sent alive.
    second.watch(Duration::from_secs(6));
    first.host.repair();
    stays_right(&mut second, &mut receiver);
    let (_host, keys) = first.kill();
    settle(&mut [&mut second], &mut receiver, &keys);
}
