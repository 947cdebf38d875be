//! Requests: granted slots, the writes into them, and cancellation.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::Range,
    time::Duration,
};

use super::{CallFailure, ChunkSource, ChunkWrite, SenderAction, SenderCall, SenderMachine, WriteRefusal};
use crate::{
    adapter::TaskId,
    adapters::pd_l2_adapter::protocol::{
        CancelRequest, CommitRequest, Destination, Epoch, RequestId, RequestWrites, SlotCommit, SlotTicket,
    },
    transfer::{PieceSource, WriteEnd, WriteId},
};

/// Writes from the arena need no staging; this limit only bounds the time that one post blocks the thread.
const ARENA_WRITE_MAX_BYTES: u64 = 64 << 20;

const BROKEN_WRITE: &str = "the transfer channel reports a failed write";

/// A reserve call and its results.
#[derive(Debug)]
pub(super) struct Request {
    /// `None` once the task has ended without it.
    pub(super) task: Option<TaskId>,
    pub(super) destination: Destination,
    /// The indices of its keys among the task's chunks.
    pub(super) chunks: Vec<usize>,
    pub(super) stage: Stage,
    /// Granted slots that are not being written yet.
    pub(super) to_write: VecDeque<Grant>,
    /// Writes that were posted and have not ended.
    pub(super) in_flight: BTreeSet<WriteId>,
    /// Slots written successfully and not committed yet.
    pub(super) written: Vec<(usize, SlotCommit)>,
    pub(super) failure: Option<String>,
    /// Bytes of one of its writes may still be in the receiver's sockets.
    broke_off: bool,
    /// Some of its slots were not written, or their write failed: its task must reserve them again.
    pub(super) is_cut_short: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Reserving,
    Writing,
    Committing,
}

/// A slot for a chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant {
    /// The chunk's index among the task's chunks.
    pub(super) chunk: usize,
    pub(super) ticket: SlotTicket,
    pub(super) offset_bytes: u64,
}

/// A write in flight.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) request: RequestId,
    pub(super) peer: Epoch,
    staged: Vec<Range<u64>>,
    slots: Vec<(usize, SlotCommit)>,
}

/// How a write ended.
#[derive(Debug)]
enum WriteOutcome {
    /// It succeeded, for these slots.
    Arrived(Vec<(usize, SlotCommit)>),
    /// The connection broke: bytes of the write may still be in the receiver's sockets.
    BrokenOff,
    /// It failed, and nothing of it moves any more.
    Failed,
    /// The channel refused it, for a reason that lies in the write itself.
    Refused(String),
}

/// A cancelled request.
#[derive(Debug)]
pub(super) struct Cancellation {
    writes: RequestWrites,
    /// Calls that have not been answered. The first one may still be open when the writes end and a second one is made.
    open_calls: u32,
    /// One of them failed.
    failed: bool,
}

impl Request {
    pub(super) fn new(task: TaskId, destination: Destination, chunks: Vec<usize>) -> Self {
        Self {
            task: Some(task),
            destination,
            chunks,
            stage: Stage::Reserving,
            to_write: VecDeque::new(),
            in_flight: BTreeSet::new(),
            written: Vec::new(),
            failure: None,
            broke_off: false,
            is_cut_short: false,
        }
    }

    fn writes(&self) -> RequestWrites {
        match (self.in_flight.is_empty(), self.broke_off) {
            (false, _) => RequestWrites::InProgress,
            (true, true) => RequestWrites::BrokenOff,
            (true, false) => RequestWrites::Ended,
        }
    }
}

impl Write {
    #[cfg(test)]
    pub(super) fn staged_bytes(&self) -> u64 {
        self.staged.iter().map(|range| range.end - range.start).sum()
    }
}

impl SenderMachine {
    /// Starts the writes for which there is staging memory, in the order of the requests. A request that waits for memory is
    /// not overtaken, or large chunks would wait for ever.
    pub(super) fn post_writes(&mut self, now: Duration) {
        while let Some(id) = self.ready.first().copied() {
            if !self.post_next_write(now, id) {
                return;
            }
        }
    }

