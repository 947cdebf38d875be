//! Loads: which chunk may be copied, and how its copy ended.

use std::time::Duration;

use super::ReceiverMachine;
use crate::{adapter::ObjectKey, adapters::pd_l2_adapter::protocol::SlotTicket};

/// The place of a chunk that may be copied. Its slot stays until [`ReceiverMachine::end_load`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoadGrant {
    pub(crate) ticket: SlotTicket,
    pub(crate) offset_bytes: u64,
    /// The expected hash of the bytes, if checksums are on.
    pub(crate) checksum: Option<u64>,
}

/// How a copy ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoadOutcome {
    /// The whole chunk is in the caller's buffer.
    Copied,
    /// Its hash differs from its sender's: the chunk is discarded.
    Corrupt,
    /// It was not finished.
    Abandoned,
}

impl ReceiverMachine {
    /// Grants the copy of a chunk of exactly this length.
    pub(crate) fn begin_load(&mut self, now: Duration, key: &ObjectKey, length_bytes: u64) -> Option<LoadGrant> {
        let ticket = self.slots.find(key)?;
        let slot = self.slots.get(ticket)?;
        let offset_bytes = slot.range.start;
        if slot.length_bytes != length_bytes {
            return None;
        }
        let checksum = self.slots.change(ticket, |committed| {
            committed.readers += 1;
            committed.last_use = now;
            committed.checksum
        })?;
        Some(LoadGrant { ticket, offset_bytes, checksum })
    }

    /// The copy has ended.
    pub(crate) fn end_load(&mut self, now: Duration, ticket: SlotTicket, outcome: LoadOutcome) {
        // A copy that was not started, or has ended, cannot end.
        let is_copied = self.slots.change(ticket, |committed| {
            let is_copied = committed.readers > 0;
            if is_copied {
                committed.readers -= 1;
                committed.last_use = now;
                committed.consumed |= outcome == LoadOutcome::Copied;
            }
            is_copied
        });
        if is_copied != Some(true) {
            return;
        }
        match outcome {
            LoadOutcome::Copied => {
                self.counters.loaded_chunks += 1;
                self.counters.loaded_bytes += self.slots.get(ticket).map_or(0, |slot| slot.length_bytes);
            }
            LoadOutcome::Corrupt => self.condemn(ticket),
            LoadOutcome::Abandoned => {}
        }
        if self.slots.committed(ticket).is_some_and(|committed| committed.condemned) {
            self.free_committed(ticket, &mut Vec::new());
        }
        self.parking.room_has_changed();
        self.go_on(now);
    }

    /// A load task is over, and these keys were copied.
    pub(crate) fn report_loaded(&mut self, keys: Vec<ObjectKey>) {
        if self.reports_accesses {
            self.tell_accessed(keys);
        }
    }

    /// Makes a chunk with wrong bytes unfindable, whatever locks it has. Its slot is freed with the last copy.
    fn condemn(&mut self, ticket: SlotTicket) {
        let first = self.slots.change(ticket, |committed| {
            (committed.locks, committed.waiting_locks) = (0, 0);
            !std::mem::replace(&mut committed.condemned, true)
        });
        let Some(slot) = self.slots.get(ticket).filter(|_| first == Some(true)) else { return };
        let deleted = vec![(slot.key.clone(), slot.length_bytes)];
        self.parking.key_has_changed(&slot.key);
        self.waiting.chunk_is_lost(&slot.key, ticket);
        self.counters.corrupt_chunks += 1;
        self.tell_deleted(deleted);
    }
}
