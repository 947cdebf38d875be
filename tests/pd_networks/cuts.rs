//! The link is cut and comes back.

use std::time::Duration;

use crate::{
    network::{LinkFault, Network},
    nodes::{CONTROL_PORTS, RECEIVER, Receiver, SENDER, Sender, Settings, say, settle},
};

/// What a sender is doing when its link is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Traffic {
    Idle,
    MidTransfer,
}

/// Bytes move again after a cut, without anybody's help, and nothing is lost or wrong.
pub(crate) fn bytes_move_again(fault: LinkFault, seconds: u64, traffic: Traffic) {
    bytes_move_again_with(&Settings::short(), fault, seconds, traffic);
}

pub(crate) fn bytes_move_again_with(settings: &Settings, fault: LinkFault, seconds: u64, traffic: Traffic) {
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), settings);
    let mut sender = Sender::start(network.host(SENDER), settings);
    sender.store(4);
    if traffic == Traffic::MidTransfer {
        sender.store_until_in_mid_transfer();
    }
    sender.host.suffer(fault, &CONTROL_PORTS);
    sender.watch_cut_off(Duration::from_secs(seconds));
    sender.host.repair();
    let healed = sender.until_bytes_move();
    say(&format!("{fault:?} for {seconds} s, {traffic:?}: bytes moved {:.1} s after the repair", healed.as_secs_f64()));
    settle(&mut [&mut sender], &mut receiver, &[]);
}