    /// Starts one write of a request. `false` if there is no staging memory for it.
    fn post_next_write(&mut self, now: Duration, id: RequestId) -> bool {
        let Some(request) = self.requests.get_mut(&id) else { return self.ready.remove(&id) };
        let Some((task_id, task)) = request.task.and_then(|id| Some((id, self.tasks.get(&id)?))) else {
            return self.ready.remove(&id);
        };
        let (mut staged, mut slots, mut chunks) = (Vec::new(), Vec::new(), Vec::new());
        let mut bytes = 0;
        while let Some(grant) = request.to_write.front().copied() {
            let Some(chunk) = task.chunks.get(grant.chunk) else { break };
            let length_bytes = chunk.wanted.length_bytes;
            let limit = match chunk.source {
                ChunkSource::Arena { .. } => ARENA_WRITE_MAX_BYTES,
                ChunkSource::Caller => self.settings.staged_write_max_bytes,
            };
            if !chunks.is_empty() && bytes + length_bytes > limit {
                break;
            }
            let source = match chunk.source {
                ChunkSource::Arena { offset_bytes } => PieceSource::Arena { offset_bytes },
                ChunkSource::Caller => {
                    let Some(range) = self.staging.take(length_bytes) else { break };
                    let source = PieceSource::Staging { offset_bytes: range.start };
                    staged.push(range);
                    source
                }
            };
            let remote_offset_bytes = grant.offset_bytes;
            chunks.push(ChunkWrite { task: task_id, index: chunk.index, source, remote_offset_bytes, length_bytes });
            let (ticket, checksum, layout) = (grant.ticket, None, chunk.layout);
            slots.push((grant.chunk, SlotCommit { ticket, length_bytes, checksum, layout }));
            bytes += length_bytes;
            request.to_write.pop_front();
        }
        if chunks.is_empty() {
            return false;
        }
        let write = self.draw_write();
        let Some(request) = self.requests.get_mut(&id) else { return false };
        request.in_flight.insert(write);
        if request.to_write.is_empty() {
            self.ready.remove(&id);
        }
        let peer = request.destination.receiver;
        self.due.writes.set(write, now + self.settings.write_deadline);
        self.writes.insert(write, Write { request: id, peer, staged, slots });
        self.actions.push_back(SenderAction::Write { write, peer, chunks });
        true
    }

    /// The channel has accepted the write; `checksums` are those of its chunks, in order.
    pub(crate) fn handle_write_posted(&mut self, _now: Duration, write: WriteId, checksums: Vec<Option<u64>>) {
        if let Some(write) = self.writes.get_mut(&write) {
            for ((_, slot), checksum) in write.slots.iter_mut().zip(checksums) {
                slot.checksum = checksum;
            }
        }
    }

    /// The channel refused the write: nothing of it moves, now or later.
    pub(crate) fn handle_write_refused(&mut self, now: Duration, id: WriteId, refusal: WriteRefusal) {
        if self.probe_refused(now, id, &refusal.reason) {
            return self.advance(now);
        }
        let Some(write) = self.writes.remove(&id) else { return };
        self.due.writes.remove(id);
        self.staging.give_back_unposted(write.staged);
        let outcome = if refusal.is_peer_lost { WriteOutcome::Failed } else { WriteOutcome::Refused(refusal.reason) };
        self.write_is_over(now, id, (write.request, write.peer), outcome);
    }

    /// The write has ended, successfully or not.
    pub(crate) fn handle_write_ended(&mut self, now: Duration, end: WriteEnd) {
        if self.probe_ended(now, &end) {
            return self.advance(now);
        }
        let Some(write) = self.writes.remove(&end.write) else { return };
        self.due.writes.remove(end.write);
        let outcome = match (end.status.succeeded(), end.status.may_still_land()) {
            (true, _) => WriteOutcome::Arrived(write.slots),
            (false, true) => WriteOutcome::BrokenOff,
            (false, false) => WriteOutcome::Failed,
        };
        self.staging.give_back(write.staged, end.status);
        self.write_is_over(now, end.write, (write.request, write.peer), outcome);
    }

    fn write_is_over(
        &mut self,
        now: Duration,
        id: WriteId,
        (request_id, peer): (RequestId, Epoch),
        outcome: WriteOutcome,
    ) {
        let Some(request) = self.requests.get_mut(&request_id) else { return };
        request.in_flight.remove(&id);
        if let WriteOutcome::Arrived(slots) = outcome {
            request.written.extend(slots);
            self.peer.proven();
        } else {
            self.counters.failed_writes += 1;
            self.write_failed(now, request_id, peer, outcome);
        }
        self.settle_peer(now);
        self.post_writes(now);
        self.commit_or_give_up(now, request_id);
        self.go_on_as_fresh_epoch(now);
        self.advance(now);
    }

