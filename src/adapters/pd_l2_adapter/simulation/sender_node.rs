//! A node with a sender: what its threads, sockets and timers do around the machine.

use std::{collections::BTreeMap, time::Duration};

use super::{
    checks::tasks::Tasks,
    clock::{MILLISECOND, Micros, NodeClock},
    coverage::Seen,
    memory::{Memory, PAGE_BYTES},
    network::{Answer, Call, Connection, ConnectionId},
    options::Options,
    sabotage::Sabotage,
    world::{ACTIONS_MAX, Event, Process, World},
};
use crate::{
    adapter::{StoreResult, TaskId},
    adapters::pd_l2_adapter::{
        protocol::{
            CommitAnswer, CommitResult, Epoch, HandshakeRefusal, KeyAnswer, Refusal, RegionNumber, RequestId,
            ReserveAnswer,
        },
        sender::{CallFailure, ConnectFailure, SenderAction, SenderMachine, SenderSettings},
    },
    transfer::WriteId,
};

pub(super) const STORE_DEADLINE: Duration = Duration::from_millis(1500);

/// The node, over all starts of its process.
#[derive(Debug)]
pub(super) struct SenderNode {
    pub(super) clock: NodeClock,
    pub(super) process: Process,
    /// `None`: no process runs.
    pub(super) machine: Option<SenderMachine>,
    pub(super) frozen_until: Micros,
    /// It takes no tasks any more, and exits soon.
    pub(super) is_closing: bool,
    wakes_at: Option<Micros>,
    /// Where calls go.
    pub(super) current: Option<ConnectionId>,
    attempt: Option<(u64, ConnectionId)>,
    calls: BTreeMap<u64, OpenCall>,
    pub(super) tasks: Tasks,
    pub(super) next_task: u64,
    /// What the channel knows of.
    pub(super) peers: BTreeMap<Epoch, RegionNumber>,
    pub(super) staging: Memory,
    /// Transfers of the process by the machine's names.
    pub(super) transfers: BTreeMap<WriteId, usize>,
}

/// A call without an answer, on the connection it went over.
#[derive(Debug, Clone, Copy)]
struct OpenCall {
    connection: ConnectionId,
    what: Asked,
}

#[derive(Debug, Clone, Copy)]
enum Asked {
    Handshake(u64),
    Reserve(RequestId),
    Commit(RequestId),
    Cancel(RequestId),
    Heartbeat,
}

impl SenderNode {
    pub(super) fn new(index: usize, options: &Options, random: &mut fastrand::Rng) -> Self {
        let clock = if options.clocks_disagree {
            NodeClock { offset: random.u64(..100_000_000), rate: random.u64(950_000..1_050_000) }
        } else {
            NodeClock { offset: index as u64, rate: 1_000_000 }
        };
        Self {
            clock,
            process: Process(0),
            machine: None,
            frozen_until: 0,
            is_closing: false,
            wakes_at: None,
            current: None,
            attempt: None,
            calls: BTreeMap::new(),
            tasks: Tasks::default(),
            next_task: 0,
            peers: BTreeMap::new(),
            staging: Memory::new(options.staging_pages),
            transfers: BTreeMap::new(),
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.machine.as_ref().is_none_or(|machine| {
            let status = machine.status();
            status.open_requests + status.open_cancellations + status.writes_in_flight == 0 && self.tasks.is_empty()
        })
    }
}

fn settings(index: usize, options: &Options) -> SenderSettings {
    SenderSettings {
        node_name: options.node_names.then(|| format!("node-{index}")),
        checksum: options.checksum,
        staging_bytes: options.staging_pages * PAGE_BYTES,
        staging_alignment_bytes: PAGE_BYTES,
        staged_write_max_bytes: 2 * PAGE_BYTES,
        reserve_wait: Duration::from_micros(options.reserve_wait),
        write_deadline: Duration::from_millis(250),
        store_deadline: STORE_DEADLINE,
        heartbeat_interval: Duration::from_micros(options.lease / 3),
        reconnect_delay: Duration::from_millis(20),
        reconnect_delay_max: Duration::from_millis(200),
        retry_delay: Duration::from_millis(5),
        ..SenderSettings::default()
    }
}

impl World {
    pub(super) fn start_sender(&mut self, sender: usize) {
        if self.senders[sender].machine.is_some() {
            return;
        }
        let epoch = self.fresh_epoch();
        let settings = settings(sender, &self.options);
        let node = &mut self.senders[sender];
        node.process.0 += 1;
        if node.process.0 > 1 {
            self.coverage.see(Seen::SenderRestarted);
        }
        let staging = Memory::new(self.options.staging_pages);
        let (process, clock, next_task) = (node.process, node.clock, node.next_task);
        *node = SenderNode {
            process,
            machine: Some(SenderMachine::new(settings, epoch)),
            next_task,
            staging,
            ..SenderNode::new(sender, &self.options, &mut fastrand::Rng::with_seed(0))
        };
        node.clock = clock;
        self.tell_sender(sender, |machine, now| machine.handle_deadline(now));
    }

