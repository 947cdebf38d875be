//! The connection to the receiver: establishing it, renewing its lease, detecting that the receiver is another one.

use std::{collections::BTreeSet, time::Duration};

use super::{CallFailure, ConnectFailure, SenderAction, SenderCall, SenderMachine, backoff::Backoff};
use crate::adapters::pd_l2_adapter::protocol::{
    Destination, Epoch, HandshakeAnswer, HandshakeRequest, PROTOCOL_VERSION, Refusal, Region, RegionNumber,
};

/// Unanswered heartbeats before the connection counts as broken.
const MISSED_HEARTBEATS_MAX: u32 = 3;

const SILENT: &str = "the receiver does not respond to heartbeats: check that its process runs and is not stopped, and that the \
                      network leads to it";

/// Connections that are kept after they were given up.
const KEPT_MAX: usize = 64;

/// The state of the connection to the receiver.
#[derive(Debug)]
pub(super) struct Link {
    state: LinkState,
    last_failure: Option<String>,
    backoff: Backoff,
    /// The attempt whose connection is in use.
    current: Option<u64>,
    /// Attempts whose connections were given up since one was attached. The receiver may watch any of them, and would take the
    /// end of the watched one, with a write in flight, for the end of the write.
    kept: BTreeSet<u64>,
}

#[derive(Debug)]
enum LinkState {
    Down { retry_at: Duration },
    Connecting { attempt: u64 },
    Up(Up),
}

/// A receiver that has accepted us.
#[derive(Debug)]
pub(super) struct Up {
    pub(super) receiver: Epoch,
    pub(super) region: Region,
    pub(super) destination: Destination,
    /// `None` while a heartbeat is open.
    heartbeat_at: Option<Duration>,
    missed_heartbeats: u32,
    /// When it last answered a call, including the one that attached the connection.
    answered_at: Duration,
    /// Whether the last heartbeat announced a probe.
    said_probing: bool,
}

impl Link {
    pub(super) fn at_start(random_seed: u64) -> Self {
        let state = LinkState::Down { retry_at: Duration::ZERO };
        Self { state, last_failure: None, backoff: Backoff::new(random_seed), current: None, kept: BTreeSet::new() }
    }

    /// Records that the receiver has answered a call. A successful handshake is not enough: the receiver may hang up after each
    /// one.
    pub(super) fn answered(&mut self, now: Duration) {
        self.backoff.reset();
        if let LinkState::Up(up) = &mut self.state {
            up.answered_at = now;
        }
    }

    /// Whether the receiver answers calls and has done so since then. One answer may be late because of us: a call of the
    /// channel can block the thread for seconds.
    pub(super) fn has_answered_since(&self, since: Duration) -> bool {
        self.up().is_some_and(|up| up.missed_heartbeats <= 1 && up.answered_at >= since)
    }

    pub(super) fn up(&self) -> Option<&Up> {
        match &self.state {
            LinkState::Up(up) => Some(up),
            _ => None,
        }
    }

    pub(super) fn last_failure(&self) -> Option<String> {
        self.last_failure.clone()
    }
}

impl SenderMachine {
    pub(super) fn link_deadline(&self) -> Option<Duration> {
        match &self.link.state {
            LinkState::Down { retry_at } => self.may_connect().then_some(*retry_at),
            LinkState::Connecting { .. } => None,
            LinkState::Up(up) => up.heartbeat_at,
        }
    }

    /// Connects if there is no connection, and sends heartbeats if there is one.
    pub(super) fn keep_link(&mut self, now: Duration) {
        let may_connect = self.may_connect();
        match &mut self.link.state {
            LinkState::Down { retry_at } if *retry_at <= now && may_connect => self.connect(),
            LinkState::Up(up) if up.heartbeat_at.is_some_and(|at| at <= now) => {
                let is_regular = up.said_probing == self.peer.is_probing();
                // Sent below, so that a probe that starts here is announced by this heartbeat and by no other.
                up.heartbeat_at = None;
                if is_regular {
                    self.probe_idle_peer(now);
                }
                self.send_heartbeat();
            }
            _ => {}
        }
    }

