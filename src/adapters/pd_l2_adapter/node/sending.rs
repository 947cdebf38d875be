//! The thread of one TP rank on a sender: it waits for events, and gives the rank's driver its world.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{
    connections::ReceiverConnections,
    incarnation,
    lending::Lending,
    messages::SenderMessage,
    settings::{NodeSettings, PROBE_BYTES, probe_offset_bytes, seconds},
    status::{RankStatus, StatusBoard},
    wait::{self, Waiter},
};
use crate::{
    adapter::{Clock, StoreBuffer, StoreChunk, StoreResult, StoreShare, TaskId},
    adapters::pd_l2_adapter::{
        control::{ConnectError, ConnectOutcome, ControlTarget},
        driver::{Announcement, Announcer, SenderDriver, SenderEvent, SenderWorld},
        protocol::{Epoch, HandshakeRequest, LayoutFingerprint, Region},
        sender::{
            ChunkSource, ChunkToStore, ChunkWrite, ConnectFailure, SenderCall, SenderMachine, SenderStatus,
            WriteRefusal,
        },
    },
    transfer::{self, Channel, PeerId, PieceSource, TransferError, WriteEnd, WriteId, WritePiece},
};

/// Everything of one rank. Owned by that rank's thread alone.
pub(super) struct SendingRank {
    driver: SenderDriver,
    messages: mpsc::UnboundedReceiver<SenderMessage>,
    world: RankWorld,
}

/// The driver's world. Owned by the rank's thread.
struct RankWorld {
    settings: NodeSettings,
    tp_rank: u32,
    clock: Arc<dyn Clock>,
    connections: ReceiverConnections,
    channel: Box<dyn Channel>,
    /// The buffers of each open task; the caller's buffers go back before the task completes.
    tasks: HashMap<TaskId, OpenStore>,
    lending: Arc<Lending>,
    status: Arc<StatusBoard>,
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
        channel: Box<dyn Channel>,
        queue: (mpsc::UnboundedSender<SenderMessage>, mpsc::UnboundedReceiver<SenderMessage>),
        status: Arc<StatusBoard>,
        lending: Arc<Lending>,
    ) -> Self {
        let (patience, now) = (seconds(settings.timing.connect_seconds), settings.clock.now());
        let machine = SenderMachine::new(settings.sender(tp_rank), target.incarnation.epoch());
        let close_time = seconds(settings.timing.close_seconds);
        let driver = SenderDriver::new(machine, Announcer::new(patience, now), close_time);
        // Before the first status can be read.
        status.publish(RankStatus::Sender(driver.status()));
        let world = RankWorld {
            connections: ReceiverConnections::new(target, settings.timing.clone(), queue.0),
            clock: Arc::clone(&settings.clock),
            settings,
            tp_rank,
            channel,
            tasks: HashMap::new(),
            lending,
            status,
        };
        Self { driver, messages: queue.1, world }
    }

    /// Serves until it gets the message to close and no write is in flight, or the time for that is over.
    pub(super) async fn run(mut self, mut waiter: Waiter) {
        loop {
            self.driver.turn(&mut self.world);
            let now = self.world.now();
            if self.driver.is_over(now) {
                break;
            }
            let rest = self.driver.rest(now);
            let mut next = waiter.next_message(&mut self.messages, rest, now).await;
            // All queued messages are taken at once, with one turn for all of them.
            for left in (0..wait::BATCH_MAX).rev() {
                let Some(message) = next else { break };
                if let Some(event) = self.world.take(message) {
                    self.driver.handle(self.world.now(), event);
                }
                next = if left > 0 { self.messages.try_recv().ok() } else { None };
            }
        }
        let RankWorld { connections, channel, status, .. } = self.world;
        connections.close(channel.writes_in_flight());
        status.publish(RankStatus::Closed { leaked_bytes: channel.close() });
    }
}

