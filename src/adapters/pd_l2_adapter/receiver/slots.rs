//! The slots of one region: who holds which bytes, and why they may be reused.
//!
//! ```text
//! Free -> Reserved -> Committed (locks, readers) -> Free
//!         Reserved -> Quarantined -> Free
//! ```
//!
//! From the moment a slot is reserved a write may land in it: with one-sided writes a receiver cannot distinguish "reserved"
//! from "writing". A slot leaves `Reserved` or `Quarantined` by an [`EndOfWrite`] and by nothing else.

use std::{ops::Range, time::Duration};

use super::{
    super::{
        protocol::{EndOfWrite, Epoch, RequestId, SlotCommit, SlotTicket},
        space::FreeSpace,
    },
    KeyMap, Tally,
    ages::{Ages, Queue},
    slot::{Committed, Slot, SlotState},
};
use crate::adapter::ObjectKey;

/// All slots of a region.
///
/// Invariants, checked by `check_invariants`: occupied ranges are disjoint, aligned and inside the region; occupied and free
/// ranges make up the region; a generation is never used twice; a key leads to the one slot that holds it
/// ([`Slot::holds_key`]); an idle chunk is in its queue, no later than its last use.
#[derive(Debug)]
pub(super) struct SlotTable {
    alignment_bytes: u64,
    capacity_bytes: u64,
    tallies: Tallies,
    free: FreeSpace,
    /// By index; `None` if free.
    slots: Vec<Option<Slot>>,
    free_indexes: Vec<u32>,
    /// The slot where a key is, or is being written.
    keys: KeyMap<SlotTicket>,
    next_generation: u64,
    /// How often a slot became free or evictable.
    changes: u64,
    ages: Ages,
}

/// How many slots are in each state, updated with every change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tallies {
    pub(super) reserved: Tally,
    pub(super) quarantined: Tally,
    pub(super) committed: Tally,
    /// Those of the committed ones that are locked.
    pub(super) locked: Tally,
    /// Those of the committed ones that were loaded and are idle.
    pub(super) evictable: Tally,
    /// Those of the committed ones that only waiting lookups hold.
    pub(super) held_by_waiting: Tally,
}

fn footprint_bytes(length_bytes: u64, alignment_bytes: u64) -> u64 {
    length_bytes.div_ceil(alignment_bytes).saturating_mul(alignment_bytes)
}

impl SlotTable {
    pub(super) fn new(capacity_bytes: u64, alignment_bytes: u64) -> Self {
        let alignment_bytes = alignment_bytes.max(1);
        let capacity_bytes = capacity_bytes / alignment_bytes * alignment_bytes;
        Self {
            alignment_bytes,
            capacity_bytes,
            tallies: Tallies::default(),
            free: FreeSpace::new(capacity_bytes),
            slots: Vec::new(),
            free_indexes: Vec::new(),
            keys: KeyMap::default(),
            next_generation: 1,
            changes: 0,
            ages: Ages::default(),
        }
    }

    pub(super) fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    /// Bytes that are physically in use: reserved, quarantined and committed.
    pub(super) fn occupied_bytes(&self) -> u64 {
        self.tallies.reserved.bytes + self.tallies.quarantined.bytes + self.tallies.committed.bytes
    }

