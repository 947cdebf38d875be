//! The slots of one region: who holds which bytes, and why they may be given to somebody else.
//!
//! ```text
//! Free -> Reserved -> Committed (locks, readers) -> Free
//!         Reserved -> Quarantined -> Free
//! ```
//!
//! From the moment a slot is reserved a write may land in it: with one-sided writes a receiver cannot tell "reserved" from
//! "writing". It comes out of `Reserved` or `Quarantined` by an [`EndOfWrite`] and by nothing else.

use std::{collections::BTreeMap, ops::Range, sync::Arc, time::Duration};

use range_alloc::RangeAllocator;

use super::{
    super::protocol::{EndOfWrite, Epoch, RequestId, SlotTicket},
    Tally,
};
use crate::adapter::ObjectKey;

/// All slots of a region.
///
/// Invariants, held by `check_invariants`: occupied ranges are disjoint, aligned and within the region; what is occupied and
/// what is free make up the region; a generation is never used twice.
#[derive(Debug)]
pub(super) struct SlotTable {
    alignment_bytes: u64,
    capacity_bytes: u64,
    tallies: Tallies,
    free: RangeAllocator<u64>,
    slots: BTreeMap<u32, Slot>,
    /// Indexes that were used before and are free again.
    free_indexes: Vec<u32>,
    next_index: u32,
    next_generation: u64,
}

/// How many slots are in each state, kept up with every change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tallies {
    pub(super) reserved: Tally,
    pub(super) quarantined: Tally,
    pub(super) committed: Tally,
    /// Of the committed ones.
    pub(super) locked: Tally,
}

/// One tenancy.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) generation: u64,
    pub(super) key: Arc<ObjectKey>,
    pub(super) range: Range<u64>,
    pub(super) length_bytes: u64,
    pub(super) state: SlotState,
}

/// What a slot is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SlotState {
    /// A request may be writing it.
    Reserved { epoch: Epoch, request: RequestId },
    /// A write that nobody waits for may still land in it.
    Quarantined { epoch: Epoch, request: RequestId },
    /// Its key can be found.
    Committed(Committed),
}

/// A chunk that can be found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Committed {
    /// Look-ups that have not been unlocked.
    pub(super) locks: u32,
    /// Copies that are under way.
    pub(super) readers: u32,
    /// It was loaded since it was stored.
    pub(super) consumed: bool,
    pub(super) last_use: Duration,
    /// The last call of the server that locked or unlocked it: each does so once.
    pub(super) last_server_call: u64,
    pub(super) checksum: Option<u64>,
}

impl Committed {
    /// Whether nobody counts on it.
    pub(super) fn is_idle(&self) -> bool {
        self.locks == 0 && self.readers == 0
    }
}

impl SlotTable {
    pub(super) fn new(capacity_bytes: u64, alignment_bytes: u64) -> Self {
        let alignment_bytes = alignment_bytes.max(1);
        let capacity_bytes = capacity_bytes / alignment_bytes * alignment_bytes;
        Self {
            alignment_bytes,
            capacity_bytes,
            tallies: Tallies::default(),
            free: RangeAllocator::new(0..capacity_bytes),
            slots: BTreeMap::new(),
            free_indexes: Vec::new(),
            next_index: 0,
            next_generation: 1,
        }
    }

    pub(super) fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    /// What is physically in use: reserved, quarantined and committed.
    pub(super) fn occupied_bytes(&self) -> u64 {
        self.tallies.reserved.bytes + self.tallies.quarantined.bytes + self.tallies.committed.bytes
    }

    pub(super) fn tallies(&self) -> Tallies {
        self.tallies
    }

    /// What a chunk takes of the region.
    pub(super) fn footprint_bytes(&self, length_bytes: u64) -> u64 {
        length_bytes.div_ceil(self.alignment_bytes).saturating_mul(self.alignment_bytes)
    }

    /// Reserves a slot for each chunk, or none at all.
    pub(super) fn reserve_all(
        &mut self,
        chunks: &[(Arc<ObjectKey>, u64)],
        epoch: Epoch,
        request: RequestId,
    ) -> Option<Vec<SlotTicket>> {
        let mut ranges = Vec::with_capacity(chunks.len());
        for (_, length_bytes) in chunks {
            match self.free.allocate_range(self.footprint_bytes(*length_bytes)) {
                Ok(range) => ranges.push(range),
                Err(_) => {
                    ranges.into_iter().for_each(|range| self.free.free_range(range));
                    return None;
                }
            }
        }
        let take = |(range, (key, length_bytes)): (Range<u64>, &(Arc<ObjectKey>, u64))| {
            self.tallies.reserved.add(range.end - range.start);
            let slot = self.free_indexes.pop().unwrap_or_else(|| {
                self.next_index += 1;
                self.next_index - 1
            });
            let generation = self.next_generation;
            self.next_generation += 1;
            let (key, length_bytes) = (Arc::clone(key), *length_bytes);
            let state = SlotState::Reserved { epoch, request };
            self.slots.insert(slot, Slot { generation, key, range, length_bytes, state });
            SlotTicket { slot, generation }
        };
        Some(ranges.into_iter().zip(chunks).map(take).collect())
    }

    /// A slot, while this tenancy lasts.
    pub(super) fn get(&self, ticket: SlotTicket) -> Option<&Slot> {
        self.slots.get(&ticket.slot).filter(|slot| slot.generation == ticket.generation)
    }

