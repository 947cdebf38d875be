//! One slot: its state, and what is known of its chunk.

use std::{ops::Range, time::Duration};

use super::{
    super::protocol::{Epoch, LayoutFingerprint, RequestId, SlotCommit},
    ages::Queue,
};
use crate::adapter::ObjectKey;

/// One tenancy.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) generation: u64,
    pub(super) key: ObjectKey,
    pub(super) range: Range<u64>,
    pub(super) length_bytes: u64,
    pub(super) state: SlotState,
}

impl Slot {
    /// The bytes of the region that it occupies.
    pub(super) fn bytes(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Whether its key leads to it: the chunk is found there, or is being written there.
    pub(super) fn holds_key(&self) -> bool {
        match &self.state {
            SlotState::Reserved { .. } => true,
            SlotState::Quarantined { .. } => false,
            SlotState::Committed(committed) => !committed.condemned,
        }
    }
}

/// The state of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SlotState {
    /// A request may be writing it.
    Reserved { epoch: Epoch, request: RequestId },
    /// No request waits for its write any more, but the write may still land in it.
    Quarantined { epoch: Epoch, request: RequestId },
    /// Its key can be found.
    Committed(Committed),
}

/// A chunk that can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Committed {
    /// The request that committed it.
    pub(super) writer: (Epoch, RequestId),
    /// Locks by lookups that have not been unlocked.
    pub(super) locks: u32,
    /// Those of the locks that belong to lookups that still wait for other keys.
    pub(super) waiting_locks: u32,
    /// Copies in progress.
    pub(super) readers: u32,
    /// It was loaded since it was stored.
    pub(super) consumed: bool,
    /// Its bytes are wrong: it is not found any more, and is freed with the last copy.
    pub(super) condemned: bool,
    pub(super) last_use: Duration,
    /// The last call of the server that locked or unlocked it: each call does so at most once.
    pub(super) last_server_call: u64,
    pub(super) checksum: Option<u64>,
    /// How its tensors lie in it; `None` if unknown.
    pub(super) layout: Option<LayoutFingerprint>,
    /// Its queue, and the use by which it is sorted there: a later use counts when its turn comes.
    pub(super) queued: Option<(Queue, Duration)>,
}

impl Committed {
    pub(super) fn new(writer: (Epoch, RequestId), last_use: Duration, said: &SlotCommit) -> Self {
        Self {
            writer,
            locks: 0,
            waiting_locks: 0,
            readers: 0,
            consumed: false,
            condemned: false,
            last_use,
            last_server_call: 0,
            checksum: said.checksum,
            layout: said.layout,
            queued: None,
        }
    }

    /// Whether no lock and no copy holds it.
    pub(super) fn is_idle(&self) -> bool {
        self.locks == 0 && self.readers == 0 && !self.condemned
    }

    pub(super) fn is_evictable(&self) -> bool {
        self.is_idle() && self.consumed
    }

    /// Whether only waiting lookups hold it.
    pub(super) fn is_held_by_waiting(&self) -> bool {
        self.waiting_locks > 0 && self.locks == self.waiting_locks && self.readers == 0
    }

    pub(super) fn queue(&self) -> Queue {
        if self.consumed { Queue::Consumed } else { Queue::Unread }
    }
}