    /// If the channel refused the write itself, its task fails. A write that failed on its way is repeated when the peer is
    /// ready again.
    fn write_failed(&mut self, now: Duration, id: RequestId, peer: Epoch, outcome: WriteOutcome) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        request.broke_off |= matches!(outcome, WriteOutcome::BrokenOff);
        request.is_cut_short = true;
        if let WriteOutcome::Refused(reason) = outcome {
            request.failure.get_or_insert(reason);
            request.to_write.clear();
            self.ready.remove(&id);
            return;
        }
        self.break_peer(now, peer, BROKEN_WRITE);
    }

    /// When no write of a request is in progress any more: commits what was written, or confirms the cancellation.
    pub(super) fn commit_or_give_up(&mut self, now: Duration, id: RequestId) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        if !request.in_flight.is_empty() || !request.to_write.is_empty() || request.stage != Stage::Writing {
            return;
        }
        let Some(task) = request.task else { return self.confirm_writes_ended(now, id) };
        if request.written.is_empty() {
            return match request.failure.take() {
                Some(reason) => self.fail_task(now, task, reason),
                None => self.give_up_and_ask_again(now, id),
            };
        }
        request.stage = Stage::Committing;
        let slots = request.written.iter().map(|(_, slot)| slot.clone()).collect();
        let (epoch, destination) = (self.epoch, request.destination);
        self.call(SenderCall::Commit(CommitRequest { epoch, request: id, destination, slots }));
    }

    /// Takes the request from its task and cancels it. Slots that a write may still reach stay quarantined at the receiver
    /// until we report that the writes have ended.
    pub(super) fn give_up_request(&mut self, now: Duration, id: RequestId) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        request.task = None;
        request.to_write.clear();
        self.ready.remove(&id);
        let (receiver, writes) = (request.destination.receiver, request.writes());
        if writes == RequestWrites::InProgress {
            request.stage = Stage::Writing;
        } else {
            self.requests.remove(&id);
        }
        self.cancel(now, id, receiver, writes);
    }

    /// Stops writing for now and releases the grants for others. Writes in progress continue, and what was written successfully
    /// is committed.
    pub(super) fn cut_requests_short(&mut self, now: Duration) {
        let open: Vec<RequestId> =
            self.requests.iter().filter(|(_, request)| request.task.is_some()).map(|(id, _)| *id).collect();
        self.ready.clear();
        for id in open {
            let Some(request) = self.requests.get_mut(&id) else { continue };
            request.is_cut_short |= !request.to_write.is_empty();
            request.to_write.clear();
            if request.stage == Stage::Reserving {
                self.give_up_and_ask_again(now, id);
            } else {
                self.commit_or_give_up(now, id);
            }
        }
    }

    fn give_up_and_ask_again(&mut self, now: Duration, id: RequestId) {
        let task = self.requests.get(&id).and_then(|request| request.task);
        self.give_up_request(now, id);
        if let Some(task) = task {
            self.ask_again(now, task);
        }
    }

    /// Cancels every request that was made over the lost connection. Their tasks reserve again over the next one.
    pub(super) fn give_up_all_requests(&mut self, now: Duration) {
        let open: Vec<(RequestId, TaskId)> =
            self.requests.iter().filter_map(|(id, request)| Some((*id, request.task?))).collect();
        for (id, task) in open {
            self.give_up_request(now, id);
            self.ask_again(now, task);
        }
    }

    fn confirm_writes_ended(&mut self, now: Duration, id: RequestId) {
        if let Some(request) = self.requests.remove(&id) {
            self.cancel(now, id, request.destination.receiver, request.writes());
        }
    }

    fn cancel(&mut self, now: Duration, id: RequestId, receiver: Epoch, writes: RequestWrites) {
        // A restarted receiver does not know the request.
        if self.peer.receiver().is_some_and(|current| current != receiver) {
            return;
        }
        let open_calls = self.cancellations.get(&id).map_or(0, |before| before.open_calls);
        self.cancellations.insert(id, Cancellation { writes, open_calls, failed: false });
        self.due.cancellations.set(id, now);
        self.send_cancellations(now);
    }

    /// Sends the due cancellations. Each is repeated until the receiver has answered.
    pub(super) fn send_cancellations(&mut self, now: Duration) {
        if self.link.up().is_none() {
            return;
        }
        while let Some(request) = self.due.cancellations.pop_due(now) {
            let Some(cancellation) = self.cancellations.get_mut(&request) else { continue };
            cancellation.open_calls += 1;
            let writes = cancellation.writes;
            self.call(SenderCall::Cancel(CancelRequest { epoch: self.epoch, request, writes }));
        }
    }

    /// A cancellation was answered or has failed.
    pub(crate) fn handle_cancel_answer(&mut self, now: Duration, id: RequestId, answer: Result<(), CallFailure>) {
        let Some(cancellation) = self.cancellations.get_mut(&id) else { return };
        cancellation.open_calls = cancellation.open_calls.saturating_sub(1);
        cancellation.failed |= answer.is_err();
        if cancellation.open_calls == 0 && !self.due.cancellations.contains(id) {
            if std::mem::take(&mut cancellation.failed) {
                self.due.cancellations.set(id, now + self.settings.retry_delay);
            } else if cancellation.writes != RequestWrites::InProgress {
                self.cancellations.remove(&id);
            }
        }
        if let Err(failure) = answer {
            self.handle_failure(now, &failure);
        }
        self.advance(now);
    }
}
