//! The thread of one TP rank on a receiver: it waits for events, and gives the rank's driver its world.

use std::{
    collections::{HashMap, VecDeque},
    ops::Range,
    sync::Arc,
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use super::{
    lending::Lending,
    messages::ReceiverMessage,
    settings::{NodeSettings, SLOT_ALIGNMENT_BYTES, probe_offset_bytes},
    status::{RankStatus, StatusBoard},
    wait::{self, Waiter},
};
use crate::{
    adapter::{Bitmap, BitmapShare, Clock, Listeners, LoadBuffer, LoadChunk, ObjectKey, UsageLedger},
    adapters::pd_l2_adapter::{
        control::{ControlEvent, Farewell},
        driver::{LoadId, NotLent, ReceiverDriver, ReceiverEvent, ReceiverWorld},
        protocol::{CallId, ControlAnswer, Region, RegionNumber},
        receiver::{LookupId, ReceiverMachine, ReceiverStatus},
    },
    transfer::{self, Channel, ChannelRegion, Polled, RegionReplaced},
};

/// The time for reading the sockets after the thread was blocked.
const READING_TIME: Duration = Duration::from_millis(10);
/// How long the last responses may take to leave. Only a frozen or disconnected sender takes that long.
const FAREWELL_TIME: Duration = Duration::from_secs(1);

/// Everything of one rank. Owned by that rank's thread alone.
pub(super) struct ReceivingRank {
    driver: ReceiverDriver,
    messages: mpsc::UnboundedReceiver<ReceiverMessage>,
    world: RankWorld,
}

/// The driver's world. Owned by the rank's thread.
struct RankWorld {
    clock: Arc<dyn Clock>,
    channel: Box<dyn Channel>,
    region: RegionNumber,
    slot_bytes: u64,
    lending: Arc<Lending>,
    listeners: Arc<Listeners>,
    ledger: Arc<UsageLedger>,
    status: Arc<StatusBoard>,
    has_warned_of_layout: bool,
    /// Calls, lookups and loads without a result.
    calls: HashMap<CallId, oneshot::Sender<ControlAnswer>>,
    lookups: HashMap<LookupId, BitmapShare>,
    loads: HashMap<LoadId, OpenLoad>,
    next_name: u64,
}

struct OpenLoad {
    /// From the first one on that was not released.
    buffers: VecDeque<LoadBuffer>,
    released: usize,
    share: BitmapShare,
}

impl ReceivingRank {
    pub(super) fn new(
        settings: &NodeSettings,
        tp_rank: u32,
        channel: Box<dyn Channel>,
        messages: mpsc::UnboundedReceiver<ReceiverMessage>,
        lending: Arc<Lending>,
        (listeners, ledger): (Arc<Listeners>, Arc<UsageLedger>),
        status: Arc<StatusBoard>,
    ) -> Self {
        let first = settings.incarnation.first_region(tp_rank);
        let slot_bytes = probe_offset_bytes(settings.config.buffer_size);
        let region = region(first, channel.region(), slot_bytes);
        let driver = ReceiverDriver::new(ReceiverMachine::new(settings.receiver(tp_rank), settings.epoch(), region));
        // Before the first status can be read.
        status.publish(RankStatus::Receiver(driver.status()));
        let world = RankWorld {
            clock: Arc::clone(&settings.clock),
            channel,
            region: first,
            slot_bytes,
            lending,
            listeners,
            ledger,
            status,
            has_warned_of_layout: false,
            calls: HashMap::new(),
            lookups: HashMap::new(),
            loads: HashMap::new(),
            next_name: 0,
        };
        Self { driver, messages, world }
    }

    /// Serves until it gets the message to close.
    pub(super) async fn run(mut self, mut waiter: Waiter, farewell: Farewell) {
        loop {
            self.driver.turn(&mut self.world);
            if self.driver.is_over() {
                break;
            }
            let rest = self.driver.rest(self.world.now());
            let first = waiter.next_message(&mut self.messages, rest, self.world.now()).await;
            self.handle_all(first);
            if self.driver.has_stood_still(self.world.now()) {
                // Reads the sockets, whose contents arrive in the queue.
                tokio::time::sleep(READING_TIME).await;
                let first = self.messages.try_recv().ok();
                self.handle_all(first);
            }
        }
        self.say(&farewell).await;
        self.world.status.publish(RankStatus::Closed { leaked_bytes: self.world.channel.close() });
    }

    /// Lets the last responses leave. A call that arrives now ends without a response.
    async fn say(&mut self, farewell: &Farewell) {
        let dropping = async { while self.messages.recv().await.is_some() {} };
        tokio::select! {
            // A peer that does not read has to guess from the end of its connection.
            _ = farewell.say(FAREWELL_TIME) => {}
            () = dropping => {}
        }
    }

    /// Handles a message and those queued behind it.
    fn handle_all(&mut self, mut next: Option<ReceiverMessage>) {
        for left in (0..wait::BATCH_MAX).rev() {
            let Some(message) = next else { return };
            let event = self.world.take(message);
            self.driver.handle(self.world.now(), event);
            next = if left > 0 { self.messages.try_recv().ok() } else { None };
        }
    }
}

impl RankWorld {
    /// Keeps the destination of the result; the driver does the rest.
    fn take(&mut self, message: ReceiverMessage) -> ReceiverEvent {
        match message {
            ReceiverMessage::LookupAndLock { keys, layouts, share } => {
                let lookup = LookupId(self.draw_name());
                self.lookups.insert(lookup, share);
                ReceiverEvent::LookUp { lookup, keys, layouts }
            }
            ReceiverMessage::Load { chunks, share } => {
                let load = LoadId(self.draw_name());
                let split = |LoadChunk { key, buffer }| ((key, buffer.len() as u64), buffer);
                let (chunks, buffers) = chunks.into_iter().map(split).unzip();
                self.loads.insert(load, OpenLoad { buffers, released: 0, share });
                ReceiverEvent::Load { load, chunks }
            }
            ReceiverMessage::Unlock { keys } => ReceiverEvent::Unlock(keys),
            ReceiverMessage::Delete { keys, place } => {
                drop(place);
                ReceiverEvent::Delete(keys)
            }
            ReceiverMessage::Close => ReceiverEvent::Close,
            ReceiverMessage::Control(ControlEvent::Call { call, request, answer }) => {
                self.calls.insert(call, answer);
                ReceiverEvent::Call { call, request }
            }
            ReceiverMessage::Control(ControlEvent::CallAbandoned { call }) => {
                self.calls.remove(&call);
                ReceiverEvent::CallAbandoned(call)
            }
            ReceiverMessage::Control(ControlEvent::PeerClosed(closed)) => ReceiverEvent::PeerClosed(closed),
            ReceiverMessage::Control(ControlEvent::ConnectionGone { connection }) => {
                ReceiverEvent::ConnectionGone(connection)
            }
        }
    }

    fn draw_name(&mut self) -> u64 {
        self.next_name += 1;
        self.next_name
    }

    /// Does something with a caller's buffer, while it is lent.
    fn with_buffer<T>(
        &mut self,
        load: LoadId,
        index: usize,
        touch: impl FnOnce(&dyn Channel, &mut LoadBuffer) -> Option<T>,
    ) -> Result<T, NotLent> {
        let load = self.loads.get_mut(&load).ok_or(NotLent)?;
        let place = index.checked_sub(load.released).ok_or(NotLent)?;
        let buffer = load.buffers.get_mut(place).ok_or(NotLent)?;
        self.lending.touch(|| touch(self.channel.as_ref(), buffer)).flatten().ok_or(NotLent)
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
}

impl ReceiverWorld for RankWorld {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn poll_channel(&mut self) -> Polled {
        // A receiver writes nothing.
        self.channel.poll(&mut Vec::new())
    }

    fn hash(&mut self, offset_bytes: u64, length_bytes: u64) -> Option<u64> {
        self.channel.checksum(offset_bytes, length_bytes).ok()
    }

    fn begin_replacing_region(&mut self) -> Result<(), String> {
        self.channel.begin_replacing_region().map_err(|error| error.to_string())
    }

    fn replaced_region(&mut self) -> Option<Result<(Region, RegionReplaced), String>> {
        let replaced = self.channel.replaced_region()?.map_err(|error| error.to_string());
        Some(replaced.map(|replaced| {
            self.region = self.region.next();
            (region(self.region, replaced.region.clone(), self.slot_bytes), replaced)
        }))
    }

    fn copy_out(&mut self, load: LoadId, index: usize, offset_bytes: u64, part: Range<u64>) -> Result<(), NotLent> {
        // A buffer is not larger than memory.
        let bytes = part.start as usize..part.end as usize;
        self.with_buffer(load, index, |channel, buffer| channel.copy_out(offset_bytes + part.start, buffer, bytes).ok())
    }

    fn hash_copy(&mut self, load: LoadId, index: usize) -> Result<u64, NotLent> {
        self.with_buffer(load, index, |_, buffer| Some(transfer::checksum(buffer.as_mut_slice())))
    }

    fn release_buffer(&mut self, load: LoadId, index: usize) {
        let Some(load) = self.loads.get_mut(&load) else { return };
        while load.released <= index && load.buffers.pop_front().is_some() {
            load.released += 1;
        }
    }

    fn wants_accesses(&self) -> bool {
        !self.listeners.is_empty()
    }

    fn keys_stored(&mut self, keys: Vec<(ObjectKey, u64)>) {
        self.ledger.add(&keys);
        self.listeners.keys_stored(&keys);
    }

    fn keys_accessed(&mut self, keys: Vec<ObjectKey>) {
        self.listeners.keys_accessed(&keys);
    }

    fn keys_deleted(&mut self, keys: Vec<(ObjectKey, u64)>) {
        self.ledger.remove(&keys);
        self.listeners.keys_deleted(&keys);
    }

    fn publish(&mut self, status: ReceiverStatus) {
        self.warn_of_other_layout(status.counters.other_layout_chunks);
        self.status.publish(RankStatus::Receiver(status));
    }

    fn answer(&mut self, call: CallId, answer: ControlAnswer) {
        if let Some(caller) = self.calls.remove(&call) {
            // A call whose caller has disconnected is dropped: the machine notices by the end of the call or the lease.
            let _ = caller.send(answer);
        }
    }

    fn answer_lookup(&mut self, lookup: LookupId, found: Bitmap) {
        if let Some(share) = self.lookups.remove(&lookup) {
            share.end(&found);
        }
    }

    fn end_load(&mut self, load: LoadId, loaded: Bitmap) {
        if let Some(OpenLoad { buffers, share, .. }) = self.loads.remove(&load) {
            // The caller's buffers are released before the result can be taken.
            drop(buffers);
            share.end(&loaded);
        }
    }
}

fn region(number: RegionNumber, memory: ChannelRegion, slot_bytes: u64) -> Region {
    Region { number, memory, probe_offset_bytes: slot_bytes, slot_alignment_bytes: SLOT_ALIGNMENT_BYTES }
}
