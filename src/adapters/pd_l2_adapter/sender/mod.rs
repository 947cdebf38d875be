//! The sender of one TP rank, as a pure state machine: which chunk is reserved, staged, written, committed.
//!
//! The law: pass one input with the time, then call [`poll_action`](SenderMachine::poll_action) until it returns nothing, and
//! call [`handle_deadline`](SenderMachine::handle_deadline) no later than [`next_deadline`](SenderMachine::next_deadline).
//! Every call that an action requests is answered once; a call that reaches its deadline is answered as failed. The machine has
//! no sockets, threads, memory, randomness or clock.
//!
//! **Grants do not outlive the connection they came over.** When our kernel closes the connection that was attached last, a
//! receiver takes us for dead and reuses the slots. After a failed attempt we may not know which connection that is. So
//! connections are kept until a later one is attached, and a write is posted only while the connection that its grant came over
//! is up. When the connection is lost, all its grants are given up.
//!
//! The states of a request, of the link to the receiver, and of the peer (the channel's connection to its memory):
//!
//! ```text
//!             granted           all writes arrived             committed
//!  reserving ---------> writing ------------------> committing ---------> ended
//!      |                   |                            |
//!      +-------------------+----------------------------+ refused, failed, late, connection lost
//!                          v           answered
//!                     cancelling ------------------> ended: its task reserves again, or fails
//!
//!  link:  down ---> connecting ---> up ---> down: connection lost, or another receiver
//!  peer:  absent ---> connecting ---> ready <---> draining ---> broken ---> connecting
//! ```
//!
//! The snapshot of `transitions` has every stage with every event.
//!
//! ```text
//! tasks                 store tasks: from chunks to one result
//! answers               answers to reserve and commit calls
//! requests, staging     grants, writes, cancellations; ranges of the staging buffer
//! link, peer            the connection to the receiver, and to its memory; `backoff` delays attempts
//! settings              settings, status, counters
//! tests                 rule by rule, with connections, healing, heartbeats, troubles, transitions
//! ```

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod answers;
mod backoff;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod healing;
#[cfg(test)]
mod heartbeats;
mod link;
mod peer;
mod requests;
mod settings;
mod staging;
mod tasks;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod transitions;
#[cfg(test)]
mod troubles;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

pub(crate) use self::settings::{SenderCounters, SenderSettings, SenderStatus};
use self::{
    link::Link,
    peer::{Peer, PeerTrouble},
    requests::{Cancellation, Request, Write},
    staging::Staging,
    tasks::Task,
};
use super::{
    agenda::Agenda,
    protocol::{
        CancelRequest, CommitRequest, Epoch, HandshakeRequest, LayoutFingerprint, Refusal, Region, RequestId,
        ReserveRequest,
    },
};
use crate::{
    adapter::{ObjectKey, StoreResult, TaskId},
    transfer::{PieceSource, WriteId},
};

/// A chunk of a store task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChunkToStore {
    pub(crate) key: ObjectKey,
    pub(crate) length_bytes: u64,
    /// How its tensors lie in the bytes, if known.
    pub(crate) layout: Option<LayoutFingerprint>,
    pub(crate) source: ChunkSource,
}

/// Where a chunk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChunkSource {
    /// In memory that the channel writes from.
    Arena { offset_bytes: u64 },
    /// In the caller's buffer: it must be staged.
    Caller,
}

/// Something to do outside the machine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SenderAction {
    /// Open a new connection and introduce ourselves, then call `handle_handshake`. The connection is named by the number of
    /// the attempt. Earlier connections stay open until `CloseConnection`, even if the attempt fails.
    Connect { attempt: u64, request: HandshakeRequest },
    /// Give the channel the receiver's memory, in place of what it had of it. Then call `handle_peer_added`.
    AddPeer { peer: Epoch, region: Region },
    /// Remove a receiver's incarnation from the channel.
    RemovePeer(Epoch),
    /// Stop using the connection. Its socket stays open.
    LeaveConnection,
    /// Close what is left of this attempt's connection, if anything.
    CloseConnection(u64),
    /// Make a call over the current connection.
    Call(SenderCall),
    /// Write meaningless bytes; call `handle_write_refused` if the channel does not accept the write.
    Probe { write: WriteId, peer: Epoch, remote_offset_bytes: u64 },
    /// Stage what must be staged and post the write, then call `handle_write_posted` or `handle_write_refused`.
    Write { write: WriteId, peer: Epoch, chunks: Vec<ChunkWrite> },
    /// End the task.
    Complete { task: TaskId, result: StoreResult },
}

/// A call to the receiver, which is answered exactly once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SenderCall {
    Reserve(ReserveRequest),
    Commit(CommitRequest),
    Cancel(CancelRequest),
    /// Over the connection of this attempt, which is the current one.
    Heartbeat {
        connection: u64,
        epoch: Epoch,
        is_probing: bool,
    },
}

