//! The transfer channel's connection to the receiver's memory. It lives and fails independently of the control connection.
//!
//! ```text
//! Absent -> Connecting -> Ready <-> Draining -> Broken -> Connecting
//!    ^----------'           '---------------------^
//! ```
//!
//! Measured with NIXL over TCP: after a cut, every write to a peer fails for ever, while the control connection works. The
//! sender recovers alone: it removes the peer, adds it again from the same metadata (the channel creates a new agent for it)
//! and repeats its writes. Three rules follow.
//!
//! - A failed *write* breaks the peer; a failed control connection does not. A healthy or connecting peer is never added again:
//!   that would cost a connection that works.
//! - A peer is removed only when no write to it is in progress. A removed write goes on in the background, and reads whatever
//!   its source holds by then.
//! - A peer is ready when a write has arrived there. Adding it proves nothing, so a probe is written first, and again with each
//!   heartbeat that no other write has preceded.

use std::{collections::BTreeSet, time::Duration};

use super::{SenderAction, SenderMachine, backoff::Backoff};
use crate::{
    adapters::pd_l2_adapter::protocol::{Destination, Epoch},
    transfer::{WriteEnd, WriteId},
};

/// The peer of one rank's sender. Belongs to the rank's thread.
#[derive(Debug)]
pub(super) struct Peer {
    /// The memory that the channel has, or will have next.
    destination: Option<Destination>,
    state: PeerState,
    /// Delays attempts since a write last arrived.
    backoff: Backoff,
    /// The probe in flight, and its receiver.
    probe: Option<(WriteId, Epoch)>,
    /// Probes in flight to earlier receivers.
    old_probes: BTreeSet<WriteId>,
    /// A write of a chunk has arrived since the last heartbeat.
    is_proven: bool,
    /// The last failure was followed by an immediate attempt.
    was_tried_at_once: bool,
}

#[derive(Debug)]
enum PeerState {
    /// The channel does not have it.
    Absent { retry_at: Duration, trouble: Option<PeerTrouble> },
    /// The channel has it, or was just asked to add it; no write has arrived yet.
    Connecting { is_added: bool, trouble: Option<PeerTrouble> },
    /// A write has arrived.
    Ready,
    /// Something is wrong, and a write to it is still in progress.
    Draining { has_failed: bool, trouble: PeerTrouble },
    /// A write has failed and none is in progress.
    Broken { retry_at: Duration, trouble: PeerTrouble },
}

/// Why a peer is not ready.
#[derive(Debug, Clone)]
pub(super) struct PeerTrouble {
    /// Start of the first write that has not arrived, counted from the last arrival; the time of the failure if it failed at
    /// once.
    pub(super) since: Duration,
    pub(super) reason: String,
}

/// The state of a peer, for people and programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum PeerCondition {
    #[default]
    Absent,
    Connecting,
    Ready,
    Draining,
    Broken,
}

impl PeerCondition {
    /// Its name in status reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Connecting => "connecting",
            Self::Ready => "ready",
            Self::Draining => "draining",
            Self::Broken => "broken",
        }
    }
}

impl Peer {
    pub(super) fn new(random_seed: u64) -> Self {
        Self {
            destination: None,
            state: PeerState::Absent { retry_at: Duration::ZERO, trouble: None },
            backoff: Backoff::new(random_seed),
            probe: None,
            old_probes: BTreeSet::new(),
            is_proven: false,
            was_tried_at_once: false,
        }
    }

    /// The latest incarnation of the receiver.
    pub(super) fn receiver(&self) -> Option<Epoch> {
        self.destination.map(|destination| destination.receiver)
    }

    pub(super) fn is_ready(&self) -> bool {
        matches!(self.state, PeerState::Ready)
    }

    /// Whether the current receiver must poll for a probe.
    pub(super) fn is_probing(&self) -> bool {
        self.probe.is_some()
    }

    /// Probes that have not ended.
    pub(super) fn probes(&self) -> usize {
        self.old_probes.len() + usize::from(self.probe.is_some())
    }

    pub(super) fn condition(&self) -> PeerCondition {
        match self.state {
            PeerState::Absent { .. } => PeerCondition::Absent,
            PeerState::Connecting { .. } => PeerCondition::Connecting,
            PeerState::Ready => PeerCondition::Ready,
            PeerState::Draining { .. } => PeerCondition::Draining,
            PeerState::Broken { .. } => PeerCondition::Broken,
        }
    }

