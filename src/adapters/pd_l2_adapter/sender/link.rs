//! The connection to the receiver: reaching it, keeping its lease, noticing that it is another one.

use std::time::Duration;

use super::{CallFailure, ConnectFailure, SenderAction, SenderMachine};
use crate::adapters::pd_l2_adapter::protocol::{
    Epoch, HandshakeAnswer, HandshakeRequest, PROTOCOL_VERSION, Refusal, Region, RegionNumber,
};

/// Heartbeats without an answer before the connection is taken for broken.
const MISSED_HEARTBEATS_MAX: u32 = 3;

/// How things stand with the receiver.
#[derive(Debug)]
pub(super) struct Link {
    state: LinkState,
    /// What the channel knows of: the incarnation and region that were there last.
    peer: Option<(Epoch, RegionNumber)>,
    last_failure: Option<String>,
    delay: Option<Duration>,
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
    /// `None` while one is open.
    heartbeat_at: Option<Duration>,
    missed_heartbeats: u32,
}

impl Link {
    pub(super) fn at_start() -> Self {
        Self { state: LinkState::Down { retry_at: Duration::ZERO }, peer: None, last_failure: None, delay: None }
    }

    pub(super) fn up(&self) -> Option<&Up> {
        match &self.state {
            LinkState::Up(up) => Some(up),
            _ => None,
        }
    }

    /// The incarnation that was there last.
    pub(super) fn receiver(&self) -> Option<Epoch> {
        self.peer.map(|(receiver, _)| receiver)
    }

    pub(super) fn last_failure(&self) -> Option<String> {
        self.last_failure.clone()
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        match &self.state {
            LinkState::Down { retry_at } => Some(*retry_at),
            LinkState::Connecting { .. } => None,
            LinkState::Up(up) => up.heartbeat_at,
        }
    }
}

impl SenderMachine {
    /// Connects where there is no connection, and says that we live where there is.
    pub(super) fn keep_link(&mut self, now: Duration) {
        let epoch = self.epoch;
        match &mut self.link.state {
            LinkState::Down { retry_at } if *retry_at <= now && !self.is_closed => self.connect(),
            LinkState::Up(up) if up.heartbeat_at.is_some_and(|at| at <= now) => {
                up.heartbeat_at = None;
                self.actions.push_back(SenderAction::Heartbeat(epoch));
            }
            _ => {}
        }
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
        match result {
            Ok(answer) => self.accepted(now, answer),
            Err(ConnectFailure::Refused(reason) | ConnectFailure::Unreachable(reason)) => self.link_down(now, reason),
        }
        self.advance(now);
    }

    /// The connection broke. Writes in flight go on; calls that are open are answered as such, one by one.
    pub(crate) fn handle_connection_lost(&mut self, now: Duration, reason: String) {
        if matches!(self.link.state, LinkState::Up(_)) {
            self.link_down(now, reason);
        }
    }

    /// The receiver has heard that we live, or has not.
    pub(crate) fn handle_heartbeat_answer(&mut self, now: Duration, answer: Result<RegionNumber, CallFailure>) {
        let next = now + self.settings.heartbeat_interval;
        let LinkState::Up(up) = &mut self.link.state else { return };
        up.heartbeat_at = Some(next);
        match answer {
            Ok(region) if region == up.region.number => up.missed_heartbeats = 0,
            Ok(_) => self.introduce_again(),
            Err(CallFailure::Unanswered) => {
                up.missed_heartbeats += 1;
                if up.missed_heartbeats >= MISSED_HEARTBEATS_MAX {
                    self.actions.push_back(SenderAction::CloseConnection);
                    self.link_down(now, "the receiver does not answer heartbeats".to_owned());
                }
            }
            Err(failure) => self.handle_failure(now, &failure),
        }
        self.advance(now);
    }

    /// A call was refused or not answered: some refusals mean that the receiver is not what it was.
    pub(super) fn handle_failure(&mut self, now: Duration, failure: &CallFailure) {
        match failure {
            CallFailure::Refused(Refusal::UnknownEpoch | Refusal::StaleRegion { .. }) => {
                if matches!(self.link.state, LinkState::Up(_)) {
                    self.introduce_again();
                }
            }
            CallFailure::Refused(Refusal::Closing) => {
                if matches!(self.link.state, LinkState::Up(_)) {
                    self.link_down(now, Refusal::Closing.to_string());
                }
            }
            CallFailure::Refused(_) | CallFailure::Unanswered => {}
        }
    }

    fn introduce_again(&mut self) {
        self.connect();
    }

    fn link_down(&mut self, now: Duration, reason: String) {
        let delay = self.link.delay.unwrap_or(self.settings.reconnect_delay);
        self.link.delay = Some((delay * 2).min(self.settings.reconnect_delay_max));
        self.link.state = LinkState::Down { retry_at: now + delay };
        self.link.last_failure = Some(reason);
    }

    fn accepted(&mut self, now: Duration, answer: HandshakeAnswer) {
        let current = (answer.epoch, answer.region.number);
        if self.link.peer != Some(current) {
            if let Some((before, _)) = self.link.peer {
                self.actions.push_back(SenderAction::RemovePeer(before));
                self.forget_receiver(now, current);
            }
            self.actions.push_back(SenderAction::AddPeer(answer.clone()));
        }
        self.counters.connections += 1;
        self.link.peer = Some(current);
        self.link.last_failure = None;
        self.link.delay = None;
        self.link.state = LinkState::Up(Up {
            receiver: answer.epoch,
            region: answer.region,
            heartbeat_at: Some(now + self.settings.heartbeat_interval),
            missed_heartbeats: 0,
        });
    }

    /// The receiver was started anew, or has new memory: what was stored or reserved before is gone. Tasks begin anew; writes
    /// into the old memory end by themselves.
    fn forget_receiver(&mut self, now: Duration, current: (Epoch, RegionNumber)) {
        let gone: Vec<_> = self
            .requests
            .iter()
            .filter(|(_, request)| (request.receiver, request.region) != current)
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            let Some(request) = self.requests.get_mut(&id) else { continue };
            let task = request.task.take();
            request.to_write.clear();
            request.stage = super::requests::Stage::Writing;
            if request.in_flight.is_empty() {
                self.requests.remove(&id);
            }
            if let Some(task) = task.and_then(|task| self.tasks.get_mut(&task)) {
                task.reserve_at = Some(now);
            }
        }
        self.cancellations.clear();
        for task in self.tasks.values_mut() {
            task.chunks.iter_mut().for_each(|chunk| chunk.is_stored = false);
            task.written_bytes = 0;
        }
    }
}
