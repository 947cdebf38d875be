//! The sender of one TP rank, as a pure state machine: which chunk is reserved, staged, written, committed.
//!
//! The law: one input with the time, then [`poll_action`](SenderMachine::poll_action) until it is empty, and
//! [`handle_deadline`](SenderMachine::handle_deadline) not later than [`next_deadline`](SenderMachine::next_deadline). Every
//! call that an action asks for is answered once, as failed when its own deadline is over. It knows no sockets, threads,
//! memory or clock.

mod answers;
mod link;
mod requests;
mod settings;
mod staging;
mod tasks;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

pub(crate) use self::settings::{SenderCounters, SenderSettings, SenderStatus};
use self::{
    link::Link,
    requests::{Cancellation, Request, Write},
    staging::Staging,
    tasks::Task,
};
use super::protocol::{
    CancelRequest, CommitRequest, Epoch, HandshakeAnswer, HandshakeRequest, Refusal, RequestId, ReserveRequest,
};
use crate::{
    adapter::{ObjectKey, StoreResult, TaskId},
    transfer::WriteId,
};

/// A chunk of a store task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChunkToStore {
    pub(crate) key: ObjectKey,
    pub(crate) length_bytes: u64,
    pub(crate) source: ChunkSource,
}

/// Where a chunk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChunkSource {
    /// In memory the channel writes from.
    Arena { offset_bytes: u64 },
    /// In the caller's buffer: it has to be staged.
    Caller,
}

/// What is to be done outside the machine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SenderAction {
    /// Connect and introduce ourselves, then say `handle_handshake`.
    Connect {
        attempt: u64,
        request: HandshakeRequest,
    },
    /// The channel gets to know the receiver's memory, in place of what it knew of it.
    AddPeer(HandshakeAnswer),
    /// The channel forgets a receiver's incarnation.
    RemovePeer(Epoch),
    /// Give the connection up; its socket stays open while a write is in flight.
    CloseConnection,
    Reserve(ReserveRequest),
    Commit(CommitRequest),
    Cancel(CancelRequest),
    Heartbeat(Epoch),
    /// Stage what has to be staged and post the write, then say `handle_write_posted` or `handle_write_refused`.
    Write {
        write: WriteId,
        peer: Epoch,
        chunks: Vec<ChunkWrite>,
    },
    /// The task is over.
    Complete {
        task: TaskId,
        result: StoreResult,
    },
}

/// One chunk of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChunkWrite {
    pub(crate) task: TaskId,
    /// Its place among the task's chunks.
    pub(crate) index: usize,
    pub(crate) source: WriteSource,
    pub(crate) remote_offset_bytes: u64,
    pub(crate) length_bytes: u64,
}

/// Where a write reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteSource {
    Arena {
        offset_bytes: u64,
    },
    /// The caller's bytes are copied here first.
    Staging {
        offset_bytes: u64,
    },
}

/// Why a receiver was not reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConnectFailure {
    /// It does not want us: a person has to change something.
    Refused(String),
    /// It is not there.
    Unreachable(String),
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallFailure {
    /// Its deadline is over, or its connection broke: it may have been heard or not.
    Unanswered,
    /// The receiver refuses it.
    Refused(Refusal),
}

/// The sender of one TP rank. Belongs to the rank's thread.
#[derive(Debug)]
pub(crate) struct SenderMachine {
    settings: SenderSettings,
    epoch: Epoch,
    link: Link,
    next_attempt: u64,
    next_request: RequestId,
    next_write: WriteId,
    tasks: BTreeMap<TaskId, Task>,
    requests: BTreeMap<RequestId, Request>,
    writes: BTreeMap<WriteId, Write>,
    /// Requests given up that the receiver has not confirmed yet.
    cancellations: BTreeMap<RequestId, Cancellation>,
    staging: Staging,
    is_closed: bool,
    counters: SenderCounters,
    actions: VecDeque<SenderAction>,
}

impl SenderMachine {
    pub(crate) fn new(settings: SenderSettings, epoch: Epoch) -> Self {
        Self {
            staging: Staging::new(settings.staging_bytes, settings.staging_alignment_bytes),
            settings,
            epoch,
            link: Link::at_start(),
            next_attempt: 1,
            next_request: RequestId(1),
            next_write: WriteId(1),
            tasks: BTreeMap::new(),
            requests: BTreeMap::new(),
            writes: BTreeMap::new(),
            cancellations: BTreeMap::new(),
            is_closed: false,
            counters: SenderCounters::default(),
            actions: VecDeque::new(),
        }
    }

    /// What is to be done next.
    pub(crate) fn poll_action(&mut self) -> Option<SenderAction> {
        self.actions.pop_front()
    }

    /// When `handle_deadline` has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let link = (!self.is_closed).then(|| self.link.next_deadline()).flatten();
        let tasks = self.tasks.values().map(|task| task.deadline);
        let waiting = self.tasks.values().filter_map(|task| self.link.up().and(task.reserve_at));
        let requests = self.requests.values().filter_map(Request::write_by);
        let cancellations = self.cancellations.values().filter_map(|it| self.link.up().and(it.retry_at));
        link.into_iter().chain(tasks).chain(waiting).chain(requests).chain(cancellations).min()
    }

    /// Does what is due.
    pub(crate) fn handle_deadline(&mut self, now: Duration) {
        self.fail_late_tasks(now);
        self.keep_link(now);
        self.advance(now);
    }

    /// Fails every open task, and takes no new one. Writes in flight go on.
    pub(crate) fn close(&mut self, now: Duration) {
        self.is_closed = true;
        let open: Vec<TaskId> = self.tasks.keys().copied().collect();
        for task in open {
            self.fail_task(now, task, "the adapter was closed".to_owned());
        }
    }

    /// Writes that were handed to the channel and have not ended.
    pub(crate) fn writes_in_flight(&self) -> usize {
        self.writes.len()
    }

    /// Whether closing the connection would say anything wrong: the receiver takes it for our death.
    pub(crate) fn may_close_connection(&self) -> bool {
        self.writes.is_empty()
    }

    /// How it is doing.
    pub(crate) fn status(&self) -> SenderStatus {
        SenderStatus {
            is_connected: self.link.up().is_some(),
            last_failure: self.link.last_failure(),
            open_tasks: self.tasks.len(),
            open_requests: self.requests.len(),
            writes_in_flight: self.writes.len(),
            staged_bytes: self.staging.used_bytes(),
            counters: self.counters,
        }
    }

    /// Does whatever has become possible.
    fn advance(&mut self, now: Duration) {
        self.reserve_for_tasks(now);
        self.post_writes(now);
        self.send_cancellations(now);
    }

    /// Panics where an invariant is broken.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        let staged: u64 = self.writes.values().map(Write::staged_bytes).sum();
        assert_eq!(staged, self.staging.used_bytes(), "staging memory is lost, or freed under a write");
        for (id, write) in &self.writes {
            let request = self.requests.get(&write.request).expect("a write in flight has a request");
            assert!(request.in_flight.contains(id), "a write in flight is not known to its request");
        }
        for request in self.requests.values() {
            assert!(request.in_flight.iter().all(|id| self.writes.contains_key(id)), "a request waits for no write");
            if let Some(task) = request.task {
                assert!(self.tasks.contains_key(&task), "a request is for a task that is over");
            }
        }
    }
}
