//! The driver of a sender's rank.

use std::{collections::VecDeque, time::Duration};

use super::{
    Rest,
    announcer::Announcer,
    pace::{Pace, Pause},
    worlds::SenderWorld,
};
use crate::{
    adapter::TaskId,
    adapters::pd_l2_adapter::{
        protocol::{CommitAnswer, Epoch, HandshakeAnswer, Refusal, RegionNumber, RequestId, ReserveAnswer},
        sender::{
            CallFailure, ChunkToStore, ChunkWrite, ConnectFailure, SenderAction, SenderCall, SenderMachine,
            SenderStatus, WriteRefusal,
        },
    },
    transfer::{WriteEnd, WriteId},
};

/// Bytes of chunks after whose writes a turn ends. Over shared memory a write takes the time of its copy, in which this thread
/// does nothing else.
const PART_BYTES: u64 = 1 << 20;

/// Events of a sender's rank.
#[derive(Debug)]
pub(in super::super) enum SenderEvent {
    /// The server stores chunks.
    Store { task: TaskId, chunks: Vec<ChunkToStore> },
    /// An attempt to connect has ended.
    Connected { attempt: u64, result: Result<HandshakeAnswer, ConnectFailure> },
    /// The connection of that attempt is lost.
    ConnectionLost { connection: u64, reason: String },
    /// A call has ended.
    Answered(Answered),
    /// Fails every task. The rank ends when no write is in flight, or when its time for that is over.
    Close,
}

/// The end of a call that the machine made.
#[derive(Debug)]
pub(in super::super) enum Answered {
    Reserve(RequestId, Result<ReserveAnswer, CallFailure>),
    Commit(RequestId, Result<CommitAnswer, CallFailure>),
    Cancel(RequestId, Result<(), CallFailure>),
    Heartbeat { connection: u64, result: Result<RegionNumber, CallFailure> },
}

impl Answered {
    /// The failure of any call.
    pub(in super::super) fn failed(call: &SenderCall) -> Self {
        let failure = CallFailure::Unanswered;
        match call {
            SenderCall::Reserve(call) => Self::Reserve(call.request, Err(failure)),
            SenderCall::Commit(call) => Self::Commit(call.request, Err(failure)),
            SenderCall::Cancel(call) => Self::Cancel(call.request, Err(failure)),
            SenderCall::Heartbeat { connection, .. } => {
                Self::Heartbeat { connection: *connection, result: Err(failure) }
            }
        }
    }

    /// Turns the refusal of a whole call into its failure.
    pub(in super::super) fn cancel(request: RequestId, answer: Result<(), Refusal>) -> Self {
        Self::Cancel(request, answer.map_err(CallFailure::Refused))
    }

    /// As [`cancel`](Self::cancel).
    pub(in super::super) fn heartbeat(connection: u64, answer: Result<RegionNumber, Refusal>) -> Self {
        Self::Heartbeat { connection, result: answer.map_err(CallFailure::Refused) }
    }
}

/// A sender's rank. Belongs to the rank's thread.
#[derive(Debug)]
pub(in super::super) struct SenderDriver {
    machine: SenderMachine,
    announcer: Announcer,
    pace: Pace,
    /// How long writes in flight delay the end.
    close_time: Duration,
    close_by: Option<Duration>,
    ended_writes: Vec<WriteEnd>,
    part_bytes: u64,
    /// Writes that the machine takes to be in flight and that are not posted yet, in their order.
    writes: VecDeque<(WriteId, Epoch, Vec<ChunkWrite>)>,
    /// The last turn has left them to the next one, so that its calls leave before.
    has_put_off: bool,
}

impl SenderDriver {
    pub(in super::super) fn new(machine: SenderMachine, announcer: Announcer, close_time: Duration) -> Self {
        Self {
            machine,
            announcer,
            pace: Pace::default(),
            close_time,
            close_by: None,
            ended_writes: Vec::new(),
            part_bytes: PART_BYTES,
            writes: VecDeque::new(),
            has_put_off: false,
        }
    }

    /// Ends a turn after the writes of this many bytes.
    #[cfg(test)]
    pub(in super::super) fn with_parts_of(mut self, bytes: u64) -> Self {
        self.part_bytes = bytes;
        self
    }

    /// Takes an event. Its consequences follow in the next [`turn`](Self::turn), which may serve many events.
    pub(in super::super) fn handle(&mut self, now: Duration, event: SenderEvent) {
        self.pace.activity(now);
        match event {
            SenderEvent::Store { task, chunks } => self.machine.submit_store(now, task, chunks),
            SenderEvent::Connected { attempt, result } => self.machine.handle_handshake(now, attempt, result),
            SenderEvent::ConnectionLost { connection, reason } => {
                self.machine.handle_connection_lost(now, connection, reason);
            }
            SenderEvent::Answered(answered) => self.answered(now, answered),
            SenderEvent::Close => {
                self.close_by.get_or_insert(now + self.close_time);
                self.machine.close(now);
            }
        }
    }

    fn answered(&mut self, now: Duration, answered: Answered) {
        match answered {
            Answered::Reserve(request, result) => self.machine.handle_reserve_answer(now, request, result),
            Answered::Commit(request, result) => self.machine.handle_commit_answer(now, request, result),
            Answered::Cancel(request, result) => self.machine.handle_cancel_answer(now, request, result),
            Answered::Heartbeat { connection, result } => {
                self.machine.handle_heartbeat_answer(now, connection, result);
            }
        }
    }

