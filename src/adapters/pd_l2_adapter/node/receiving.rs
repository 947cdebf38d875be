//! The thread of one TP rank on a receiver: it performs what the receiver's state machine decides, and tells it what came of
//! it.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use super::{
    lending::Lending,
    pace::Pace,
    settings::{NodeSettings, SLOT_ALIGNMENT_BYTES, probe_offset_bytes},
    status::{RankStatus, StatusBoard},
};
use crate::{
    adapter::{Bitmap, BitmapShare, Clock, Listeners, LoadChunk, ObjectKey, UsageLedger},
    adapters::pd_l2_adapter::{
        control::ControlEvent,
        protocol::{CallId, Region, RegionNumber, ReserveAnswer},
        receiver::{LoadGrant, LoadOutcome, LookupId, ReceiverAction, ReceiverMachine, RegionMemory, WantedLayouts},
    },
    transfer::{self, ChannelRegion, TransferChannel, WriteEnd},
};

/// A chunk is copied to its caller in parts of this size, with a look at sockets and channel in between: a tenth of a
/// millisecond each.
const COPY_PART_BYTES: usize = 1 << 20;

/// A deadline that is handled this late: the thread, or the whole process, stood still. Heartbeats that came meanwhile lie unread
/// in the sockets, and no lease has run out that they renew.
const STOOD_STILL: Duration = Duration::from_millis(100);
/// What reading them takes.
const READING_TIME: Duration = Duration::from_millis(10);

/// What the thread is told by the adapter.
pub(super) enum ReceiverEvent {
    LookupAndLock { keys: Vec<ObjectKey>, layouts: WantedLayouts, share: BitmapShare },
    Unlock { keys: Vec<ObjectKey> },
    Load { chunks: Vec<LoadChunk>, share: BitmapShare },
    Delete { keys: Vec<ObjectKey> },
    Control(ControlEvent),
    Close,
}

/// Everything of one rank. Owned by that rank's thread alone.
pub(super) struct ReceivingRank {
    machine: ReceiverMachine,
    channel: Box<dyn TransferChannel>,
    clock: Arc<dyn Clock>,
    events: mpsc::UnboundedReceiver<ReceiverEvent>,
    /// Reserve calls that have not been answered.
    calls: HashMap<CallId, oneshot::Sender<ReserveAnswer>>,
    /// Look-ups that have not been answered.
    lookups: HashMap<LookupId, BitmapShare>,
    next_lookup: u64,
    has_warned_of_layout: bool,
    loads: VecDeque<Load>,
    lending: Arc<Lending>,
    region: RegionNumber,
    slot_bytes: u64,
    pace: Pace,
    listeners: Arc<Listeners>,
    ledger: Arc<UsageLedger>,
    status: Arc<StatusBoard>,
    ended_writes: Vec<WriteEnd>,
}

/// A load task of this rank, copied chunk by chunk.
struct Load {
    chunks: VecDeque<LoadChunk>,
    /// The index of the chunk that is first in `chunks`.
    index: usize,
    current: Option<Copying>,
    loaded: Bitmap,
    share: BitmapShare,
}

/// A chunk that is being copied out: its slot is pinned.
struct Copying {
    grant: LoadGrant,
    copied_bytes: usize,
}

struct ChannelMemory<'a>(&'a dyn TransferChannel);

impl RegionMemory for ChannelMemory<'_> {
    fn checksum(&self, offset_bytes: u64, length_bytes: u64) -> Option<u64> {
        self.0.checksum(offset_bytes, length_bytes).ok()
    }
}

impl ReceivingRank {
    pub(super) fn new(
        settings: &NodeSettings,
        tp_rank: u32,
        channel: Box<dyn TransferChannel>,
        events: mpsc::UnboundedReceiver<ReceiverEvent>,
        lending: Arc<Lending>,
        (listeners, ledger): (Arc<Listeners>, Arc<UsageLedger>),
        status: Arc<StatusBoard>,
    ) -> Self {
        let first = settings.incarnation.first_region(tp_rank);
        let slot_bytes = probe_offset_bytes(settings.config.buffer_size);
        let region = region(first, channel.region(), slot_bytes);
        let machine = ReceiverMachine::new(settings.receiver(tp_rank), settings.epoch(), region);
        // Before anybody can ask.
        status.publish(RankStatus::Receiver(machine.status()));
        Self {
            machine,
            clock: Arc::clone(&settings.clock),
            channel,
            events,
            calls: HashMap::new(),
            lookups: HashMap::new(),
            next_lookup: 0,
            has_warned_of_layout: false,
            loads: VecDeque::new(),
            lending,
            region: first,
            slot_bytes,
            pace: Pace::default(),
            listeners,
            ledger,
            status,
            ended_writes: Vec::new(),
        }
    }

