//! What the server asks: look-up, load, unlock, delete.

use std::time::Duration;

use super::{ReceiverAction, ReceiverMachine, slots::SlotState};
use crate::{
    adapter::{Bitmap, ObjectKey},
    adapters::pd_l2_adapter::protocol::SlotTicket,
};

/// Where a chunk is that may be copied out. Its slot stays until [`ReceiverMachine::end_load`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoadGrant {
    pub(crate) ticket: SlotTicket,
    pub(crate) offset_bytes: u64,
    /// What the bytes must hash to, where checksums are on.
    pub(crate) checksum: Option<u64>,
}

/// How a copy ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoadOutcome {
    /// All of it is in the caller's buffer.
    Copied,
    /// It is not what its sender hashed: the chunk is thrown away.
    Corrupt,
    /// It was not finished.
    Abandoned,
}

impl ReceiverMachine {
    /// Which keys can be found; each of them is locked, once for the call.
    pub(crate) fn lookup_and_lock(&mut self, now: Duration, keys: &[ObjectKey]) -> Bitmap {
        self.server_calls += 1;
        let mut found = Bitmap::new(keys.len());
        let mut accessed = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            let Some(ticket) = self.keys.get(key).copied() else { continue };
            let Some(committed) = self.slots.committed_mut(ticket) else { continue };
            found.set(index);
            if committed.last_server_call == self.server_calls {
                continue;
            }
            committed.last_server_call = self.server_calls;
            committed.last_use = now;
            self.slots.lock(ticket);
            if self.reports_accesses {
                accessed.push(key.clone());
            }
        }
        self.tell_accessed(accessed);
        found
    }

    /// Gives back one lock of each key. Keys that are unknown or not locked are left as they are.
    pub(crate) fn unlock(&mut self, now: Duration, keys: &[ObjectKey]) {
        self.server_calls += 1;
        for key in keys {
            let Some(ticket) = self.keys.get(key).copied() else { continue };
            let Some(committed) = self.slots.committed_mut(ticket) else { continue };
            if committed.last_server_call != self.server_calls {
                committed.last_server_call = self.server_calls;
                self.slots.unlock(ticket);
            }
        }
        self.expires_not_before(now);
        self.parked_may_go_on = true;
        self.go_on_with_parked(now);
    }

    /// Forgets chunks that nobody counts on. A chunk that is being written is not there yet, and stays.
    pub(crate) fn delete(&mut self, now: Duration, keys: &[ObjectKey]) {
        let mut deleted = Vec::new();
        for key in keys {
            if let Some(ticket) = self.keys.get(key).copied() {
                self.free_committed(ticket, &mut deleted);
            }
        }
        self.tell_deleted(deleted);
        self.go_on_with_parked(now);
    }

    /// Lets a chunk of exactly this length be copied out.
    pub(crate) fn begin_load(&mut self, now: Duration, key: &ObjectKey, length_bytes: u64) -> Option<LoadGrant> {
        let ticket = *self.keys.get(key)?;
        let slot = self.slots.get(ticket)?;
        let offset_bytes = slot.range.start;
        let (SlotState::Committed(_), true) = (&slot.state, slot.length_bytes == length_bytes) else { return None };
        let committed = self.slots.committed_mut(ticket)?;
        committed.readers += 1;
        committed.last_use = now;
        Some(LoadGrant { ticket, offset_bytes, checksum: committed.checksum })
    }

    /// The copy has ended.
    pub(crate) fn end_load(&mut self, now: Duration, ticket: SlotTicket, outcome: LoadOutcome) {
        let Some(committed) = self.slots.committed_mut(ticket) else { return };
        committed.readers -= 1;
        committed.last_use = now;
        let Some((key, length_bytes)) = self.slots.get(ticket).map(|slot| ((*slot.key).clone(), slot.length_bytes))
        else {
            return;
        };
        match outcome {
            LoadOutcome::Copied => {
                self.counters.loaded_chunks += 1;
                self.counters.loaded_bytes += length_bytes;
                if let Some(committed) = self.slots.committed_mut(ticket) {
                    committed.consumed = true;
                }
                if self.reports_accesses {
                    self.tell_accessed(vec![key]);
                }
            }
            LoadOutcome::Corrupt => self.throw_away(ticket),
            LoadOutcome::Abandoned => {}
        }
        self.expires_not_before(now);
        self.parked_may_go_on = true;
        self.go_on_with_parked(now);
    }

    /// A chunk whose bytes are wrong is found no more, whoever has locked it.
    fn throw_away(&mut self, ticket: SlotTicket) {
        self.counters.corrupt_chunks += 1;
        while self.slots.committed_mut(ticket).is_some_and(|committed| committed.locks > 0) {
            self.slots.unlock(ticket);
        }
        let mut deleted = Vec::new();
        self.free_committed(ticket, &mut deleted);
        self.tell_deleted(deleted);
    }

    fn tell_accessed(&mut self, accessed: Vec<ObjectKey>) {
        if !accessed.is_empty() {
            self.actions.push_back(ReceiverAction::KeysAccessed(accessed));
        }
    }
}