    /// One input, then all actions it leads to.
    pub(super) fn tell_sender(&mut self, sender: usize, input: impl FnOnce(&mut SenderMachine, Duration)) {
        let node = &mut self.senders[sender];
        let Some(machine) = &mut node.machine else { return };
        let now = node.clock.read(self.now);
        let was_up = machine.status().is_connected;
        let requests = machine.status().open_requests;
        input(machine, now);
        machine.check_invariants();
        if was_up && !machine.status().is_connected && requests > machine.status().open_requests {
            self.coverage.see(Seen::GrantDropped);
        }
        for _ in 0..ACTIONS_MAX {
            let Some(action) = self.senders[sender].machine.as_mut().and_then(SenderMachine::poll_action) else {
                self.let_go_of_old_connections(sender);
                return self.plan_sender_wake(sender);
            };
            self.tell(|| format!("  sender {sender} does {action:?}"));
            self.perform(sender, action);
        }
        panic!("law: one input leads to more than {ACTIONS_MAX} actions");
    }

    fn plan_sender_wake(&mut self, sender: usize) {
        let node = &mut self.senders[sender];
        let Some(deadline) = node.machine.as_ref().and_then(SenderMachine::next_deadline) else { return };
        let at = node.clock.when(deadline).max(self.now);
        if node.wakes_at.is_none_or(|planned| planned > at) {
            node.wakes_at = Some(at);
            let process = node.process;
            self.at(at, Event::SenderWakes(sender, process));
        }
    }

    pub(super) fn wake_sender(&mut self, sender: usize, process: Process) {
        let node = &mut self.senders[sender];
        if node.process != process || node.wakes_at.is_none_or(|at| at > self.now) {
            return;
        }
        node.wakes_at = None;
        let now = node.clock.read(self.now);
        self.tell_sender(sender, |machine, now| machine.handle_deadline(now));
        let node = &self.senders[sender];
        node.tasks.check_deadlines(now);
        let next = node.machine.as_ref().and_then(SenderMachine::next_deadline);
        assert!(next.is_none_or(|next| next > now), "law: after {now:?} was handled, {next:?} is due");
    }