    /// A committed slot, while this tenancy lasts.
    pub(super) fn committed_mut(&mut self, ticket: SlotTicket) -> Option<&mut Committed> {
        let slot = self.slots.get_mut(&ticket.slot).filter(|slot| slot.generation == ticket.generation)?;
        match &mut slot.state {
            SlotState::Committed(committed) => Some(committed),
            _ => None,
        }
    }

    /// A write may go on that nobody waits for.
    pub(super) fn quarantine(&mut self, ticket: SlotTicket) {
        if let Some(slot) = self.slots.get_mut(&ticket.slot).filter(|slot| slot.generation == ticket.generation)
            && let SlotState::Reserved { epoch, request } = slot.state
        {
            slot.state = SlotState::Quarantined { epoch, request };
            let bytes = slot.range.end - slot.range.start;
            self.tallies.reserved.remove(bytes);
            self.tallies.quarantined.add(bytes);
        }
    }

    /// The write has ended well: the bytes are the key's.
    pub(super) fn commit(&mut self, ticket: SlotTicket, _: EndOfWrite, last_use: Duration, checksum: Option<u64>) {
        if let Some(slot) = self.slots.get_mut(&ticket.slot).filter(|slot| slot.generation == ticket.generation)
            && matches!(slot.state, SlotState::Reserved { .. })
        {
            slot.state = SlotState::Committed(Committed { last_use, checksum, ..Committed::default() });
            let bytes = slot.range.end - slot.range.start;
            self.tallies.reserved.remove(bytes);
            self.tallies.committed.add(bytes);
        }
    }

    /// One more look-up counts on the chunk.
    pub(super) fn lock(&mut self, ticket: SlotTicket) {
        self.change_locks(ticket, |locks| locks.saturating_add(1));
    }

    /// One fewer does. A chunk that is not locked stays so.
    pub(super) fn unlock(&mut self, ticket: SlotTicket) {
        self.change_locks(ticket, |locks| locks.saturating_sub(1));
    }

    fn change_locks(&mut self, ticket: SlotTicket, change: impl Fn(u32) -> u32) {
        let Some(slot) = self.slots.get_mut(&ticket.slot).filter(|slot| slot.generation == ticket.generation) else {
            return;
        };
        let SlotState::Committed(committed) = &mut slot.state else { return };
        let (before, after) = (committed.locks, change(committed.locks));
        committed.locks = after;
        let bytes = slot.range.end - slot.range.start;
        match (before, after) {
            (0, 1..) => self.tallies.locked.add(bytes),
            (1.., 0) => self.tallies.locked.remove(bytes),
            _ => {}
        }
    }

    /// Frees a slot that a write could reach.
    pub(super) fn free_written(&mut self, ticket: SlotTicket, _: EndOfWrite) -> Option<Slot> {
        let reachable = self.get(ticket).is_some_and(|slot| !matches!(slot.state, SlotState::Committed(_)));
        reachable.then(|| self.remove(ticket)).flatten()
    }

    /// Frees a committed slot: its write has ended, and nobody counts on it.
    pub(super) fn free_committed(&mut self, ticket: SlotTicket) -> Option<Slot> {
        let idle = matches!(&self.get(ticket)?.state, SlotState::Committed(committed) if committed.is_idle());
        idle.then(|| self.remove(ticket)).flatten()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (SlotTicket, &Slot)> {
        self.slots.iter().map(|(slot, tenancy)| (SlotTicket { slot: *slot, generation: tenancy.generation }, tenancy))
    }

    fn remove(&mut self, ticket: SlotTicket) -> Option<Slot> {
        let slot = self.slots.remove(&ticket.slot)?;
        let bytes = slot.range.end - slot.range.start;
        match slot.state {
            SlotState::Reserved { .. } => self.tallies.reserved.remove(bytes),
            SlotState::Quarantined { .. } => self.tallies.quarantined.remove(bytes),
            SlotState::Committed(_) => self.tallies.committed.remove(bytes),
        }
        self.free.free_range(slot.range.clone());
        self.free_indexes.push(ticket.slot);
        Some(slot)
    }

    /// Panics where an invariant is broken.
    #[cfg(test)]
    pub(super) fn check_invariants(&self) {
        let mut ranges: Vec<_> = self.slots.values().map(|slot| slot.range.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        for pair in ranges.windows(2) {
            assert!(pair[0].end <= pair[1].start, "two slots overlap: {pair:?}");
        }
        for range in &ranges {
            assert!(range.end <= self.capacity_bytes, "a slot lies outside the region: {range:?}");
            assert_eq!(range.start % self.alignment_bytes, 0, "a slot is not aligned: {range:?}");
        }
        let mut counted = Tallies::default();
        for slot in self.slots.values() {
            let bytes = slot.range.end - slot.range.start;
            match &slot.state {
                SlotState::Reserved { .. } => counted.reserved.add(bytes),
                SlotState::Quarantined { .. } => counted.quarantined.add(bytes),
                SlotState::Committed(committed) => {
                    counted.committed.add(bytes);
                    if committed.locks > 0 {
                        counted.locked.add(bytes);
                    }
                }
            }
        }
        assert_eq!(counted, self.tallies, "slots are counted wrongly");
        let occupied = self.occupied_bytes();
        assert_eq!(self.free.total_available(), self.capacity_bytes - occupied, "bytes are lost");
    }
}