impl RankWorld {
    /// Keeps buffers, sockets and the destinations of results; the driver does the rest.
    fn take(&mut self, message: SenderMessage) -> Option<SenderEvent> {
        Some(match message {
            SenderMessage::Store { task, chunks, share } => {
                let (chunks, buffers) = chunks.into_iter().map(|chunk| self.chunk_to_store(chunk)).unzip();
                self.tasks.insert(task, OpenStore { buffers, share });
                SenderEvent::Store { task, chunks }
            }
            SenderMessage::Connected { attempt, outcome } => self.connected(attempt, *outcome),
            SenderMessage::ConnectionLost { connection, reason } => SenderEvent::ConnectionLost { connection, reason },
            SenderMessage::Answered(answered) => SenderEvent::Answered(answered),
            SenderMessage::Close => SenderEvent::Close,
            SenderMessage::Ping { took } => {
                self.connections.ping(&self.clock, took);
                return None;
            }
        })
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
        (ChunkToStore { key, length_bytes, layout, source }, buffer)
    }

    fn connected(&mut self, attempt: u64, outcome: ConnectOutcome) -> SenderEvent {
        let result = match outcome.result {
            Ok(introduced) => Ok(self.connections.attached(attempt, introduced, outcome.hold)),
            Err(error) => {
                self.connections.failed(attempt, outcome.hold);
                Err(self.connect_failure(error))
            }
        };
        SenderEvent::Connected { attempt, result }
    }

    fn connect_failure(&mut self, error: ConnectError) -> ConnectFailure {
        match error {
            ConnectError::Refused { epoch_is_dead: true, message, .. } => {
                match incarnation::draw(self.settings.random_seed) {
                    Ok(fresh) => ConnectFailure::DeadEpoch { fresh: self.connections.prepare(fresh) },
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

    fn stage_and_post(
        &mut self,
        write: WriteId,
        peer: Epoch,
        chunks: &[ChunkWrite],
    ) -> Result<Vec<Option<u64>>, TransferError> {
        let mut pieces = Vec::with_capacity(chunks.len());
        let mut checksums = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            let source = chunk.source;
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
}

impl SenderWorld for RankWorld {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn poll_channel(&mut self, ended: &mut Vec<WriteEnd>) {
        self.channel.poll(ended);
    }

    fn connect(&mut self, attempt: u64, request: HandshakeRequest) {
        self.connections.connect(attempt, request);
    }

    fn leave_connection(&mut self) {
        self.connections.leave();
    }

    fn close_connection(&mut self, attempt: u64) {
        self.connections.close_one(attempt);
    }

    fn call(&mut self, call: SenderCall) {
        self.connections.call(call);
    }

    fn add_peer(&mut self, peer: Epoch, region: Region) -> Result<(), String> {
        self.channel.add_peer(PeerId(peer.0), &region.memory).map_err(|error| error.to_string())
    }

    fn remove_peer(&mut self, peer: Epoch) {
        self.channel.remove_peer(PeerId(peer.0));
    }

    /// Writes the bytes that staging memory has for this, to the place that a region has for it.
    fn probe(&mut self, write: WriteId, peer: Epoch, remote_offset_bytes: u64) -> Result<(), WriteRefusal> {
        let source = PieceSource::Staging { offset_bytes: probe_offset_bytes(self.settings.config.buffer_size) };
        let piece = WritePiece { source, remote_offset_bytes, length_bytes: PROBE_BYTES };
        self.channel.post_write(write, PeerId(peer.0), &[piece]).map_err(|error| write_refusal(&error))
    }

    fn write(&mut self, write: WriteId, peer: Epoch, chunks: &[ChunkWrite]) -> Result<Vec<Option<u64>>, WriteRefusal> {
        self.stage_and_post(write, peer, chunks).map_err(|error| write_refusal(&error))
    }

    fn publish(&mut self, status: SenderStatus) {
        self.status.publish(RankStatus::Sender(status));
    }

    fn announce(&mut self, announcement: Announcement) {
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