    fn perform(&mut self, sender: usize, action: SenderAction) {
        match action {
            SenderAction::Connect { attempt, request } => {
                let connection = self.open_connection(sender);
                let node = &mut self.senders[sender];
                node.current = None;
                node.attempt = Some((attempt, connection));
                self.call(sender, Some(connection), Asked::Handshake(attempt), Call::Handshake(request));
            }
            SenderAction::AddPeer(answer) => {
                self.senders[sender].peers.insert(answer.epoch, answer.region.number);
            }
            SenderAction::RemovePeer(peer) => {
                self.senders[sender].peers.remove(&peer);
            }
            SenderAction::CloseConnection => {
                self.see(Seen::HeartbeatsMissed);
                self.senders[sender].current = None;
            }
            SenderAction::Reserve(it) => self.call_current(sender, Asked::Reserve(it.request), Call::Reserve(it)),
            SenderAction::Commit(it) => self.call_current(sender, Asked::Commit(it.request), Call::Commit(it)),
            SenderAction::Cancel(mut it) => {
                let seen = if it.writes_ended { Seen::CancelConfirmed } else { Seen::CancelUnconfirmed };
                self.see(seen);
                if self.options.sabotage == Some(Sabotage::CancelFreesUnderWrite) {
                    it.writes_ended = true;
                }
                self.call_current(sender, Asked::Cancel(it.request), Call::Cancel(it));
            }
            SenderAction::Heartbeat(epoch) => self.call_current(sender, Asked::Heartbeat, Call::Heartbeat(epoch)),
            SenderAction::Write { write, peer, chunks } => self.post(sender, write, peer, &chunks),
            SenderAction::Complete { task, result } => self.complete(sender, task, result),
        }
    }

    fn open_connection(&mut self, sender: usize) -> ConnectionId {
        self.connections.push(Connection {
            sender,
            sender_process: self.senders[sender].process,
            receiver_process: self.receiver.process,
            counted_for: None,
            is_open: true,
            close_arrived: false,
            is_broken: self.receiver.machine.is_none(),
            is_half_open: false,
        });
        ConnectionId(self.connections.len() - 1)
    }

    fn call_current(&mut self, sender: usize, what: Asked, call: Call) {
        self.call(sender, self.senders[sender].current, what, call);
    }

    fn call(&mut self, sender: usize, connection: Option<ConnectionId>, what: Asked, call: Call) {
        let number = self.next_number;
        self.next_number += 1;
        let process = self.senders[sender].process;
        let Some(connection) = connection else { panic!("law: {call:?} without a connection") };
        self.senders[sender].calls.insert(number, OpenCall { connection, what });
        let patience = match what {
            Asked::Reserve(_) => self.options.reserve_wait + 150 * MILLISECOND,
            Asked::Heartbeat => 120 * MILLISECOND,
            _ => 150 * MILLISECOND,
        };
        self.after(patience, Event::CallIsLate { sender, process, number });
        if matches!(what, Asked::Cancel(_)) && self.options.sabotage == Some(Sabotage::SwallowCancels) {
            let answer = Answer::Cancel(Ok(()));
            return self.after(MILLISECOND, Event::AnswerArrives { sender, process, number, answer });
        }
        self.send_call(connection, number, call);
    }

    pub(super) fn call_fails(&mut self, sender: usize, process: Process, number: u64) {
        if self.senders[sender].process != process {
            return;
        }
        let Some(call) = self.senders[sender].calls.remove(&number) else { return };
        self.fail(sender, call.what, || CallFailure::Unanswered);
    }

    fn fail(&mut self, sender: usize, what: Asked, failure: impl FnOnce() -> CallFailure) {
        match what {
            Asked::Handshake(attempt) => {
                self.senders[sender].attempt = None;
                let failure = ConnectFailure::Unreachable("no answer".to_owned());
                self.tell_sender(sender, |machine, now| machine.handle_handshake(now, attempt, Err(failure)));
            }
            Asked::Reserve(id) => {
                self.tell_sender(sender, |machine, now| machine.handle_reserve_answer(now, id, Err(failure())));
            }
            Asked::Commit(id) => {
                self.tell_sender(sender, |machine, now| machine.handle_commit_answer(now, id, Err(failure())));
            }
            Asked::Cancel(id) => {
                self.tell_sender(sender, |machine, now| machine.handle_cancel_answer(now, id, Err(failure())));
            }
            Asked::Heartbeat => {
                self.tell_sender(sender, |machine, now| machine.handle_heartbeat_answer(now, Err(failure())));
            }
        }
    }

