//! The thread of one TP rank on a sender: it performs what the sender's state machine decides, and tells it what came of it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{
    announcer::{Announcement, Announcer},
    incarnation,
    lending::Lending,
    link::ReceiverLink,
    pace::Pace,
    settings::{NodeSettings, PROBE_BYTES, probe_offset_bytes, seconds},
    status::{RankStatus, StatusBoard},
};
use crate::{
    adapter::{Clock, StoreBuffer, StoreChunk, StoreResult, StoreShare, TaskId},
    adapters::pd_l2_adapter::{
        control::{CallError, ConnectError, ConnectOutcome, ControlTarget},
        protocol::{CommitAnswer, Epoch, LayoutFingerprint, Refusal, Region, RegionNumber, RequestId, ReserveAnswer},
        sender::{
            CallFailure, ChunkSource, ChunkToStore, ChunkWrite, ConnectFailure, SenderAction, SenderMachine,
            WriteRefusal, WriteSource,
        },
    },
    transfer::{
        self, ChannelRegion, PeerId, PieceSource, TransferChannel, TransferError, WriteEnd, WriteId, WritePiece,
    },
};

/// What the thread is told: by the adapter, and by the calls it has made itself.
pub(super) enum SenderEvent {
    Store {
        task: TaskId,
        chunks: Vec<StoreChunk>,
        share: StoreShare,
    },
    Close,
    Connected {
        attempt: u64,
        outcome: Box<ConnectOutcome>,
    },
    ConnectionLost {
        /// The attempt that made it.
        connection: u64,
        reason: String,
    },
    Reserved {
        request: RequestId,
        result: Result<ReserveAnswer, CallError>,
    },
    Committed {
        request: RequestId,
        result: Result<CommitAnswer, CallError>,
    },
    Cancelled {
        request: RequestId,
        result: Result<Result<(), Refusal>, CallError>,
    },
    Heartbeat {
        result: Result<Result<RegionNumber, Refusal>, CallError>,
    },
    /// Measure an empty call over the connection in use; nothing is said where there is none.
    #[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the command line asks"))]
    Ping {
        took: std::sync::mpsc::Sender<Duration>,
    },
}

/// Everything of one rank. Owned by that rank's thread alone.
pub(super) struct SendingRank {
    settings: NodeSettings,
    machine: SenderMachine,
    link: ReceiverLink,
    channel: Box<dyn TransferChannel>,
    clock: Arc<dyn Clock>,
    /// The buffers of each open task; the caller's buffers go back before the task completes.
    tasks: HashMap<TaskId, OpenStore>,
    lending: Arc<Lending>,
    announcer: Announcer,
    tp_rank: u32,
    events: mpsc::UnboundedReceiver<SenderEvent>,
    pace: Pace,
    status: Arc<StatusBoard>,
    ended_writes: Vec<WriteEnd>,
}

struct OpenStore {
    buffers: Vec<StoreBuffer>,
    share: StoreShare,
}

impl SendingRank {
    pub(super) fn new(
        settings: NodeSettings,
        tp_rank: u32,
        target: ControlTarget,
        channel: Box<dyn TransferChannel>,
        queue: (mpsc::UnboundedSender<SenderEvent>, mpsc::UnboundedReceiver<SenderEvent>),
        status: Arc<StatusBoard>,
        lending: Arc<Lending>,
    ) -> Self {
        let (patience, now) = (seconds(settings.timing.connect_seconds), settings.clock.now());
        let machine = SenderMachine::new(settings.sender(tp_rank), target.incarnation.epoch());
        // Before anybody can ask.
        status.publish(RankStatus::Sender(machine.status()));
        Self {
            machine,
            link: ReceiverLink::new(target, settings.timing.clone(), queue.0),
            clock: Arc::clone(&settings.clock),
            settings,
            channel,
            tasks: HashMap::new(),
            lending,
            announcer: Announcer::new(patience, now),
            tp_rank,
            events: queue.1,
            pace: Pace::default(),
            status,
            ended_writes: Vec::new(),
        }
    }

    /// Serves until it is told to close and no write is in flight, or the time for that is over.
    pub(super) async fn run(mut self) {
        let mut close_by: Option<Duration> = None;
        loop {
            self.poll_channel();
            self.perform();
            let now = self.clock.now();
            if close_by.is_some_and(|by| now >= by || self.machine.writes_in_flight() == 0) {
                break;
            }
            let mut next = self.next_event(close_by).await;
            // What has queued up is taken at once: one look at the channel for all of it.
            while let Some(event) = next {
                if matches!(event, SenderEvent::Close) && close_by.is_none() {
                    close_by = Some(self.clock.now() + seconds(self.settings.timing.close_seconds));
                }
                self.handle(event);
                next = self.events.try_recv().ok();
            }
            self.machine.handle_deadline(self.clock.now());
        }
        self.perform();
        self.link.close(self.channel.writes_in_flight());
        self.status.publish(RankStatus::Closed { leaked_bytes: self.channel.close() });
    }