/// One chunk of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChunkWrite {
    pub(crate) task: TaskId,
    /// Its index among the task's chunks.
    pub(crate) index: usize,
    pub(crate) source: PieceSource,
    pub(crate) remote_offset_bytes: u64,
    pub(crate) length_bytes: u64,
}

/// Why a receiver was not reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConnectFailure {
    /// It refuses us: a person has to change something.
    Refused(String),
    /// It cannot be reached.
    Unreachable(String),
    /// It has declared our incarnation dead: we continue as a new one, under an epoch that was drawn for it.
    DeadEpoch { fresh: Epoch },
}

/// Why the channel did not accept a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WriteRefusal {
    pub(crate) reason: String,
    /// The channel has lost the peer, which must be added again.
    pub(crate) is_peer_lost: bool,
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallFailure {
    /// Its deadline is over, or its connection broke: the receiver may have handled it or not.
    Unanswered,
    /// The receiver refuses it.
    Refused(Refusal),
}

/// The sender of one TP rank. Belongs to the rank's thread.
#[derive(Debug)]
pub(crate) struct SenderMachine {
    settings: SenderSettings,
    epoch: Epoch,
    /// Replaces `epoch`, which the receiver has declared dead, as soon as no write is in flight.
    fresh_epoch: Option<Epoch>,
    link: Link,
    peer: Peer,
    next_attempt: u64,
    next_request: RequestId,
    next_write: WriteId,
    tasks: BTreeMap<TaskId, Task>,
    /// Invariant: while the link is down, only requests with writes in flight, and none has a task.
    requests: BTreeMap<RequestId, Request>,
    /// Requests with slots that are not being written yet. Invariant: `to_write` of each is not empty.
    ready: BTreeSet<RequestId>,
    writes: BTreeMap<WriteId, Write>,
    /// Cancelled requests that the receiver has not confirmed yet, all of the receiver's latest incarnation.
    cancellations: BTreeMap<RequestId, Cancellation>,
    due: Due,
    staging: Staging,
    is_closed: bool,
    /// The last answer to a reserve call was that there is no room.
    is_receiver_full: bool,
    counters: SenderCounters,
    actions: VecDeque<SenderAction>,
}

/// Deadlines of a sender, except its link's.
#[derive(Debug)]
struct Due {
    /// When a task fails. Invariant: exactly the open tasks.
    tasks: Agenda<TaskId>,
    /// When a task reserves slots. Invariant: exactly the open tasks without a request.
    reserves: Agenda<TaskId>,
    /// When a write has taken too long for its task.
    writes: Agenda<WriteId>,
    /// When the probe in flight has taken too long.
    probe: Option<Duration>,
    /// When to send a cancellation to the receiver.
    cancellations: Agenda<RequestId>,
}

impl SenderMachine {
    pub(crate) fn new(settings: SenderSettings, epoch: Epoch) -> Self {
        Self {
            staging: Staging::new(settings.staging_bytes, settings.staging_alignment_bytes),
            peer: Peer::new(settings.random_seed),
            link: Link::at_start(!settings.random_seed),
            settings,
            epoch,
            fresh_epoch: None,
            next_attempt: 1,
            next_request: RequestId(1),
            next_write: WriteId(1),
            tasks: BTreeMap::new(),
            requests: BTreeMap::new(),
            ready: BTreeSet::new(),
            writes: BTreeMap::new(),
            cancellations: BTreeMap::new(),
            due: Due {
                tasks: Agenda::new(),
                reserves: Agenda::new(),
                writes: Agenda::new(),
                probe: None,
                cancellations: Agenda::new(),
            },
            is_closed: false,
            is_receiver_full: false,
            counters: SenderCounters::default(),
            actions: VecDeque::new(),
        }
    }

    /// The next thing to do.
    pub(crate) fn poll_action(&mut self) -> Option<SenderAction> {
        self.actions.pop_front()
    }