    pub(super) fn free_bytes(&self) -> u64 {
        self.capacity_bytes - self.occupied_bytes()
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn tallies(&self) -> Tallies {
        self.tallies
    }

    /// The bytes of the region that a chunk occupies.
    pub(super) fn footprint_bytes(&self, length_bytes: u64) -> u64 {
        footprint_bytes(length_bytes, self.alignment_bytes)
    }

    /// A copy of the free ranges, to compute what would fit after evictions.
    pub(super) fn free_space(&self) -> FreeSpace {
        self.free.clone()
    }

    /// The slot where a key is, or is being written.
    pub(super) fn find(&self, key: &ObjectKey) -> Option<SlotTicket> {
        self.keys.get(key).copied()
    }

    pub(super) fn is_being_written(&self, key: &ObjectKey) -> bool {
        self.find(key).is_some_and(|ticket| self.committed(ticket).is_none())
    }

    /// Reserves a slot for each chunk, or none at all. No slot may hold one of the keys.
    pub(super) fn reserve_all(
        &mut self,
        chunks: &[(ObjectKey, u64)],
        epoch: Epoch,
        request: RequestId,
    ) -> Option<Vec<SlotTicket>> {
        let alignment_bytes = self.alignment_bytes;
        let footprints = chunks.iter().map(|(_, length_bytes)| footprint_bytes(*length_bytes, alignment_bytes));
        let ranges = self.free.take_all(footprints)?;
        let take = |(range, (key, length_bytes)): (Range<u64>, &(ObjectKey, u64))| {
            self.tallies.reserved.add(range.end - range.start);
            let generation = self.next_generation;
            self.next_generation += 1;
            let (named, key, length_bytes) = (key.clone(), key.clone(), *length_bytes);
            let state = SlotState::Reserved { epoch, request };
            let tenancy = Some(Slot { generation, key, range, length_bytes, state });
            let slot = match self.free_indexes.pop() {
                Some(index) => {
                    self.slots[index as usize] = tenancy;
                    index
                }
                None => {
                    self.slots.push(tenancy);
                    // A slot occupies at least a page of the region, so 32 bits can number more slots than memory has room for.
                    (self.slots.len() - 1) as u32
                }
            };
            let ticket = SlotTicket { slot, generation };
            self.keys.insert(named, ticket);
            ticket
        };
        Some(ranges.into_iter().zip(chunks).map(take).collect())
    }

    /// A slot, while this tenancy lasts.
    pub(super) fn get(&self, ticket: SlotTicket) -> Option<&Slot> {
        self.slots.get(ticket.slot as usize)?.as_ref().filter(|slot| slot.generation == ticket.generation)
    }

    fn get_mut(&mut self, ticket: SlotTicket) -> Option<&mut Slot> {
        self.slots.get_mut(ticket.slot as usize)?.as_mut().filter(|slot| slot.generation == ticket.generation)
    }

    /// A committed slot, while this tenancy lasts.
    pub(super) fn committed(&self, ticket: SlotTicket) -> Option<&Committed> {
        match &self.get(ticket)?.state {
            SlotState::Committed(committed) => Some(committed),
            _ => None,
        }
    }

    /// Quarantines a slot: a write without a waiting request may still be in progress. The key may be written elsewhere; the
    /// slot may not be reused.
    pub(super) fn quarantine(&mut self, ticket: SlotTicket) {
        let Some(slot) = self.get_mut(ticket) else { return };
        let SlotState::Reserved { epoch, request } = slot.state else { return };
        slot.state = SlotState::Quarantined { epoch, request };
        let (bytes, key) = (slot.bytes(), slot.key.clone());
        self.keys.remove(&key);
        self.tallies.reserved.remove(bytes);
        self.tallies.quarantined.add(bytes);
    }

    /// The write has succeeded: the bytes are those of the key.
    pub(super) fn commit(&mut self, said: &SlotCommit, _: EndOfWrite, last_use: Duration) {
        let ticket = said.ticket;
        let Some(slot) = self.get_mut(ticket) else { return };
        let SlotState::Reserved { epoch, request } = slot.state else { return };
        slot.state = SlotState::Committed(Committed::new((epoch, request), last_use, said));
        let bytes = slot.bytes();
        self.tallies.reserved.remove(bytes);
        self.tallies.committed.add(bytes);
        self.change(ticket, |_| ());
    }

    /// Changes a committed chunk, and updates keys, tallies and queues.
    pub(super) fn change<T>(&mut self, ticket: SlotTicket, change: impl FnOnce(&mut Committed) -> T) -> Option<T> {
        let slot = self.slots.get_mut(ticket.slot as usize)?.as_mut()?;
        if slot.generation != ticket.generation {
            return None;
        }
        let bytes = slot.bytes();
        let SlotState::Committed(committed) = &mut slot.state else { return None };
        let (was_locked, was_evictable) = (committed.locks > 0, committed.is_evictable());
        let (was_held, was_condemned) = (committed.is_held_by_waiting(), committed.condemned);
        let result = change(committed);
        if committed.condemned && !was_condemned {
            self.keys.remove(&slot.key);
        }
        self.tallies.locked.move_to(committed.locks > 0, was_locked, bytes);
        self.tallies.evictable.move_to(committed.is_evictable(), was_evictable, bytes);
        self.changes += u64::from(committed.is_evictable() && !was_evictable);
        self.tallies.held_by_waiting.move_to(committed.is_held_by_waiting(), was_held, bytes);
        let queue = committed.queue();
        if committed.is_idle() && committed.queued.is_none_or(|(before, _)| before != queue) {
            self.ages.remove(committed.queued.take(), ticket);
            self.ages.insert(queue, committed.last_use, ticket);
            committed.queued = Some((queue, committed.last_use));
        }
        Some(result)
    }

    /// Removes the least recently used idle chunk from a queue, if its last use was not after `before`. It is in no queue until
    /// it changes or [`requeue`](Self::requeue) puts it back.
    pub(super) fn pop_oldest(&mut self, queue: Queue, before: Duration) -> Option<SlotTicket> {
        loop {
            let (at, ticket) = self.ages.first(queue).filter(|(at, _)| *at <= before)?;
            self.ages.remove(Some((queue, at)), ticket);
            let Some(slot) = self.get_mut(ticket) else { continue };
            let SlotState::Committed(committed) = &mut slot.state else { continue };
            committed.queued = None;
            if !committed.is_idle() {
                // It is queued again when it becomes idle.
                continue;
            }
            if committed.last_use == at {
                return Some(ticket);
            }
            self.requeue(ticket);
        }
    }

    /// Puts a chunk back into its queue.
    pub(super) fn requeue(&mut self, ticket: SlotTicket) {
        self.change(ticket, |_| ());
    }

    /// The last use of the chunk that is evicted first, or an earlier time if that chunk was used since.
    pub(super) fn oldest_use(&self) -> Option<Duration> {
        [Queue::Unread, Queue::Consumed].into_iter().filter_map(|queue| self.ages.first(queue)).map(|(at, _)| at).min()
    }

    /// Frees a slot that a write could reach.
    pub(super) fn free_written(&mut self, ticket: SlotTicket, _: EndOfWrite) -> Option<Slot> {
        let reachable = self.get(ticket).is_some_and(|slot| !matches!(slot.state, SlotState::Committed(_)));
        reachable.then(|| self.remove(ticket)).flatten()
    }

    /// Frees a committed slot: its write has ended, and nothing holds it.
    pub(super) fn free_committed(&mut self, ticket: SlotTicket) -> Option<Slot> {
        let committed = self.committed(ticket)?;
        (committed.is_idle() || committed.condemned && committed.readers == 0).then(|| self.remove(ticket)).flatten()
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = (SlotTicket, &Slot)> {
        let used = (0_u32..).zip(&self.slots).filter_map(|(slot, tenancy)| Some((slot, tenancy.as_ref()?)));
        used.map(|(slot, tenancy)| (SlotTicket { slot, generation: tenancy.generation }, tenancy))
    }

    fn remove(&mut self, ticket: SlotTicket) -> Option<Slot> {
        let slot = self.slots.get_mut(ticket.slot as usize)?.take()?;
        let bytes = slot.bytes();
        if slot.holds_key() {
            self.keys.remove(&slot.key);
        }
        match &slot.state {
            SlotState::Reserved { .. } => self.tallies.reserved.remove(bytes),
            SlotState::Quarantined { .. } => self.tallies.quarantined.remove(bytes),
            SlotState::Committed(committed) => {
                self.tallies.committed.remove(bytes);
                self.tallies.evictable.move_to(false, committed.is_evictable(), bytes);
                self.ages.remove(committed.queued, ticket);
            }
        }
        self.changes += 1;
        self.free.give_back(slot.range.clone());
        self.free_indexes.push(ticket.slot);
        Some(slot)
    }

    /// Panics if an invariant is violated.
    #[cfg(test)]
    pub(super) fn check_invariants(&self) {
        let mut ranges: Vec<_> = self.iter().map(|(_, slot)| slot.range.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        for pair in ranges.windows(2) {
            assert!(pair[0].end <= pair[1].start, "two slots overlap: {pair:?}");
        }
        for range in &ranges {
            assert!(range.end <= self.capacity_bytes, "a slot lies outside the region: {range:?}");
            assert_eq!(range.start % self.alignment_bytes, 0, "a slot is not aligned: {range:?}");
        }
        let mut counted = Tallies::default();
        let (mut queued, mut named) = (0, 0);
        for (ticket, slot) in self.iter() {
            let bytes = slot.bytes();
            assert_eq!(self.find(&slot.key) == Some(ticket), slot.holds_key(), "{ticket} and its key: {slot:?}");
            named += usize::from(slot.holds_key());
            match &slot.state {
                SlotState::Reserved { .. } => counted.reserved.add(bytes),
                SlotState::Quarantined { .. } => counted.quarantined.add(bytes),
                SlotState::Committed(committed) => {
                    counted.committed.add(bytes);
                    counted.locked.move_to(committed.locks > 0, false, bytes);
                    counted.evictable.move_to(committed.is_evictable(), false, bytes);
                    counted.held_by_waiting.move_to(committed.is_held_by_waiting(), false, bytes);
                    assert!(committed.waiting_locks <= committed.locks, "{ticket} has lost a lock of a waiting lookup");
                    queued += usize::from(committed.queued.is_some());
                    if committed.is_idle() {
                        let (queue, at) = committed.queued.expect("an idle chunk is in a queue");
                        assert_eq!(queue, committed.queue(), "{ticket} is in the wrong queue");
                        assert!(at <= committed.last_use && self.ages.contains(queue, at, ticket), "{ticket} is lost");
                    }
                }
            }
        }
        assert_eq!(named, self.keys.len(), "a key leads to no slot");
        assert_eq!(queued, self.ages.len(), "a queue holds a chunk that does not exist");
        assert_eq!(counted, self.tallies, "the tallies are wrong");
        let occupied = self.occupied_bytes();
        assert_eq!(self.free.bytes(), self.capacity_bytes - occupied, "bytes are lost");
    }
}