    /// Waits for whichever comes first: an event, a deadline, the time to look at the channel again.
    async fn next_event(&mut self, close_by: Option<Duration>) -> Option<SenderEvent> {
        let now = self.clock.now();
        let deadline = match (self.machine.next_deadline(), close_by) {
            (Some(deadline), Some(close)) => Some(deadline.min(close)),
            (deadline, close) => deadline.or(close),
        };
        let pause = self.pace.pause(now, self.channel.writes_in_flight() > 0);
        super::wait::next_event(&mut self.events, deadline.map(|deadline| deadline.saturating_sub(now)), pause).await
    }

    fn poll_channel(&mut self) {
        if self.channel.writes_in_flight() == 0 {
            return;
        }
        self.channel.poll(&mut self.ended_writes);
        let now = self.clock.now();
        for end in self.ended_writes.drain(..) {
            self.pace.activity(now);
            self.machine.handle_write_ended(now, end);
        }
    }

    fn handle(&mut self, event: SenderEvent) {
        let now = self.clock.now();
        self.pace.activity(now);
        match event {
            SenderEvent::Store { task, chunks, share } => self.store(now, task, chunks, share),
            SenderEvent::Close => self.machine.close(now),
            SenderEvent::Connected { attempt, outcome } => self.connected(now, attempt, *outcome),
            SenderEvent::ConnectionLost { connection, reason } => {
                self.machine.handle_connection_lost(now, connection, reason);
            }
            SenderEvent::Reserved { request, result } => {
                self.machine.handle_reserve_answer(now, request, result.map_err(call_failure));
            }
            SenderEvent::Committed { request, result } => {
                self.machine.handle_commit_answer(now, request, result.map_err(call_failure));
            }
            SenderEvent::Cancelled { request, result } => {
                self.machine.handle_cancel_answer(now, request, flatten(result));
            }
            SenderEvent::Ping { took } => self.link.ping(&self.clock, took),
            SenderEvent::Heartbeat { result } => self.machine.handle_heartbeat_answer(now, flatten(result)),
        }
    }

    fn store(&mut self, now: Duration, task: TaskId, chunks: Vec<StoreChunk>, share: StoreShare) {
        let (wanted, buffers) = chunks.into_iter().map(|chunk| self.chunk_to_store(chunk)).unzip();
        self.tasks.insert(task, OpenStore { buffers, share });
        self.machine.submit_store(now, task, wanted);
    }

    fn chunk_to_store(&self, chunk: StoreChunk) -> (ChunkToStore, StoreBuffer) {
        let layout = chunk.layout_of_bytes().map(LayoutFingerprint::of);
        let StoreChunk { key, buffer, .. } = chunk;
        let length_bytes = buffer.len() as u64;
        let source = self
            .settings
            .l1_arena
            .as_ref()
            .and_then(|arena| buffer.as_ptr().addr().checked_sub(arena.base_address()).map(|at| (arena, at as u64)))
            .filter(|(arena, at)| at + length_bytes <= arena.size_bytes() as u64)
            .map_or(ChunkSource::Caller, |(_, offset_bytes)| ChunkSource::Arena { offset_bytes });
        (ChunkToStore { key: Arc::new(key), length_bytes, layout, source }, buffer)
    }

    fn connected(&mut self, now: Duration, attempt: u64, outcome: ConnectOutcome) {
        let answer = match outcome.result {
            Ok(introduced) => Ok(self.link.attached(attempt, introduced, outcome.hold)),
            Err(error) => {
                self.link.failed(attempt, outcome.hold);
                Err(self.connect_failure(error))
            }
        };
        self.machine.handle_handshake(now, attempt, answer);
    }

    fn connect_failure(&mut self, error: ConnectError) -> ConnectFailure {
        match error {
            ConnectError::Refused { epoch_is_dead: true, message, .. } => {
                match incarnation::draw(self.settings.random_seed) {
                    Ok(fresh) => ConnectFailure::DeadEpoch { fresh: self.link.prepare(fresh) },
                    Err(error) => {
                        ConnectFailure::Refused(format!("{message}, and there are no random numbers: {error}"))
                    }
                }
            }
            error @ (ConnectError::Refused { .. } | ConnectError::Misdirected(_)) => {
                ConnectFailure::Refused(error.to_string())
            }
            error => ConnectFailure::Unreachable(error.to_string()),
        }
    }

