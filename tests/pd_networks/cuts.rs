//! The link between two nodes is cut and repaired.

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

/// After a cut bytes move again without intervention, and no chunk is lost or wrong.
pub(crate) fn bytes_move_again(fault: LinkFault, seconds: u64, traffic: Traffic) {
    after_a_cut(&Settings::short(), fault, seconds, traffic);
}

/// The same with the default times.
pub(crate) fn bytes_move_again_with_default_times(fault: LinkFault, seconds: u64, traffic: Traffic) {
    after_a_cut(&Settings::with_default_times(), fault, seconds, traffic);
}

fn after_a_cut(settings: &Settings, fault: LinkFault, seconds: u64, traffic: Traffic) {
    let network = Network::new();
    let mut receiver = Receiver::start(network.host(RECEIVER), settings);
    let mut sender = Sender::start(network.host(SENDER), settings);
    sender.store(4);
    if traffic == Traffic::MidTransfer {
        sender.store_until_a_transfer_is_under_way();
    }
    sender.host.suffer(fault, &CONTROL_PORTS);
    sender.watch_cut_off(Duration::from_secs(seconds));
    sender.host.repair();
    let healed = sender.until_bytes_move();
    say(&format!("{fault:?} for {seconds} s, {traffic:?}: bytes moved {:.1} s after the repair", healed.as_secs_f64()));
    settle(&mut [&mut sender], &mut receiver, &[]);
}
