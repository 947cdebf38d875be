//! Making room: which committed chunks are evicted, and when.
//!
//! When room is needed, loaded idle chunks are evicted, the least recently used first. Every chunk expires a time to live after
//! its last use. Unread chunks stay until then, even if room is needed: a decoder may be about to load them.

use std::{collections::BTreeSet, time::Duration};

use super::{ReceiverAction, ReceiverMachine, ages::Queue};
use crate::{
    adapter::ObjectKey,
    adapters::pd_l2_adapter::protocol::{Epoch, RequestId, SlotTicket},
};

impl ReceiverMachine {
    /// Reserves slots for all chunks or for none. Evicts what it may, but none of `spared`: chunks that the same request names.
    pub(super) fn reserve_with_room(
        &mut self,
        epoch: Epoch,
        request: RequestId,
        chunks: &[(ObjectKey, u64)],
        spared: &BTreeSet<SlotTicket>,
    ) -> Option<Vec<SlotTicket>> {
        let needed = self.footprint_bytes(chunks);
        let spared_bytes: u64 = spared.iter().map(|ticket| self.evictable_bytes_of(*ticket)).sum();
        if needed > self.free_or_evictable_bytes() - spared_bytes {
            return None;
        }
        let going = self.enough_to_evict(chunks, spared)?;
        let mut deleted = Vec::new();
        going.into_iter().for_each(|ticket| self.evict(ticket, &mut deleted));
        self.tell_deleted(deleted);
        self.slots.reserve_all(chunks, epoch, request)
    }

    /// The oldest evictable chunks whose eviction makes enough room; `None` if even all of them do not: the free bytes may be
    /// enough in total but fragmented.
    fn enough_to_evict(
        &mut self,
        chunks: &[(ObjectKey, u64)],
        spared: &BTreeSet<SlotTicket>,
    ) -> Option<Vec<SlotTicket>> {
        let footprints: Vec<u64> = chunks.iter().map(|(_, bytes)| self.slots.footprint_bytes(*bytes)).collect();
        let (needed, largest) = (footprints.iter().sum::<u64>(), footprints.iter().copied().max().unwrap_or(0));
        let mut space = self.slots.free_space();
        let (mut going, mut passed_over) = (Vec::new(), Vec::new());
        let is_enough = loop {
            if space.bytes() >= needed && space.longest() >= largest && space.fits(&footprints) {
                break true;
            }
            match self.slots.pop_oldest(Queue::Consumed, Duration::MAX) {
                Some(ticket) if spared.contains(&ticket) => passed_over.push(ticket),
                Some(ticket) => {
                    space.give_back(self.slots.get(ticket).map_or(0..0, |slot| slot.range.clone()));
                    going.push(ticket);
                }
                None => break false,
            }
        };
        passed_over.into_iter().for_each(|ticket| self.slots.requeue(ticket));
        if is_enough {
            return Some(going);
        }
        going.into_iter().for_each(|ticket| self.slots.requeue(ticket));
        None
    }

    pub(super) fn footprint_bytes(&self, chunks: &[(ObjectKey, u64)]) -> u64 {
        chunks.iter().fold(0, |sum, (_, length_bytes)| sum.saturating_add(self.slots.footprint_bytes(*length_bytes)))
    }

    /// The bytes that a request may get, if the ranges join.
    pub(super) fn free_or_evictable_bytes(&self) -> u64 {
        self.slots.free_bytes() + self.slots.tallies().evictable.bytes
    }

    fn evictable_bytes_of(&self, ticket: SlotTicket) -> u64 {
        let is_evictable = self.slots.committed(ticket).is_some_and(|committed| committed.is_evictable());
        self.slots.get(ticket).filter(|_| is_evictable).map_or(0, |slot| slot.bytes())
    }

    /// LMCache's watermark: above it, a share of the capacity is freed, loaded or not; but not what was stored or used just
    /// now, or a commit would evict its own chunks.
    pub(super) fn evict_above_watermark(&mut self, now: Duration) {
        let Some(watermark) = self.settings.eviction else { return };
        let capacity = self.slots.capacity_bytes() as f64;
        let occupied = self.slots.occupied_bytes();
        if occupied as f64 <= watermark.trigger * capacity {
            return;
        }
        let Some(before) = now.checked_sub(Duration::from_nanos(1)) else { return };
        let mut deleted = Vec::new();
        for queue in [Queue::Consumed, Queue::Unread] {
            while ((occupied - self.slots.occupied_bytes()) as f64) < watermark.ratio * capacity
                && let Some(ticket) = self.slots.pop_oldest(queue, before)
            {
                self.evict(ticket, &mut deleted);
            }
        }
        self.tell_deleted(deleted);
    }

    /// The earliest time at which a chunk may expire; later if it was used since.
    pub(super) fn expiry_not_before(&self) -> Option<Duration> {
        self.slots.oldest_use().map(|at| at.saturating_add(self.settings.time_to_live))
    }

    pub(super) fn expire_chunks(&mut self, now: Duration) {
        let Some(before) = now.checked_sub(self.settings.time_to_live) else { return };
        let mut deleted = Vec::new();
        for queue in [Queue::Consumed, Queue::Unread] {
            while let Some(ticket) = self.slots.pop_oldest(queue, before) {
                self.evict(ticket, &mut deleted);
            }
        }
        self.tell_deleted(deleted);
    }

    /// Deletes idle chunks. A chunk that is being written is not committed yet, and stays.
    pub(crate) fn delete(&mut self, now: Duration, keys: &[ObjectKey]) {
        let mut deleted = Vec::new();
        for key in keys {
            if let Some(ticket) = self.slots.find(key) {
                self.free_committed(ticket, &mut deleted);
            }
        }
        self.tell_deleted(deleted);
        self.go_on(now);
    }

    fn evict(&mut self, ticket: SlotTicket, deleted: &mut Vec<(ObjectKey, u64)>) {
        let before = deleted.len();
        self.free_committed(ticket, deleted);
        self.counters.evicted_chunks += (deleted.len() - before) as u64;
    }

    /// Frees a committed chunk if nothing holds it.
    pub(super) fn free_committed(&mut self, ticket: SlotTicket, deleted: &mut Vec<(ObjectKey, u64)>) {
        if let Some(slot) = self.slots.free_committed(ticket) {
            self.parking.room_has_changed();
            // A chunk that was found corrupt no longer holds its key.
            if slot.holds_key() {
                self.parking.key_has_changed(&slot.key);
                deleted.push((slot.key, slot.length_bytes));
            }
        }
    }

    pub(super) fn tell_deleted(&mut self, deleted: Vec<(ObjectKey, u64)>) {
        if !deleted.is_empty() {
            self.actions.push_back(ReceiverAction::KeysDeleted(deleted));
        }
    }
}
