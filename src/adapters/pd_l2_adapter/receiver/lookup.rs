//! Lookups and unlocks. A lookup locks found keys at once, and waits for keys that are being written or may still be
//! announced.
//!
//! A waiting lookup holds locks, and must not block its own keys with them: if a reserve call waits for room that only waiting
//! lookups hold, these return what they have, the oldest first.

use std::{collections::BTreeSet, time::Duration};

use super::{
    ReceiverAction, ReceiverMachine, WantedLayouts,
    slot::Committed,
    waiting::{LookupId, WaitEnd, WaitingLookup},
};
use crate::{adapter::ObjectKey, adapters::pd_l2_adapter::protocol::SlotTicket};

impl ReceiverMachine {
    /// Looks keys up and locks each found key once for the call. Answered by an action, now or when the wait is over.
    pub(crate) fn handle_lookup(
        &mut self,
        now: Duration,
        lookup: LookupId,
        keys: Vec<ObjectKey>,
        layouts: WantedLayouts,
    ) {
        self.server_calls += 1;
        let (mut found, mut accessed, mut refused) = (Vec::with_capacity(keys.len()), Vec::new(), Vec::new());
        let mut is_any_written = false;
        for key in &keys {
            let ticket = self.slots.find(key).filter(|ticket| {
                let is_met = self.is_layout_met(&layouts, key, *ticket);
                if !is_met {
                    refused.push(key.clone());
                }
                is_met
            });
            let is_first = ticket.and_then(|ticket| self.lock(now, ticket));
            is_any_written |= ticket.is_some() && is_first.is_none();
            found.push(ticket.filter(|_| is_first.is_some()));
            if is_first == Some(true) && self.reports_accesses {
                accessed.push(key.clone());
            }
        }
        self.tell_accessed(accessed);
        self.counters.other_layout_chunks += refused.len() as u64;
        if !self.may_wait(&found, is_any_written) {
            return self.answer_lookup(lookup, &found);
        }
        let mut waiting = WaitingLookup::new((lookup, layouts), keys, found, now);
        refused.iter().for_each(|key| waiting.refuse(key));
        self.wait_for_rest(now, waiting);
    }

    /// Releases one lock of each key. Keys that are unknown or not locked are not changed.
    pub(crate) fn unlock(&mut self, now: Duration, keys: &[ObjectKey]) {
        self.server_calls += 1;
        for key in keys {
            let Some(ticket) = self.slots.find(key) else { continue };
            let call = self.server_calls;
            self.slots.change(ticket, |committed| {
                // The server does not own the lock of a waiting lookup yet.
                if committed.last_server_call != call && committed.locks > committed.waiting_locks {
                    committed.last_server_call = call;
                    committed.last_use = now;
                    committed.locks -= 1;
                }
            });
        }
        self.parking.room_has_changed();
        self.go_on(now);
    }

    fn is_layout_met(&self, layouts: &WantedLayouts, key: &ObjectKey, ticket: SlotTicket) -> bool {
        let Some(slot) = self.slots.get(ticket) else { return true };
        let layout = self.slots.committed(ticket).and_then(|committed| committed.layout);
        layouts.are_met_by(key, layout, slot.length_bytes)
    }

    /// Whether there is anything that a lookup may wait for.
    fn may_wait(&self, found: &[Option<SlotTicket>], is_any_written: bool) -> bool {
        let settings = &self.settings;
        let has_grace = !settings.lookup_grace.is_zero() && self.waiting.in_grace() < settings.lookups_in_grace_max;
        let has_place = !self.is_closed && self.waiting.len() < settings.waiting_lookups_max;
        has_place && (is_any_written || has_grace) && found.iter().any(Option::is_none)
    }

    fn wait_for_rest(&mut self, now: Duration, lookup: WaitingLookup) {
        if self.waiting.bytes() + lookup.bytes > self.settings.waiting_lookup_bytes_max {
            return self.answer_lookup(lookup.lookup, &lookup.found);
        }
        let (until, grace_until) = (now + self.settings.lookup_wait, now + self.settings.lookup_grace);
        let lookup = lookup.wait_until(until, grace_until);
        let locked = distinct(&lookup.found);
        let slots = &self.slots;
        let is_written = |key: &ObjectKey| slots.is_being_written(key);
        match self.waiting.add(lookup, now, self.settings.lookups_in_grace_max, is_written) {
            Ok(()) => {
                for ticket in locked {
                    self.slots.change(ticket, |committed| committed.waiting_locks += 1);
                }
            }
            Err(lookup) => self.answer_lookup(lookup.lookup, &lookup.found),
        }
        self.make_way(now);
    }

