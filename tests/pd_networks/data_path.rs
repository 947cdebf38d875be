//! The control plane works, but NIXL's own connections do not.

use std::time::Duration;

use crate::{
    cuts::Traffic,
    network::{LinkFault, Network},
    node::comes_to,
    nodes::{CHUNK, CONTROL_PORTS, MIB, RECEIVER, Receiver, SENDER, Sender, Settings, say, settle},
};

/// The node whose kernel ends a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Sender,
    Receiver,
}

/// Stores chunks while NIXL's connections are blocked: each task fails by its deadline, and the node reports why.
fn stores_fail_in_time_and_the_reason_is_reported(sender: &mut Sender<'_>) {
    let before = sender.stored();
    sender.begin_to_store(2);
    sender.until_all_is_over();
    assert_eq!(sender.stored(), before, "nothing can be stored while NIXL's connections are blocked");
    let trouble = sender.trouble().expect("false health: no chunk could be stored, and the node is healthy");
    assert!(trouble.contains("NIXL"), "the trouble names what is blocked: {trouble}");
}

pub(crate) fn blocked_data_ports_are_reported_and_opened_ones_used() {
    let settings = Settings::short();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    sender.store(4);
    for fault in [LinkFault::DataDropped, LinkFault::DataRejected] {
        receiver.host.suffer(fault, &CONTROL_PORTS);
        stores_fail_in_time_and_the_reason_is_reported(&mut sender);
    }
    receiver.host.repair();
    let healed = sender.until_bytes_move();
    say(&format!("NIXL's ports dropped, rejected, opened: bytes moved after {:.1} s", healed.as_secs_f64()));
    settle(&mut [&mut sender], &mut receiver, &[]);
}

/// Small writes pass and chunks do not.
pub(crate) fn a_path_that_drops_large_packets_is_reported(largest_bytes: u32) {
    let settings = Settings::short();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    sender.store(1);
    receiver.host.suffer(LinkFault::LargeDataDropped(largest_bytes), &CONTROL_PORTS);
    // Nothing is stored, so only the sender's own probes can find it.
    sender.watch_cut_off(settings.notices_within() + Duration::from_secs(11));
    stores_fail_in_time_and_the_reason_is_reported(&mut sender);
    receiver.host.repair();
    let healed = sender.until_bytes_move();
    say(&format!("packets above {largest_bytes} bytes dropped: bytes moved after {:.1} s", healed.as_secs_f64()));
    settle(&mut [&mut sender], &mut receiver, &[]);
}

pub(crate) fn a_sender_that_starts_while_data_ports_are_blocked_keeps_its_deadlines(fault: LinkFault) {
    let settings = Settings::short();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    receiver.host.suffer(fault, &CONTROL_PORTS);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    stores_fail_in_time_and_the_reason_is_reported(&mut sender);
    receiver.host.repair();
    let healed = sender.until_bytes_move();
    say(&format!("started with {fault:?}, opened: bytes moved after {:.1} s", healed.as_secs_f64()));
    let calls = sender.library_calls();
    assert!(calls.iter().any(|call| call.starts_with("loadRemoteMD")), "the calls are counted: {calls:?}");
    say(&format!("calls of the sender's thread, started with {fault:?}: {}", calls.join("; ")));
    settle(&mut [&mut sender], &mut receiver, &[]);
}

/// NIXL would never use a link that comes up later.
pub(crate) fn a_node_starts_only_while_its_link_is_up() {
    let settings = Settings::short();
    let network = Network::new();
    let host = network.host(SENDER);
    host.suffer(LinkFault::Unplugged, &CONTROL_PORTS);
    let refused = settings.try_to_start(&host, "sender", MIB).err().expect("it does not start");
    assert!(refused.contains("no network interface of this machine works"), "{refused}");
    host.repair();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut sender = Sender::start(host, &settings);
    sender.store(1);
    settle(&mut [&mut sender], &mut receiver, &[]);
}

/// One side's kernel closes NIXL's connection, while the network and the control plane work.
pub(crate) fn a_data_connection_that_ends_is_replaced(side: Side, traffic: Traffic) {
    let settings = Settings::short();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    sender.store(4);
    if traffic == Traffic::MidTransfer {
        sender.store_until_a_transfer_is_under_way();
    }
    let host = match side {
        Side::Sender => &sender.host,
        Side::Receiver => &receiver.host,
    };
    assert!(host.destroy_data_connections(&CONTROL_PORTS) > 0, "there is a connection that carries bytes");
    let healed = sender.until_bytes_move();
    let seconds = healed.as_secs_f64();
    say(&format!(
        "NIXL's connection destroyed by the {side:?}'s kernel, {traffic:?}: bytes moved after {seconds:.1} s"
    ));
    settle(&mut [&mut sender], &mut receiver, &[]);
}

/// The sender's kernel gives up connections while they are cut, and the receiver's kernel does not notice. What is left of the
/// first connection must not meet the connection that follows the second: UCX 1.20 crashes a process in which that happens.
pub(crate) fn a_receiver_survives_two_cuts_and_keeps_no_old_connection() {
    let settings = Settings::short();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    sender.store(1);
    // An attempt to connect fails between the two: the nodes' connections then have other numbers, and UCX watches only those of
    // a node's own.
    lose_connections(&mut sender, &receiver);
    sender.until_bytes_move();

    sender.store_until_a_transfer_is_under_way();
    // The receiver has nothing in flight that would detect the cut by not arriving.
    sender.until_it_has_sent(CHUNK as u64 / 2);
    let cut_off = receiver.host.data_connections(&CONTROL_PORTS);
    assert!(!cut_off.is_empty(), "there is a connection that carries bytes");
    lose_connections(&mut sender, &receiver);
    sender.until_bytes_move();
    let remaining = || &receiver.host.data_connections(&CONTROL_PORTS) & &cut_off;
    assert!(
        comes_to(|| remaining().is_empty()),
        "the receiver keeps connections whose other end is closed: {:?}",
        remaining()
    );
    settle(&mut [&mut sender], &mut receiver, &[]);
}

/// The sender's connections end, and the receiver does not notice.
fn lose_connections(sender: &mut Sender<'_>, receiver: &Receiver<'_>) {
    receiver.host.suffer(LinkFault::DataDropped, &CONTROL_PORTS);
    sender.host.destroy_data_connections(&CONTROL_PORTS);
    // Until every packet in flight is lost, and an attempt to connect has failed.
    sender.watch(Duration::from_secs(10));
    receiver.host.repair();
}

pub(crate) fn every_chunk_arrives_over_a_link_that_loses_packets(percent: u8) {
    let settings = Settings::with_default_times();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    sender.host.suffer(LinkFault::Loss(percent), &CONTROL_PORTS);
    sender.store(8);
    settle(&mut [&mut sender], &mut receiver, &[]);
}
