//! The connections of the senders' transfer channels: they die by themselves, and are restored only when their peer is added
//! again.

use super::{
    clock::MILLISECOND,
    coverage::Seen,
    sabotage::Sabotage,
    transfers::ReportedEnd,
    world::{Event, Process, World},
};
use crate::{
    adapters::pd_l2_adapter::{
        protocol::{Epoch, RegionNumber},
        receiver::ReceiverMachine,
    },
    transfer::WriteId,
};

impl World {
    pub(super) fn add_peer(&mut self, sender: usize, peer: Epoch, region: RegionNumber) -> Result<(), String> {
        let fails = self.happens(self.options.add_peer_fails, |random| &mut random.transfers);
        let node = &mut self.senders[sender];
        let is_known = node.peers.get(&peer) == Some(&region);
        let is_troubled = node.troubled_peers.remove(&peer);
        assert!(!is_known || is_troubled, "peer: {peer} is healthy, and is added again");
        let is_written = |number: &usize| self.transfers[*number].is_in_progress_to((peer, region));
        assert!(!node.transfers.values().any(is_written), "peer: {peer} is added again under a write to it");
        let was_broken = node.broken_peers.contains(&peer);
        if !fails {
            node.peers.insert(peer, region);
            if self.options.sabotage != Some(Sabotage::KeepBrokenPeer) {
                node.broken_peers.remove(&peer);
            }
        } else {
            node.peers.remove(&peer);
        }
        self.see(match (fails, was_broken) {
            (true, _) => Seen::PeerNotAdded,
            (false, true) => Seen::PeerHealed,
            (false, false) => Seen::PeerAdded,
        });
        let is_denied = fails || self.options.sabotage == Some(Sabotage::AddPeerInSecret);
        if is_denied { Err("no common transport".to_owned()) } else { Ok(()) }
    }

    /// The connection dies: writes in progress break off, and nothing arrives any more.
    pub(super) fn break_peer(&mut self, sender: usize) {
        let node = &mut self.senders[sender];
        let Some((peer, _)) = node.peers.last_key_value().filter(|_| node.runs) else { return };
        node.broken_peers.insert(*peer);
        let process = node.process;
        self.see(Seen::PeerBroken);
        self.break_off_transfers(sender, process);
    }

    /// A probe arrives once the receiver polls. It fails if the connection is dead or the receiver is another one.
    pub(super) fn probe_peer(&mut self, sender: usize, write: WriteId, peer: Epoch) {
        let process = self.senders[sender].process;
        let delay = self.random.transfers.u64(10..2 * MILLISECOND);
        self.after(delay, Event::ProbeEnds { sender, process, write, peer });
    }

    pub(super) fn probe_ends(&mut self, sender: usize, process: Process, write: WriteId, peer: Epoch) {
        let node = &mut self.senders[sender];
        if node.process != process || !node.runs {
            return;
        }
        let receiver = self.receiver.machine().filter(|_| self.receiver.epoch == peer);
        let is_reachable = node.peers.contains_key(&peer) && !node.broken_peers.contains(&peer) && receiver.is_some();
        let is_polled =
            self.receiver.frozen_until <= self.now && receiver.is_some_and(ReceiverMachine::must_poll_channel);
        if is_reachable && !is_polled {
            return self.after(5 * MILLISECOND, Event::ProbeEnds { sender, process, write, peer });
        }
        if !is_reachable {
            node.troubled_peers.insert(peer);
        }
        self.see(if is_reachable { Seen::ProbeArrived } else { Seen::ProbeFailed });
        let end = if is_reachable { ReportedEnd::Succeeded } else { ReportedEnd::BrokeOff };
        self.report(sender, write, end);
    }
}