    fn send_heartbeat(&mut self) {
        let (epoch, is_probing) = (self.epoch, self.peer.is_probing());
        if let (LinkState::Up(up), Some(connection)) = (&mut self.link.state, self.link.current) {
            up.heartbeat_at = None;
            up.said_probing = is_probing;
            self.call(SenderCall::Heartbeat { connection, epoch, is_probing });
        }
    }

    /// Announces that a probe starts or has ended: the receiver polls its channel during a probe.
    pub(super) fn announce_probe(&mut self) {
        let is_probing = self.peer.is_probing();
        if self.link.up().is_some_and(|up| up.heartbeat_at.is_some() && up.said_probing != is_probing) {
            self.send_heartbeat();
        }
    }

    /// Whether an attempt may start. An epoch that the receiver has declared dead is not used again: the next attempt uses the
    /// fresh one, and that waits for the writes of the old one.
    fn may_connect(&self) -> bool {
        !self.is_closed && self.fresh_epoch.is_none()
    }

    fn connect(&mut self) {
        let attempt = self.next_attempt;
        self.next_attempt += 1;
        self.link.state = LinkState::Connecting { attempt };
        let settings = &self.settings;
        let request = HandshakeRequest {
            protocol_version: PROTOCOL_VERSION,
            epoch: self.epoch,
            node_name: settings.node_name.clone(),
            tp_rank: settings.tp_rank,
            rank_count: settings.rank_count,
            transfer_channel: settings.transfer_channel.to_owned(),
            checksum: settings.checksum,
            next_request: self.next_request,
        };
        self.actions.push_back(SenderAction::Connect { attempt, request });
    }

    /// The receiver has accepted us, or was not reached.
    pub(crate) fn handle_handshake(
        &mut self,
        now: Duration,
        attempt: u64,
        result: Result<HandshakeAnswer, ConnectFailure>,
    ) {
        if !matches!(self.link.state, LinkState::Connecting { attempt: current } if current == attempt) {
            return;
        }
        if result.is_err() {
            // The receiver may have attached it.
            self.link.kept.insert(attempt);
        }
        match result {
            Ok(answer) => self.accepted(now, attempt, answer),
            Err(ConnectFailure::Refused(reason) | ConnectFailure::Unreachable(reason)) => self.link_down(now, reason),
            Err(ConnectFailure::DeadEpoch { fresh }) => {
                self.link_down(now, "the receiver had declared this node dead".to_owned());
                self.fresh_epoch = Some(fresh);
                self.go_on_as_fresh_epoch(now);
            }
        }
        self.advance(now);
    }

    /// A connection broke. If it is the current one, writes in flight continue, and each open call is answered as failed.
    pub(crate) fn handle_connection_lost(&mut self, now: Duration, connection: u64, reason: String) {
        if self.link.current == Some(connection) && matches!(self.link.state, LinkState::Up(_)) {
            self.link_down(now, reason);
            self.advance(now);
        }
    }

    /// Switches to the fresh epoch once no write of the old one is in progress. Nothing of the old one needs to be reported
    /// then: its requests, slots and cancellations ended with it at the receiver. Its committed chunks stay there.
    pub(super) fn go_on_as_fresh_epoch(&mut self, now: Duration) {
        if !self.writes.is_empty() {
            return;
        }
        let Some(fresh) = self.fresh_epoch.take() else { return };
        self.epoch = fresh;
        self.cancellations.clear();
        self.due.cancellations.clear();
        self.keep_link(now);
    }