    /// Serves until it is told to close.
    pub(super) async fn run(mut self) {
        let mut closing = false;
        while !closing {
            self.poll_channel();
            self.copy_a_part();
            self.perform();
            let due = self.machine.next_deadline();
            let next = self.next_event().await;
            closing |= self.handle_all(next);
            if due.is_some_and(|due| self.clock.now() > due + STOOD_STILL) {
                // Sockets are read, and what they held arrives in the queue.
                tokio::time::sleep(READING_TIME).await;
                let next = self.events.try_recv().ok();
                closing |= self.handle_all(next);
            }
            self.machine.handle_deadline(self.clock.now());
        }
        self.close().await;
    }

    /// Handles an event and what has queued up behind it. Whether it is to close.
    fn handle_all(&mut self, mut next: Option<ReceiverEvent>) -> bool {
        let mut closing = false;
        while let Some(event) = next {
            closing |= matches!(event, ReceiverEvent::Close);
            self.handle(event);
            next = self.events.try_recv().ok();
        }
        closing
    }

    /// Chunks that are being copied fail; senders that wait are told. The server behind the ports goes on for a moment, so that
    /// answers still leave.
    async fn close(mut self) {
        let now = self.clock.now();
        for mut load in std::mem::take(&mut self.loads) {
            if let Some(copying) = load.current.take() {
                self.machine.end_load(now, copying.grant.ticket, LoadOutcome::Abandoned);
            }
            load.chunks.clear();
            load.share.end(&load.loaded);
        }
        self.perform();
        tokio::task::yield_now().await;
        self.status.publish(RankStatus::Closed { leaked_bytes: self.channel.close() });
    }

    async fn next_event(&mut self) -> Option<ReceiverEvent> {
        let now = self.clock.now();
        let pause = if self.loads.is_empty() {
            self.pace.pause(now, self.machine.must_poll_channel())
        } else {
            super::pace::Pause::None
        };
        let deadline = self.machine.next_deadline().map(|deadline| deadline.saturating_sub(now));
        super::wait::next_event(&mut self.events, deadline, pause).await
    }

    fn poll_channel(&mut self) {
        if self.machine.must_poll_channel() {
            let polled = self.channel.poll(&mut self.ended_writes);
            self.machine.handle_channel_polled(self.clock.now(), &polled);
        }
    }

    fn handle(&mut self, event: ReceiverEvent) {
        let now = self.clock.now();
        self.pace.activity(now);
        match event {
            ReceiverEvent::LookupAndLock { keys, layouts, share } => {
                let lookup = LookupId(self.next_lookup);
                self.next_lookup += 1;
                self.lookups.insert(lookup, share);
                self.machine.handle_lookup(now, lookup, keys, layouts);
                self.perform();
            }
            ReceiverEvent::Unlock { keys } => self.machine.unlock(now, &keys),
            ReceiverEvent::Delete { keys } => self.machine.delete(now, &keys),
            ReceiverEvent::Load { chunks, share } => {
                let loaded = Bitmap::new(chunks.len());
                self.loads.push_back(Load { chunks: chunks.into(), index: 0, current: None, loaded, share });
            }
            ReceiverEvent::Control(event) => self.control(now, event),
            ReceiverEvent::Close => self.machine.close(now),
        }
    }

    /// An answer whose caller has gone is dropped: the machine learns of it by `CallAbandoned` or the end of the lease.
    fn control(&mut self, now: Duration, event: ControlEvent) {
        match event {
            ControlEvent::Handshake { request, answer } => {
                let _ = answer.send(self.machine.handle_handshake(now, &request));
            }
            ControlEvent::Reserve { call, request, answer } => {
                self.calls.insert(call, answer);
                self.machine.handle_reserve(now, call, request);
            }
            ControlEvent::CallAbandoned { call } => {
                self.calls.remove(&call);
                self.machine.handle_call_abandoned(now, call);
            }
            ControlEvent::Commit { request, answer } => {
                let memory = ChannelMemory(self.channel.as_ref());
                let _ = answer.send(self.machine.handle_commit(now, request, &memory));
            }
            ControlEvent::Cancel { request, answer } => {
                let _ = answer.send(self.machine.handle_cancel(now, request));
            }
            ControlEvent::Heartbeat { epoch, is_probing, answer } => {
                let _ = answer.send(self.machine.handle_heartbeat(now, epoch, is_probing));
            }
            ControlEvent::Attach { connection, attachment, answer } => {
                let attached = self.machine.handle_attach(now, connection, attachment);
                if attached.is_ok() {
                    tracing::info!(sender = %attachment.epoch, "a sender has connected");
                }
                let _ = answer.send(attached);
            }
            ControlEvent::PeerClosed(closed) => {
                if let Some(sender) = self.machine.handle_peer_closed(now, closed) {
                    tracing::info!(%sender, "a sender is gone: its kernel closed the connection");
                }
            }
            ControlEvent::ConnectionGone { connection } => self.machine.handle_connection_gone(connection),
        }
    }