    /// Chunks were committed: the lookups that wait for them lock them, before they can be evicted. Returns those that were
    /// waited for.
    pub(super) fn lock_for_waiting(&mut self, now: Duration, stored: &[(ObjectKey, u64)]) -> Vec<ObjectKey> {
        let grace_until = now + self.settings.lookup_grace;
        let mut accessed = Vec::new();
        for (key, _) in stored {
            let Some(ticket) = self.slots.find(key) else { continue };
            let Some(slot) = self.slots.get(ticket) else { continue };
            let layout = self.slots.committed(ticket).and_then(|committed| committed.layout);
            let (locks, refusals) = self.waiting.key_is_there(key, (ticket, layout, slot.length_bytes), grace_until);
            self.counters.other_layout_chunks += u64::from(refusals);
            if locks > 0 {
                self.slots.change(ticket, |committed| {
                    committed.locks = committed.locks.saturating_add(locks);
                    committed.waiting_locks += locks;
                });
                accessed.push(key.clone());
            }
        }
        accessed
    }

    /// Answers the lookups whose wait is over, in order of arrival.
    pub(super) fn go_on_with_waiting(&mut self, now: Duration) {
        let slots = &self.slots;
        let is_written = |key: &ObjectKey| slots.is_being_written(key);
        for (lookup, end) in self.waiting.take_ended(now, self.settings.lookups_in_grace_max, is_written) {
            self.end_wait(now, lookup, end);
        }
        self.make_way(now);
    }

    /// Ends every wait.
    pub(super) fn end_all_waits(&mut self, now: Duration) {
        while let Some(lookup) = self.waiting.take_oldest(|_| true) {
            self.end_wait(now, lookup, WaitEnd::Closed);
        }
    }

    /// Ends waits whose locks keep a reserve call from its room, until the rest of the room can come from elsewhere.
    fn make_way(&mut self, now: Duration) {
        if self.slots.tallies().held_by_waiting.slots > 0 {
            let needed: Vec<u64> = self.parking.needed_room().collect();
            needed.into_iter().for_each(|needed_bytes| self.make_way_for(now, needed_bytes));
        }
    }

    pub(super) fn make_way_for(&mut self, now: Duration, needed_bytes: u64) {
        while self.only_waiting_can_give(needed_bytes) {
            let slots = &self.slots;
            let is_held = |ticket: &SlotTicket| slots.committed(*ticket).is_some_and(Committed::is_held_by_waiting);
            let oldest = self.waiting.take_oldest(|lookup| lookup.found.iter().flatten().any(is_held));
            let Some(lookup) = oldest else { return };
            self.end_wait(now, lookup, WaitEnd::Room);
        }
    }

    /// Whether this many bytes can only come from chunks that waiting lookups hold.
    pub(super) fn only_waiting_can_give(&self, needed_bytes: u64) -> bool {
        let tallies = self.slots.tallies();
        let held = tallies.held_by_waiting.bytes;
        // Bytes that others release may join the free ranges.
        let of_others = self.slots.occupied_bytes() - held - tallies.evictable.bytes;
        let others_can_not = needed_bytes > self.slots.capacity_bytes() - held || of_others == 0;
        held > 0 && others_can_not && !self.is_replacing
    }

    fn end_wait(&mut self, now: Duration, lookup: WaitingLookup, end: WaitEnd) {
        for ticket in distinct(&lookup.found) {
            self.slots.change(ticket, |committed| {
                committed.waiting_locks = committed.waiting_locks.saturating_sub(1);
                committed.last_use = now;
            });
        }
        self.counters.lookup_waits.count(end, now.saturating_sub(lookup.since));
        self.answer_lookup(lookup.lookup, &lookup.found);
    }

    pub(super) fn tell_accessed(&mut self, accessed: Vec<ObjectKey>) {
        if !accessed.is_empty() {
            self.actions.push_back(ReceiverAction::KeysAccessed(accessed));
        }
    }

    fn answer_lookup(&mut self, lookup: LookupId, found: &[Option<SlotTicket>]) {
        let found = found.iter().map(Option::is_some).collect();
        self.actions.push_back(ReceiverAction::AnswerLookup { lookup, found });
    }

    /// Locks a committed chunk for this call. `None` if it is not committed; otherwise whether this call had not locked it
    /// before.
    fn lock(&mut self, now: Duration, ticket: SlotTicket) -> Option<bool> {
        let call = self.server_calls;
        self.slots.change(ticket, |committed| {
            let is_first = committed.last_server_call != call;
            if is_first {
                committed.last_server_call = call;
                committed.last_use = now;
                committed.locks = committed.locks.saturating_add(1);
            }
            is_first
        })
    }
}

fn distinct(found: &[Option<SlotTicket>]) -> BTreeSet<SlotTicket> {
    found.iter().flatten().copied().collect()
}