    /// A heartbeat over that connection was answered or has failed.
    pub(crate) fn handle_heartbeat_answer(
        &mut self,
        now: Duration,
        connection: u64,
        answer: Result<RegionNumber, CallFailure>,
    ) {
        let next = now + self.settings.heartbeat_interval;
        if self.link.current != Some(connection) {
            // A heartbeat of an earlier connection is no evidence about the current one.
            return;
        }
        if answer.is_ok() {
            self.link.answered(now);
        }
        let LinkState::Up(up) = &mut self.link.state else { return };
        up.heartbeat_at = Some(next);
        match answer {
            Ok(region) if region == up.region.number => up.missed_heartbeats = 0,
            Ok(_) => self.introduce_again(now),
            Err(CallFailure::Unanswered) => {
                up.missed_heartbeats += 1;
                if up.missed_heartbeats >= MISSED_HEARTBEATS_MAX {
                    self.link_down(now, SILENT.to_owned());
                }
            }
            Err(failure) => self.handle_failure(now, &failure),
        }
        self.announce_probe();
        self.advance(now);
    }

    /// A call was refused or not answered. Some refusals mean that the receiver has changed.
    pub(super) fn handle_failure(&mut self, now: Duration, failure: &CallFailure) {
        match failure {
            CallFailure::Refused(Refusal::UnknownEpoch | Refusal::StaleRegion { .. }) => {
                if matches!(self.link.state, LinkState::Up(_)) {
                    self.introduce_again(now);
                }
            }
            CallFailure::Refused(Refusal::Closing) => {
                if matches!(self.link.state, LinkState::Up(_)) {
                    self.link_down(now, Refusal::Closing.to_string());
                }
            }
            CallFailure::Refused(refusal @ (Refusal::WrongDestination(_) | Refusal::Version { .. })) => {
                if matches!(self.link.state, LinkState::Up(_)) {
                    self.link_down(now, refusal.to_string());
                }
            }
            CallFailure::Refused(_) | CallFailure::Unanswered => {}
        }
    }

    fn introduce_again(&mut self, now: Duration) {
        self.connect();
        self.give_up_all_requests(now);
    }

    pub(super) fn link_down(&mut self, now: Duration, reason: String) {
        let delay = self.link.backoff.delay(self.settings.reconnect_delay, self.settings.reconnect_delay_max);
        self.link.state = LinkState::Down { retry_at: now + delay };
        self.link.last_failure = Some(reason);
        if let Some(current) = self.link.current.take() {
            self.link.kept.insert(current);
            self.actions.push_back(SenderAction::LeaveConnection);
        }
        self.give_up_all_requests(now);
        self.close_oldest_connection();
    }

    /// Closes the oldest kept connection. Attempts that fail one after the other, each during its last call, leave more and
    /// more connections. One is closed only while no chunk is being written: if the receiver takes that for our death, nothing
    /// is lost. A probe lands where nothing is kept.
    fn close_oldest_connection(&mut self) {
        if self.link.kept.len() > KEPT_MAX
            && self.writes.is_empty()
            && let Some(oldest) = self.link.kept.pop_first()
        {
            self.actions.push_back(SenderAction::CloseConnection(oldest));
        }
    }

    fn accepted(&mut self, now: Duration, attempt: u64, answer: HandshakeAnswer) {
        // The receiver watches this one from now on: the end of an earlier one has no meaning, whatever is in flight.
        self.link.kept.extend(self.link.current.replace(attempt));
        while let Some(earlier) = self.link.kept.pop_first() {
            self.actions.push_back(SenderAction::CloseConnection(earlier));
        }
        let destination = answer.destination();
        self.counters.connections += 1;
        self.link.last_failure = None;
        self.link.state = LinkState::Up(Up {
            receiver: answer.epoch,
            region: answer.region,
            destination,
            heartbeat_at: Some(now + self.settings.heartbeat_interval),
            missed_heartbeats: 0,
            answered_at: now,
            said_probing: false,
        });
        self.peer_met(now, destination);
        // The receiver may not know that a probe is in flight.
        self.announce_probe();
    }

    /// The receiver was restarted, or has new memory: earlier stores and cancellations are lost. Writes into the old memory end
    /// by themselves.
    pub(super) fn forget_what_was_stored(&mut self) {
        self.cancellations.clear();
        self.due.cancellations.clear();
        for task in self.tasks.values_mut() {
            task.chunks.iter_mut().for_each(|chunk| chunk.is_stored = false);
            task.written_bytes = 0;
        }
    }
}