    /// Why it is not ready, if known.
    pub(super) fn trouble(&self) -> Option<&PeerTrouble> {
        match &self.state {
            PeerState::Absent { trouble, .. } | PeerState::Connecting { trouble, .. } => trouble.as_ref(),
            PeerState::Draining { trouble, .. } | PeerState::Broken { trouble, .. } => Some(trouble),
            PeerState::Ready => None,
        }
    }

    /// Replaces the reason of a trouble that may have started before.
    fn trouble_since(&self, since: Duration, reason: String) -> PeerTrouble {
        PeerTrouble { since: self.trouble().map_or(since, |trouble| trouble.since), reason }
    }

    /// A write has arrived.
    pub(super) fn proven(&mut self) {
        self.is_proven = true;
        self.forget_failures();
    }

    fn forget_failures(&mut self) {
        self.was_tried_at_once = false;
        self.backoff.reset();
    }

    /// The first failure is followed by an immediate attempt.
    fn delay(&mut self, first: Duration, most: Duration) -> Duration {
        if std::mem::replace(&mut self.was_tried_at_once, true) {
            return self.backoff.delay(first, most);
        }
        Duration::ZERO
    }
}

impl SenderMachine {
    /// When the peer must be added.
    pub(super) fn peer_deadline(&self) -> Option<Duration> {
        match &self.peer.state {
            PeerState::Absent { retry_at, .. } | PeerState::Broken { retry_at, .. } => Some(*retry_at),
            _ => None,
        }
    }

    /// The handshake returned this memory. What the channel has of another one is useless from now on.
    pub(super) fn peer_met(&mut self, now: Duration, destination: Destination) {
        let before = self.peer.destination.replace(destination);
        if before == Some(destination) {
            return;
        }
        let is_other = before.filter(|before| before.receiver != destination.receiver);
        if let Some(before) = is_other {
            self.actions.push_back(SenderAction::RemovePeer(before.receiver));
            self.peer.old_probes.extend(self.peer.probe.take().map(|(probe, _)| probe));
            self.due.probe = None;
        }
        if before.is_some() {
            self.forget_what_was_stored();
        }
        match &mut self.peer.state {
            // The same receiver with new memory: the peer is added again when it is drained, however that ends.
            PeerState::Draining { has_failed, .. } if is_other.is_none() => *has_failed = true,
            state => {
                *state = PeerState::Absent { retry_at: now, trouble: None };
                self.peer.forget_failures();
            }
        }
    }

    /// Adds the peer when it is due, and probes a peer that was added.
    pub(super) fn keep_peer(&mut self, now: Duration) {
        if matches!(self.peer.state, PeerState::Connecting { is_added: true, .. }) {
            return self.probe_peer(now);
        }
        let Some(up) = self.link.up() else { return };
        if self.peer_deadline().is_none_or(|at| at > now) {
            return;
        }
        let (peer, region) = (up.receiver, up.region.clone());
        let trouble = self.peer.trouble().cloned();
        self.peer.state = PeerState::Connecting { is_added: false, trouble };
        self.actions.push_back(SenderAction::AddPeer { peer, region });
    }

    /// The channel has added the peer, or cannot reach it.
    pub(crate) fn handle_peer_added(&mut self, now: Duration, peer: Epoch, added: Result<(), String>) {
        let receiver = self.peer.receiver();
        let PeerState::Connecting { is_added, .. } = &mut self.peer.state else { return };
        if receiver != Some(peer) {
            return;
        }
        match added {
            Ok(()) => {
                *is_added = true;
                self.probe_peer(now);
            }
            Err(reason) => {
                let retry_at = now + self.peer_delay();
                let trouble = Some(self.peer.trouble_since(now, reason));
                self.peer.state = PeerState::Absent { retry_at, trouble };
            }
        }
    }

    /// Writes bytes that are never read, to test whether they arrive.
    pub(super) fn probe_peer(&mut self, now: Duration) {
        let Some(up) = self.link.up().filter(|_| self.peer.probe.is_none() && !self.is_closed) else { return };
        let (peer, remote_offset_bytes) = (up.receiver, up.region.probe_offset_bytes);
        let write = self.draw_write();
        self.peer.probe = Some((write, peer));
        self.due.probe = Some(now + self.settings.heartbeat_interval);
        self.actions.push_back(SenderAction::Probe { write, peer, remote_offset_bytes });
        self.announce_probe();
    }

