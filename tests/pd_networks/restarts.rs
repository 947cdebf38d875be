//! Machines that lose power.

use crate::{
    cuts::Traffic,
    network::{LinkFault, Network},
    nodes::{CONTROL_PORTS, OTHER_SENDER, RECEIVER, Receiver, SENDER, Sender, Settings, say, settle},
};

/// The receiver's machine loses power, so nothing closes its connections, and another machine takes its address.
pub(crate) fn a_receiver_that_restarts_on_another_machine_is_found(traffic: Traffic) {
    let settings = Settings::short();
    let network = Network::new();
    let receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    sender.store(4);
    if traffic == Traffic::MidTransfer {
        sender.store_until_a_transfer_is_under_way();
    }
    receiver.host.suffer(LinkFault::Unplugged, &CONTROL_PORTS);
    drop(receiver);
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    sender.expect_nothing_so_far();
    let healed = sender.until_bytes_move();
    say(&format!("receiver restarted elsewhere, {traffic:?}: bytes moved {:.1} s after", healed.as_secs_f64()));
    settle(&mut [&mut sender], &mut receiver, &[]);
}

/// Nothing closes the sender's connections, so that no fact frees its slots: the receiver's memory is replaced.
pub(crate) fn memory_of_a_sender_whose_machine_loses_power_is_freed() {
    let settings = Settings::short();
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), &settings);
    let mut sender = Sender::start(network.host(SENDER), &settings);
    sender.store_until_a_transfer_is_under_way();
    sender.host.suffer(LinkFault::Unplugged, &CONTROL_PORTS);
    let (host, keys) = sender.kill();
    drop(host);
    receiver.load(&keys);
    receiver.until_all_is_free(&keys);
    let mut other = Sender::start(network.host(OTHER_SENDER), &settings);
    other.store(4);
    settle(&mut [&mut other], &mut receiver, &[]);
}