    /// When `handle_deadline` must be called.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let while_up = [self.peer_deadline(), self.due.cancellations.next()];
        let while_up = while_up.into_iter().filter(|_| self.link.up().is_some());
        let while_ready = self.due.reserves.next().filter(|_| self.may_write());
        let always = [self.link_deadline(), self.due.tasks.next(), self.due.writes.next(), self.due.probe, while_ready];
        always.into_iter().chain(while_up).flatten().min()
    }

    /// Handles everything that is due.
    pub(crate) fn handle_deadline(&mut self, now: Duration) {
        self.fail_late_tasks(now);
        self.doubt_late_probe(now);
        self.keep_link(now);
        self.advance(now);
    }

    /// Fails every open task and accepts no new one. Writes in flight continue.
    pub(crate) fn close(&mut self, now: Duration) {
        self.is_closed = true;
        let open: Vec<TaskId> = self.tasks.keys().copied().collect();
        for task in open {
            self.fail_task(now, task, "the adapter was closed".to_owned());
        }
    }

    /// Its current incarnation: a new one after [`ConnectFailure::DeadEpoch`].
    #[cfg(test)]
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Writes that the channel has accepted and that have not ended, including a probe.
    pub(crate) fn writes_in_flight(&self) -> usize {
        self.writes.len() + self.peer.probes()
    }

    /// Writes of chunks that have not ended.
    #[cfg(test)]
    pub(crate) fn chunk_writes_in_flight(&self) -> usize {
        self.writes.len()
    }

    /// Whether chunks can be written.
    fn may_write(&self) -> bool {
        self.link.up().is_some() && self.peer.is_ready()
    }

    fn call(&mut self, call: SenderCall) {
        self.actions.push_back(SenderAction::Call(call));
    }

    fn draw_write(&mut self) -> WriteId {
        let write = self.next_write;
        self.next_write = WriteId(write.0 + 1);
        write
    }

    /// Its status.
    pub(crate) fn status(&self) -> SenderStatus {
        SenderStatus {
            is_connected: self.link.up().is_some(),
            last_failure: self.link.last_failure(),
            peer: self.peer.condition(),
            peer_trouble: self.peer_trouble(),
            open_tasks: self.tasks.len(),
            open_requests: self.requests.len(),
            open_cancellations: self.cancellations.len(),
            writes_in_flight: self.writes.len(),
            staged_bytes: self.staging.used_bytes(),
            is_receiver_full: self.is_receiver_full && !self.tasks.is_empty(),
            counters: self.counters,
        }
    }

    /// Why no chunk can be written although the control connection is up.
    fn peer_trouble(&self) -> Option<String> {
        if self.peer.is_ready() {
            return None;
        }
        let Some(PeerTrouble { since, reason }) = self.peer.trouble() else {
            return Some("no write has arrived at the receiver yet".to_owned());
        };
        // If the receiver's process stands still, both connections do. Only a receiver that answers calls shows that the
        // channel is at fault.
        if !self.link.has_answered_since(*since) {
            return Some(format!(
                "{reason}, and the receiver has not responded on its ports since then: check that its process runs and is not \
                 stopped, and that the network leads to it"
            ));
        }
        let (channel, advice) = (self.settings.transfer_channel, self.settings.channel_advice);
        Some(format!(
            "the receiver responds on its ports, but the {channel} channel's own connection to it does not work: {reason}. \
             {advice}"
        ))
    }

    /// Does everything that has become possible.
    fn advance(&mut self, now: Duration) {
        self.keep_peer(now);
        self.reserve_for_tasks(now);
        self.post_writes(now);
        self.send_cancellations(now);
    }

    /// Panics if an invariant is violated.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        let staged: u64 = self.writes.values().map(Write::staged_bytes).sum();
        assert_eq!(staged, self.staging.used_bytes(), "staging memory is lost, or freed under a write");
        for (id, write) in &self.writes {
            let request = self.requests.get(&write.request).expect("a write in flight has a request");
            assert!(request.in_flight.contains(id), "a write in flight is not known to its request");
        }
        for (id, request) in &self.requests {
            assert!(request.in_flight.iter().all(|id| self.writes.contains_key(id)), "a request waits for no write");
            assert_eq!(self.ready.contains(id), !request.to_write.is_empty(), "a grant is forgotten");
            assert!(request.to_write.is_empty() || self.may_write(), "a grant waits for a peer that is not ready");
            match request.task {
                Some(task) => {
                    assert_eq!(self.tasks[&task].request, Some(*id), "a request is for a task that has another");
                    assert!(self.link.up().is_some(), "a request outlives the connection it was made over");
                }
                None => {
                    assert!(!request.in_flight.is_empty(), "a request is for nothing");
                    assert!(request.to_write.is_empty(), "a grant outlives its task");
                }
            }
        }
        for (id, task) in &self.tasks {
            assert!(self.due.tasks.contains(*id), "a task has no deadline");
            assert_ne!(self.due.reserves.contains(*id), task.request.is_some(), "a task is forgotten");
        }
    }

    /// The work that is left, for a person who looks for what is stuck.
    #[cfg(test)]
    pub(crate) fn pending(&self) -> Vec<String> {
        let tasks = self.tasks.iter().map(|(id, task)| format!("task {id} with request {:?}", task.request));
        let requests = self.requests.iter().map(|(id, request)| format!("{id:?} {:?}", request.stage));
        let writes = self.writes.keys().map(|id| format!("{id:?} in flight"));
        let cancellations = self.cancellations.iter().map(|(id, it)| format!("{id:?} {it:?}"));
        tasks.chain(requests).chain(writes).chain(cancellations).collect()
    }
}
