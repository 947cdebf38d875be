//! The control plane is well, and the connections that carry the bytes are not.

use crate::{
    network::{LinkFault, Network},
    nodes::{CONTROL_PORTS, RECEIVER, Receiver, SENDER, Sender, Settings, say, settle},
};

/// Chunks are stored while they cannot be: each task ends by its deadline, and the node says what is the matter.
fn stores_fail_in_time_and_it_is_said(sender: &mut Sender<'_>) {
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
        stores_fail_in_time_and_it_is_said(&mut sender);
    }
    receiver.host.repair();
    let healed = sender.until_bytes_move();
    say(&format!("NIXL's ports dropped, rejected, opened: bytes moved after {:.1} s", healed.as_secs_f64()));
    settle(&mut [&mut sender], &mut receiver, &[]);
}

pub(crate) fn a_sender_that_starts_while_data_ports_are_blocked_keeps_its_deadlines(fault: LinkFault) {
    let settings = Settings::short();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    receiver.host.suffer(fault, &CONTROL_PORTS);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    stores_fail_in_time_and_it_is_said(&mut sender);
    receiver.host.repair();
    let healed = sender.until_bytes_move();
    say(&format!("started with {fault:?}, opened: bytes moved after {:.1} s", healed.as_secs_f64()));
    settle(&mut [&mut sender], &mut receiver, &[]);
}

/// The kernel ends NIXL's connection at one side, while nothing is cut and the control plane goes on.
pub(crate) fn a_data_connection_that_ends_is_made_anew(at_the_sender: bool, in_mid_transfer: bool) {
    let settings = Settings::short();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    sender.store(4);
    if in_mid_transfer {
        sender.store_until_in_mid_transfer();
    }
    let host = if at_the_sender { &sender.host } else { &receiver.host };
    assert!(host.destroy_data_connections(&CONTROL_PORTS) > 0, "there is a connection that carries bytes");
    let healed = sender.until_bytes_move();
    say(&format!(
        "NIXL's connection destroyed, at the sender: {at_the_sender}, in mid-transfer: {in_mid_transfer}: bytes moved after \
         {:.1} s",
        healed.as_secs_f64()
    ));
    settle(&mut [&mut sender], &mut receiver, &[]);
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