    fn perform(&mut self) {
        let mut answered = Vec::new();
        self.machine.report_accesses(!self.listeners.is_empty());
        while let Some(action) = self.machine.poll_action() {
            match action {
                ReceiverAction::AnswerReserve { call, answer } => {
                    if let Some(caller) = self.calls.remove(&call) {
                        let _ = caller.send(answer);
                    }
                }
                ReceiverAction::AnswerLookup { lookup, found } => {
                    answered.extend(self.lookups.remove(&lookup).map(|share| (share, found)));
                }
                ReceiverAction::ReplaceRegion => self.replace_region(),
                ReceiverAction::KeysStored(keys) => {
                    self.ledger.add(&keys);
                    self.listeners.keys_stored(&keys);
                }
                ReceiverAction::KeysAccessed(keys) => self.listeners.keys_accessed(&keys),
                ReceiverAction::KeysDeleted(keys) => {
                    self.ledger.remove(&keys);
                    self.listeners.keys_deleted(&keys);
                }
            }
        }
        let status = self.machine.status();
        self.warn_of_other_layout(status.counters.other_layout_chunks);
        self.status.publish(RankStatus::Receiver(status));
        // Status, usage and listeners know of it before the callers do.
        answered.into_iter().for_each(|(share, found)| share.end(&found));
    }

    /// Once, and not for each chunk: all of them will be of that layout.
    fn warn_of_other_layout(&mut self, chunks: u64) {
        if chunks > 0 && !std::mem::replace(&mut self.has_warned_of_layout, true) {
            tracing::warn!(
                "chunks that a sender stored have another layout of tensors than this node looks for, and are not found: give \
                 both engines the same model, dtype and KV cache dtype (this is logged once; the metric \
                 `receiver_other_layout_chunks_total` counts them)"
            );
        }
    }

    fn replace_region(&mut self) {
        let now = self.clock.now();
        match self.channel.replace_region() {
            Ok(new) => {
                self.region = self.region.next();
                self.machine.handle_region_replaced(now, region(self.region, new, self.slot_bytes));
            }
            Err(error) => {
                tracing::warn!(%error, "the staging memory could not be replaced: quarantined slots stay quarantined");
                self.machine.handle_region_replacement_failed(now);
            }
        }
    }

    /// Copies at most one part of one chunk.
    fn copy_a_part(&mut self) {
        let now = self.clock.now();
        let Some(load) = self.loads.front_mut() else { return };
        let Some(chunk) = load.chunks.front_mut() else {
            if let Some(load) = self.loads.pop_front() {
                self.perform();
                load.share.end(&load.loaded);
            }
            return;
        };
        if load.current.is_none() {
            load.current = self
                .machine
                .begin_load(now, &chunk.key, chunk.buffer.len() as u64)
                .map(|grant| Copying { grant, copied_bytes: 0 });
        }
        let outcome = match &mut load.current {
            None => None,
            Some(copying) => match self.lending.touch(|| copy_part(self.channel.as_ref(), copying, chunk)) {
                Some(CopyProgress::More) => return,
                Some(CopyProgress::Ended(outcome)) => Some((copying.grant.ticket, outcome)),
                None => Some((copying.grant.ticket, LoadOutcome::Abandoned)),
            },
        };
        load.current = None;
        // The caller's buffer is let go before the result can be taken.
        load.chunks.pop_front();
        if let Some((ticket, outcome)) = outcome {
            if matches!(outcome, LoadOutcome::Copied) {
                load.loaded.set(load.index);
            }
            self.machine.end_load(now, ticket, outcome);
        }
        load.index += 1;
    }
}

enum CopyProgress {
    More,
    Ended(LoadOutcome),
}

fn copy_part(channel: &dyn TransferChannel, copying: &mut Copying, chunk: &mut LoadChunk) -> CopyProgress {
    let (grant, from) = (&copying.grant, copying.copied_bytes);
    let to = (from + COPY_PART_BYTES).min(chunk.buffer.len());
    if channel.copy_out(grant.offset_bytes + from as u64, &mut chunk.buffer, from..to).is_err() {
        return CopyProgress::Ended(LoadOutcome::Abandoned);
    }
    copying.copied_bytes = to;
    if to < chunk.buffer.len() {
        return CopyProgress::More;
    }
    // What was copied is hashed, not what it was copied from: that could change in between.
    let intact = grant.checksum.is_none_or(|expected| transfer::checksum(chunk.buffer.as_mut_slice()) == expected);
    CopyProgress::Ended(if intact { LoadOutcome::Copied } else { LoadOutcome::Corrupt })
}

fn region(number: RegionNumber, region: ChannelRegion, slot_bytes: u64) -> Region {
    Region {
        number,
        probe_offset_bytes: slot_bytes,
        base_address: region.base_address,
        length_bytes: region.length_bytes,
        slot_alignment_bytes: SLOT_ALIGNMENT_BYTES,
        channel_metadata: region.metadata,
    }
}