    /// Probes with a heartbeat if no chunk was written before it.
    pub(super) fn probe_idle_peer(&mut self, now: Duration) {
        if !std::mem::take(&mut self.peer.is_proven) && self.peer.is_ready() {
            self.probe_peer(now);
        }
    }

    /// A write has ended. `true` if it was the probe.
    pub(super) fn probe_ended(&mut self, now: Duration, end: &WriteEnd) -> bool {
        let arrived = if end.status.succeeded() { Ok(()) } else { Err("a probe did not arrive: the connection broke") };
        self.probe_is_over(now, end.write, arrived)
    }

    /// The channel refused a write. `true` if it was the probe.
    pub(super) fn probe_refused(&mut self, now: Duration, write: WriteId, reason: &str) -> bool {
        self.probe_is_over(now, write, Err(reason))
    }

    fn probe_is_over(&mut self, now: Duration, write: WriteId, arrived: Result<(), &str>) -> bool {
        if self.peer.old_probes.remove(&write) {
            return true;
        }
        let Some((_, peer)) = self.peer.probe.take_if(|(probe, _)| *probe == write) else { return false };
        self.due.probe = None;
        self.announce_probe();
        match arrived {
            Ok(()) => {
                self.peer.forget_failures();
                if matches!(self.peer.state, PeerState::Connecting { .. }) {
                    self.peer.state = PeerState::Ready;
                }
                self.settle_peer(now);
            }
            Err(reason) => self.break_peer(now, peer, reason),
        }
        true
    }

    /// A write to the peer has failed: the peer must be added again, once nothing to it is in progress.
    pub(super) fn break_peer(&mut self, now: Duration, peer: Epoch, reason: &str) {
        if self.peer.receiver() != Some(peer) {
            return;
        }
        let trouble = self.peer.trouble_since(now, reason.to_owned());
        match &mut self.peer.state {
            PeerState::Absent { .. } | PeerState::Broken { .. } => return,
            PeerState::Draining { has_failed, .. } => *has_failed = true,
            PeerState::Connecting { .. } | PeerState::Ready => {
                self.peer.state = PeerState::Draining { has_failed: true, trouble };
                self.counters.broken_peers += 1;
            }
        }
        self.cut_requests_short(now);
        self.settle_peer(now);
    }

    /// A write is late. Nothing more is written until it has ended: only its end shows whether it succeeded.
    pub(super) fn doubt_peer(&mut self, now: Duration, peer: Epoch, trouble: PeerTrouble) {
        if self.peer.receiver() == Some(peer) && self.peer.is_ready() {
            self.peer.state = PeerState::Draining { has_failed: false, trouble };
            self.cut_requests_short(now);
        }
    }

    /// Reports a late probe once.
    pub(super) fn doubt_late_probe(&mut self, now: Duration) {
        let Some(due) = self.due.probe.take_if(|at| *at <= now) else { return };
        let Some((_, peer)) = self.peer.probe else { return };
        let interval = self.settings.heartbeat_interval;
        let reason = format!("a probe did not arrive within {} s", interval.as_secs_f64());
        let late = self.peer.trouble_since(due.saturating_sub(interval), reason);
        match &mut self.peer.state {
            PeerState::Connecting { trouble, .. } => *trouble = Some(late),
            _ => self.doubt_peer(now, peer, late),
        }
    }

    /// Once nothing to a draining peer is in progress, the peer becomes ready or broken.
    pub(super) fn settle_peer(&mut self, now: Duration) {
        let PeerState::Draining { has_failed, trouble } = &self.peer.state else { return };
        let (has_failed, trouble) = (*has_failed, trouble.clone());
        let receiver = self.peer.receiver();
        let has_writes = self.writes.values().any(|write| Some(write.peer) == receiver);
        if has_writes || self.peer.probe.is_some_and(|(_, peer)| Some(peer) == receiver) {
            return;
        }
        self.peer.state = if has_failed {
            PeerState::Broken { retry_at: now + self.peer_delay(), trouble }
        } else {
            PeerState::Ready
        };
    }

    fn peer_delay(&mut self) -> Duration {
        self.peer.delay(self.settings.reconnect_delay, self.settings.reconnect_delay_max)
    }
}