    pub(super) fn answer_arrives(&mut self, sender: usize, process: Process, number: u64, answer: Answer) {
        if self.senders[sender].process != process {
            return;
        }
        let Some(OpenCall { connection, what }) = self.senders[sender].calls.remove(&number) else { return };
        match (what, answer) {
            (Asked::Handshake(attempt), Answer::Handshake(Ok(answer))) => {
                let node = &mut self.senders[sender];
                node.attempt = None;
                node.current = Some(connection);
                self.tell_sender(sender, |machine, now| machine.handle_handshake(now, attempt, Ok(answer)));
            }
            (Asked::Handshake(attempt), Answer::Handshake(Err(refusal))) => {
                self.senders[sender].attempt = None;
                self.handshake_refused(sender, attempt, refusal);
            }
            (Asked::Reserve(id), Answer::Reserve(answer)) => {
                self.note_reserve_answer(&answer);
                self.tell_sender(sender, |machine, now| machine.handle_reserve_answer(now, id, Ok(answer)));
            }
            (Asked::Commit(id), Answer::Commit(mut answer)) => {
                self.note_commit_answer(&answer);
                if let (Some(Sabotage::SucceedWithoutCommit), CommitAnswer::Results(results)) =
                    (self.options.sabotage, &mut answer)
                {
                    results.fill(CommitResult::Committed);
                }
                self.tell_sender(sender, |machine, now| machine.handle_commit_answer(now, id, Ok(answer)));
            }
            (Asked::Cancel(id), Answer::Cancel(answer)) => {
                let answer = answer.map_err(CallFailure::Refused);
                self.tell_sender(sender, |machine, now| machine.handle_cancel_answer(now, id, answer));
            }
            (Asked::Heartbeat, Answer::Heartbeat(answer)) => {
                let answer = answer.map_err(CallFailure::Refused);
                self.tell_sender(sender, |machine, now| machine.handle_heartbeat_answer(now, answer));
            }
            (what, answer) => panic!("{what:?} is answered by {answer:?}"),
        }
    }

    fn handshake_refused(&mut self, sender: usize, attempt: u64, refusal: HandshakeRefusal) {
        let failure = match refusal {
            HandshakeRefusal::DeadEpoch(_) => {
                self.see(Seen::DeadEpoch);
                ConnectFailure::DeadEpoch { fresh: self.fresh_epoch() }
            }
            refusal => {
                if matches!(refusal, HandshakeRefusal::NameInUse { .. }) {
                    self.see(Seen::NameInUse);
                }
                ConnectFailure::Refused(refusal.to_string())
            }
        };
        let before = self.senders[sender].machine.as_ref().map(SenderMachine::epoch);
        self.tell_sender(sender, |machine, now| machine.handle_handshake(now, attempt, Err(failure)));
        self.note_epoch(sender, before);
    }

    /// An incarnation that was taken for dead has become another one.
    fn note_epoch(&mut self, sender: usize, before: Option<Epoch>) {
        let Some(machine) = &self.senders[sender].machine else { return };
        if Some(machine.epoch()) != before {
            self.see(Seen::FreshEpoch);
        }
    }

    fn note_reserve_answer(&mut self, answer: &ReserveAnswer) {
        match answer {
            ReserveAnswer::Granted(answers) => {
                for answer in answers {
                    self.see(match answer {
                        KeyAnswer::Write { .. } => Seen::Granted,
                        KeyAnswer::Present => Seen::Present,
                        KeyAnswer::Pending => Seen::Pending,
                    });
                }
            }
            ReserveAnswer::Busy { .. } => self.see(Seen::Busy),
            ReserveAnswer::TooLarge { .. } => self.see(Seen::TooLarge),
            ReserveAnswer::Refused(refusal) => self.note_refusal(refusal),
        }
    }

