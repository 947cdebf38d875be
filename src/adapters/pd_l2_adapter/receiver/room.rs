//! Making room: which committed chunks go, and when.
//!
//! First those that were loaded and that nobody counts on, least recently used first; and every chunk a time to live after its
//! last use. Chunks that were never read stay until then, whatever room is wanted: a decoder may be about to ask for them.

use std::{sync::Arc, time::Duration};

use super::{ReceiverAction, ReceiverMachine, slots::SlotState};
use crate::{
    adapter::ObjectKey,
    adapters::pd_l2_adapter::protocol::{Epoch, RequestId, SlotTicket},
};

impl ReceiverMachine {
    /// Slots for all chunks or for none, evicting what may go.
    pub(super) fn reserve_with_room(
        &mut self,
        epoch: Epoch,
        request: RequestId,
        chunks: &[(Arc<ObjectKey>, u64)],
    ) -> Option<Vec<SlotTicket>> {
        if let Some(tickets) = self.slots.reserve_all(chunks, epoch, request) {
            return Some(tickets);
        }
        let needed = chunks.iter().map(|(_, length_bytes)| self.slots.footprint_bytes(*length_bytes)).sum::<u64>();
        let mut candidates = self.idle_chunks(|committed| committed.consumed).into_iter();
        let free_bytes = self.slots.capacity_bytes() - self.slots.occupied_bytes();
        let evictable: u64 = candidates.as_slice().iter().map(|ticket| self.bytes_of(*ticket)).sum();
        if free_bytes + evictable < needed {
            return None;
        }
        let mut deleted = Vec::new();
        let tickets = loop {
            // By sums there is room; where it is in pieces, more goes until the pieces join.
            if self.slots.capacity_bytes() - self.slots.occupied_bytes() >= needed
                && let Some(tickets) = self.slots.reserve_all(chunks, epoch, request)
            {
                break Some(tickets);
            }
            let Some(ticket) = candidates.next() else { break None };
            self.evict(ticket, &mut deleted);
        };
        self.tell_deleted(deleted);
        tickets
    }

    /// LMCache's watermark: above it, a share of the capacity is freed, read or not.
    pub(super) fn evict_above_watermark(&mut self) {
        let Some(watermark) = self.settings.eviction else { return };
        let capacity = self.slots.capacity_bytes() as f64;
        if (self.slots.occupied_bytes() as f64) <= watermark.trigger * capacity {
            return;
        }
        let mut candidates = self.idle_chunks(|committed| committed.consumed);
        candidates.extend(self.idle_chunks(|committed| !committed.consumed));
        let (mut freed, mut deleted) = (0_u64, Vec::new());
        for ticket in candidates {
            if freed as f64 >= watermark.ratio * capacity {
                break;
            }
            freed += self.bytes_of(ticket);
            self.evict(ticket, &mut deleted);
        }
        self.tell_deleted(deleted);
    }

    /// A chunk was used: its time to live begins anew.
    pub(super) fn expires_not_before(&mut self, now: Duration) {
        let expiry = now + self.settings.time_to_live;
        self.expiry_not_before = Some(self.expiry_not_before.map_or(expiry, |before| before.min(expiry)));
    }

    pub(super) fn expire_chunks(&mut self, now: Duration) {
        if self.expiry_not_before.is_none_or(|expiry| now < expiry) {
            return;
        }
        let time_to_live = self.settings.time_to_live;
        let mut deleted = Vec::new();
        let expired = self.idle_chunks(|committed| committed.last_use + time_to_live <= now);
        expired.into_iter().for_each(|ticket| self.evict(ticket, &mut deleted));
        self.tell_deleted(deleted);
        // Those that are in use begin anew when they are let go.
        self.expiry_not_before = self
            .slots
            .iter()
            .filter_map(|(_, slot)| match &slot.state {
                SlotState::Committed(committed) if committed.is_idle() => Some(committed.last_use + time_to_live),
                _ => None,
            })
            .min();
    }

    /// Committed chunks that nobody counts on, least recently used first.
    fn idle_chunks(&self, which: impl Fn(&super::slots::Committed) -> bool) -> Vec<SlotTicket> {
        let mut idle: Vec<(Duration, SlotTicket)> = self
            .slots
            .iter()
            .filter_map(|(ticket, slot)| match &slot.state {
                SlotState::Committed(committed) if committed.is_idle() && which(committed) => {
                    Some((committed.last_use, ticket))
                }
                _ => None,
            })
            .collect();
        idle.sort_unstable();
        idle.into_iter().map(|(_, ticket)| ticket).collect()
    }

    fn bytes_of(&self, ticket: SlotTicket) -> u64 {
        self.slots.get(ticket).map_or(0, |slot| slot.range.end - slot.range.start)
    }

    fn evict(&mut self, ticket: SlotTicket, deleted: &mut Vec<(ObjectKey, u64)>) {
        let before = deleted.len();
        self.free_committed(ticket, deleted);
        self.counters.evicted_chunks += (deleted.len() - before) as u64;
    }

    /// Frees a committed chunk, if nobody counts on it.
    pub(super) fn free_committed(&mut self, ticket: SlotTicket, deleted: &mut Vec<(ObjectKey, u64)>) {
        if let Some(slot) = self.slots.free_committed(ticket) {
            self.keys.remove(&slot.key);
            deleted.push((Arc::unwrap_or_clone(slot.key), slot.length_bytes));
            self.parked_may_go_on = true;
        }
    }

    pub(super) fn tell_deleted(&mut self, deleted: Vec<(ObjectKey, u64)>) {
        if !deleted.is_empty() {
            self.actions.push_back(ReceiverAction::KeysDeleted(deleted));
        }
    }
}