    fn perform(&mut self) {
        let mut completed = Vec::new();
        while let Some(action) = self.machine.poll_action() {
            match action {
                SenderAction::Connect { attempt, request } => self.link.connect(attempt, request),
                SenderAction::AddPeer { peer, region } => self.add_peer(peer, region),
                SenderAction::RemovePeer(epoch) => self.channel.remove_peer(PeerId(epoch.0)),
                SenderAction::LeaveConnection => self.link.leave(),
                SenderAction::CloseConnection(attempt) => self.link.close_one(attempt),
                SenderAction::Call(call) => self.link.call(call),
                SenderAction::Probe { write, peer, remote_offset_bytes } => {
                    self.probe(write, peer, remote_offset_bytes);
                }
                SenderAction::Write { write, peer, chunks } => self.write(write, peer, &chunks),
                SenderAction::Complete { task, result } => completed.push((task, result)),
            }
        }
        let status = self.machine.status();
        let announcement = self.announcer.observe(self.clock.now(), status.why_unreached().as_deref());
        // The status knows of it before the caller does.
        self.status.publish(RankStatus::Sender(status));
        announcement.iter().for_each(|announcement| self.announce(announcement));
        completed.into_iter().for_each(|(task, result)| self.complete(task, result));
    }

    fn announce(&self, announcement: &Announcement) {
        let (tp_rank, host) = (self.tp_rank, &self.settings.config.peer_host);
        match announcement {
            Announcement::Reached => tracing::info!(tp_rank, host, "the receiver is there, and chunks arrive at it"),
            Announcement::NotReached(reason) => {
                tracing::warn!(
                    tp_rank,
                    host,
                    reason,
                    "the receiver was not reached so far; it is tried again and again"
                );
            }
            Announcement::Lost(reason) => {
                tracing::warn!(tp_rank, host, reason, "the receiver is lost; it is tried again and again");
            }
        }
    }

    fn add_peer(&mut self, peer: Epoch, region: Region) {
        let region = ChannelRegion {
            base_address: region.base_address,
            length_bytes: region.length_bytes,
            metadata: region.channel_metadata,
        };
        let added = self.channel.add_peer(PeerId(peer.0), &region).map_err(|error| error.to_string());
        self.machine.handle_peer_added(self.clock.now(), peer, added);
    }

    /// Writes the bytes that staging memory has for this, to the place that a region has for it.
    fn probe(&mut self, write: WriteId, peer: Epoch, remote_offset_bytes: u64) {
        let source = PieceSource::Staging { offset_bytes: probe_offset_bytes(self.settings.config.buffer_size) };
        let piece = WritePiece { source, remote_offset_bytes, length_bytes: PROBE_BYTES };
        if let Err(error) = self.channel.post_write(write, PeerId(peer.0), &[piece]) {
            self.machine.handle_write_refused(self.clock.now(), write, write_refusal(&error));
        }
    }

    fn write(&mut self, write: WriteId, peer: Epoch, chunks: &[ChunkWrite]) {
        let now = self.clock.now();
        match self.stage_and_post(write, peer, chunks) {
            Ok(checksums) => self.machine.handle_write_posted(now, write, checksums),
            Err(error) => self.machine.handle_write_refused(now, write, write_refusal(&error)),
        }
    }

    fn stage_and_post(
        &mut self,
        write: WriteId,
        peer: Epoch,
        chunks: &[ChunkWrite],
    ) -> Result<Vec<Option<u64>>, TransferError> {
        let mut pieces = Vec::with_capacity(chunks.len());
        let mut checksums = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            let source = match chunk.source {
                WriteSource::Arena { offset_bytes } => PieceSource::Arena { offset_bytes },
                WriteSource::Staging { offset_bytes } => PieceSource::Staging { offset_bytes },
            };
            let task = self.tasks.get(&chunk.task);
            let lent = task.and_then(|task| task.buffers.get(chunk.index)).ok_or(TransferError::NotLent)?;
            let read = self.lending.touch(|| {
                if let PieceSource::Staging { offset_bytes } = source {
                    self.channel.copy_in(offset_bytes, lent, 0..lent.len())?;
                }
                Ok(self.settings.config.checksum.then(|| transfer::checksum(lent.as_slice())))
            });
            checksums.push(read.unwrap_or(Err(TransferError::NotLent))?);
            pieces.push(WritePiece {
                source,
                remote_offset_bytes: chunk.remote_offset_bytes,
                length_bytes: chunk.length_bytes,
            });
        }
        self.channel.post_write(write, PeerId(peer.0), &pieces)?;
        Ok(checksums)
    }

    fn complete(&mut self, task: TaskId, result: StoreResult) {
        if let Some(OpenStore { buffers, share }) = self.tasks.remove(&task) {
            // The caller may reuse its buffers as soon as it has the result.
            drop(buffers);
            share.end(result);
        }
    }
}

fn write_refusal(error: &TransferError) -> WriteRefusal {
    WriteRefusal { reason: error.to_string(), is_peer_lost: error.is_peer_lost() }
}

/// Whatever kept a call from being answered, it may have been heard.
fn call_failure(error: CallError) -> CallFailure {
    tracing::debug!(%error, "a call to the receiver has no answer");
    CallFailure::Unanswered
}

fn flatten<T>(result: Result<Result<T, Refusal>, CallError>) -> Result<T, CallFailure> {
    result.map_err(call_failure)?.map_err(CallFailure::Refused)
}