    fn note_commit_answer(&mut self, answer: &CommitAnswer) {
        match answer {
            CommitAnswer::Results(results) => {
                for result in results {
                    match result {
                        CommitResult::Stale => self.see(Seen::CommitStale),
                        CommitResult::WrongChecksum => self.see(Seen::WrongChecksum),
                        CommitResult::Committed | CommitResult::WrongLength => {}
                    }
                }
            }
            CommitAnswer::Refused(refusal) => self.note_refusal(refusal),
        }
    }

    fn note_refusal(&mut self, refusal: &Refusal) {
        match refusal {
            Refusal::UnknownEpoch => self.see(Seen::UnknownEpoch),
            Refusal::StaleRegion { .. } => self.see(Seen::StaleRegion),
            Refusal::RequestEnded => self.see(Seen::RequestEnded),
            Refusal::Closing => self.see(Seen::Closing),
            Refusal::Malformed(reason) => panic!("law: a sender's call is malformed: {reason}"),
        }
    }

    /// The node hears that a connection is gone, and the calls over it with it.
    pub(super) fn connection_lost(&mut self, sender: usize, process: Process, connection: ConnectionId) {
        let node = &mut self.senders[sender];
        if node.process != process || node.machine.is_none() {
            return;
        }
        let calls: Vec<u64> =
            node.calls.iter().filter(|(_, call)| call.connection == connection).map(|(number, _)| *number).collect();
        let was_current = node.current == Some(connection);
        if self.options.sabotage == Some(Sabotage::GrantsOutliveConnection) {
            return self.close_connection(connection);
        }
        let calls_first = self.random.network.bool();
        if calls_first {
            calls.iter().for_each(|number| self.call_fails(sender, process, *number));
        }
        if was_current && self.senders[sender].current == Some(connection) {
            self.senders[sender].current = None;
            self.tell_sender(sender, |machine, now| machine.handle_connection_lost(now, "reset".to_owned()));
        }
        if !calls_first {
            calls.iter().for_each(|number| self.call_fails(sender, process, *number));
        }
    }

    /// Sockets that are not needed any more are closed, but for the rule: not while a write is in flight.
    fn let_go_of_old_connections(&mut self, sender: usize) {
        let node = &self.senders[sender];
        let Some(machine) = &node.machine else { return };
        if node.attempt.is_some() && !self.options.closes_first {
            return;
        }
        let kept = [node.current, node.attempt.map(|(_, connection)| connection)];
        let may_close = machine.may_close_connection();
        let old: Vec<ConnectionId> = self
            .connections_of(sender, node.process)
            .into_iter()
            .filter(|id| self.connections[id.0].is_open && !kept.contains(&Some(*id)))
            .collect();
        for connection in old {
            if may_close || self.options.sabotage == Some(Sabotage::CloseUnderWrite) {
                self.close_connection(connection);
            } else {
                self.see(Seen::ConnectionHeld);
            }
        }
    }

    fn complete(&mut self, sender: usize, task: TaskId, result: StoreResult) {
        let failure = result.failure.as_deref().unwrap_or_default();
        let seen = match (result.is_successful(), result.bytes_transferred) {
            (true, 0) => Seen::TaskStoredWithoutWriting,
            (true, _) => Seen::TaskStored,
            _ if failure.contains("do not fit") => Seen::TaskTooLarge,
            _ if failure.contains("a write did not end") => Seen::WriteTooSlow,
            _ if failure.contains("in time") => Seen::TaskLate,
            _ => Seen::TaskFailed,
        };
        self.see(seen);
        if self.options.sabotage == Some(Sabotage::LoseCompletion) && task.0 % 5 == 4 {
            return;
        }
        let tasks = &mut self.senders[sender].tasks;
        tasks.completed(task, &result, &self.visibility);
        if self.options.sabotage == Some(Sabotage::CompleteTwice) && task.0 % 5 == 4 {
            tasks.completed(task, &result, &self.visibility);
        }
    }
}