    /// Polls the channel, handles deadlines, performs the actions of the machine, and posts a part of the writes.
    pub(in super::super) fn turn(&mut self, world: &mut impl SenderWorld) {
        if self.machine.writes_in_flight() > self.writes.len() {
            world.poll_channel(&mut self.ended_writes);
            let now = world.now();
            for end in self.ended_writes.drain(..) {
                self.pace.activity(now);
                self.machine.handle_write_ended(now, end);
            }
        }
        self.machine.handle_deadline(world.now());
        let has_called = self.perform(world);
        self.has_put_off = has_called && !self.has_put_off && self.has_work();
        if !self.has_put_off && self.has_work() {
            self.post(world, self.part_bytes);
            // Of writes that were refused.
            self.perform(world);
        }
    }

    /// Performs actions, and returns whether calls were among them. Only calls and results overtake a write: it goes to the
    /// peer and the memory that the machine knew when it asked for it.
    fn perform(&mut self, world: &mut impl SenderWorld) -> bool {
        let (mut completed, mut has_called) = (Vec::new(), false);
        while let Some(action) = self.machine.poll_action() {
            let may_overtake =
                matches!(action, SenderAction::Call(_) | SenderAction::Complete { .. } | SenderAction::Write { .. });
            if !may_overtake {
                self.post(world, u64::MAX);
            }
            match action {
                SenderAction::Connect { attempt, request } => world.connect(attempt, request),
                SenderAction::LeaveConnection => world.leave_connection(),
                SenderAction::CloseConnection(attempt) => world.close_connection(attempt),
                SenderAction::Call(call) => {
                    has_called = true;
                    world.call(call);
                }
                SenderAction::AddPeer { peer, region } => {
                    let added = world.add_peer(peer, region);
                    self.machine.handle_peer_added(world.now(), peer, added);
                }
                SenderAction::RemovePeer(peer) => world.remove_peer(peer),
                SenderAction::Probe { write, peer, remote_offset_bytes } => {
                    if let Err(refusal) = world.probe(write, peer, remote_offset_bytes) {
                        self.machine.handle_write_refused(world.now(), write, refusal);
                    }
                }
                SenderAction::Write { write, peer, chunks } => self.writes.push_back((write, peer, chunks)),
                SenderAction::Complete { task, result } => {
                    self.refuse_writes_of(task, world.now());
                    completed.push((task, result));
                }
            }
        }
        let status = self.machine.status();
        let announcement = self.announcer.observe(world.now(), status.why_unreached().as_deref());
        // The status is updated before the caller gets the result.
        world.publish(status);
        announcement.into_iter().for_each(|announcement| world.announce(announcement));
        completed.into_iter().for_each(|(task, result)| world.complete(task, result));
        has_called
    }

    /// A task that has ended has its buffers back: what is not posted of it never will be.
    fn refuse_writes_of(&mut self, task: TaskId, now: Duration) {
        let is_of_task = |(_, _, chunks): &(WriteId, Epoch, Vec<ChunkWrite>)| chunks.iter().any(|it| it.task == task);
        let (refused, left): (Vec<_>, _) = std::mem::take(&mut self.writes).into_iter().partition(is_of_task);
        self.writes = left.into();
        for (write, ..) in refused {
            let refusal = WriteRefusal { reason: "its task has ended".to_owned(), is_peer_lost: false };
            self.machine.handle_write_refused(now, write, refusal);
        }
    }

    /// Posts writes until they are this many bytes.
    fn post(&mut self, world: &mut impl SenderWorld, most_bytes: u64) {
        let mut posted_bytes = 0;
        while posted_bytes < most_bytes
            && let Some((write, peer, chunks)) = self.writes.pop_front()
        {
            posted_bytes += chunks.iter().map(|chunk| chunk.length_bytes).sum::<u64>();
            match world.write(write, peer, &chunks) {
                Ok(checksums) => self.machine.handle_write_posted(world.now(), write, checksums),
                Err(refusal) => self.machine.handle_write_refused(world.now(), write, refusal),
            }
            // Over shared memory the write has taken its time already, and ends with the next poll.
            self.pace.activity(world.now());
        }
    }

    /// Whether the next turn has to follow at once.
    pub(in super::super) fn has_work(&self) -> bool {
        !self.writes.is_empty()
    }

    /// Whether it was closed and no write is in flight any more, or its time for that is over.
    pub(in super::super) fn is_over(&self, now: Duration) -> bool {
        self.close_by.is_some_and(|by| now >= by || self.machine.writes_in_flight() == 0)
    }

    /// How long to wait before the next turn.
    pub(in super::super) fn rest(&mut self, now: Duration) -> Rest {
        let due = [self.machine.next_deadline(), self.close_by].into_iter().flatten().min();
        let pause =
            if self.has_work() { Pause::None } else { self.pace.pause(now, self.machine.writes_in_flight() > 0) };
        Rest { due, pause }
    }

    pub(in super::super) fn status(&self) -> SenderStatus {
        self.machine.status()
    }

    /// For checks of the machine's state.
    #[cfg(test)]
    pub(in super::super) fn machine(&self) -> &SenderMachine {
        &self.machine
    }
}
