//! The receiver of one TP rank, as a pure state machine: which chunk is where, who may write, what can be found.
//!
//! The law: one input with the time, then [`poll_action`](ReceiverMachine::poll_action) until it is empty, and
//! [`handle_deadline`](ReceiverMachine::handle_deadline) not later than [`next_deadline`](ReceiverMachine::next_deadline).
//! It knows no sockets, threads, memory or clock.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod ages;
#[cfg(test)]
mod bound_tests;
mod calls;
mod connections;
mod handshakes;
mod incarnations;
mod layouts;
mod loads;
mod lookup;
#[cfg(test)]
mod lookup_tests;
mod parking;
mod reserve;
mod room;
#[cfg(test)]
mod scenarios;
mod sessions;
mod settings;
mod slot;
mod slots;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod transitions;
mod waiting;

use std::{collections::VecDeque, sync::Arc, time::Duration};

#[cfg(test)]
use self::slot::SlotState;
use self::{
    connections::Connections, incarnations::Release, parking::Parking, sessions::Sessions, slots::SlotTable,
    waiting::Waiting,
};
pub(crate) use self::{
    layouts::WantedLayouts,
    loads::{LoadGrant, LoadOutcome},
    settings::{LookupWaits, ReceiverCounters, ReceiverSettings, ReceiverStatus, Tally, Watermark},
    waiting::LookupId,
};
#[cfg(test)]
use super::protocol::SlotTicket;
use super::{
    agenda::Agenda,
    protocol::{CallId, Epoch, Region, ReserveAnswer},
};
use crate::adapter::{Bitmap, ObjectKey};

/// What is to be done outside the machine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReceiverAction {
    /// Answer a reserve call.
    AnswerReserve { call: CallId, answer: ReserveAnswer },
    /// Answer a look-up: which of its keys were found, and are locked.
    AnswerLookup { lookup: LookupId, found: Bitmap },
    /// Take new memory in place of the region, then say `handle_region_replaced` or `handle_region_replacement_failed`.
    ReplaceRegion,
    /// Keys can be found, with these sizes in bytes.
    KeysStored(Vec<(ObjectKey, u64)>),
    /// Keys were looked up or loaded.
    KeysAccessed(Vec<ObjectKey>),
    /// Keys can no longer be found.
    KeysDeleted(Vec<(ObjectKey, u64)>),
}

/// Looked up, never walked: the order of a hash map is not fixed.
#[allow(clippy::disallowed_types, reason = "a key is found ten times faster than in an ordered map")]
type KeyMap<V> = std::collections::HashMap<Arc<ObjectKey>, V>;

/// What one key takes in the lists and indexes of reserve calls or look-ups that wait, next to its own bytes. Measured with 16,384
/// keys: 258 bytes in a reserve call and 348 in a look-up, in four and five allocations.
const WAITING_KEY_BYTES: usize = 400;

/// What a key takes while a reserve call or a look-up waits for it.
fn waiting_key_bytes(key: &ObjectKey) -> usize {
    WAITING_KEY_BYTES + key.model_name().len() + key.chunk_hash().len() + key.cache_salt().len()
}

/// The receiver of one TP rank. Belongs to the rank's thread.
#[derive(Debug)]
pub(crate) struct ReceiverMachine {
    settings: ReceiverSettings,
    epoch: Epoch,
    region: Region,
    slots: SlotTable,
    sessions: Sessions,
    connections: Connections,
    /// When slots of ended writes may be free. Not among the deadlines: a poll of the channel decides, and while there are
    /// slots in quarantine it is polled all the time.
    releases: Agenda<Release>,
    parking: Parking,
    waiting: Waiting,
    /// New memory was asked for and has not come.
    is_replacing: bool,
    /// Tells calls of the server apart, for "once per call".
    server_calls: u64,
    reports_accesses: bool,
    is_closed: bool,
    /// What a reserve call needed that has waited in vain, and how often room had come free by then.
    refused_room: Option<(u64, u64)>,
    counters: ReceiverCounters,
    actions: VecDeque<ReceiverAction>,
}

impl ReceiverMachine {
    pub(crate) fn new(settings: ReceiverSettings, epoch: Epoch, region: Region) -> Self {
        Self {
            slots: SlotTable::new(region.probe_offset_bytes, settings.slot_alignment_bytes),
            settings,
            epoch,
            region,
            sessions: Sessions::new(),
            connections: Connections::default(),
            releases: Agenda::new(),
            parking: Parking::new(),
            waiting: Waiting::new(),
            is_replacing: false,
            server_calls: 0,
            reports_accesses: false,
            is_closed: false,
            refused_room: None,
            counters: ReceiverCounters::default(),
            actions: VecDeque::new(),
        }
    }

    /// What is to be done next.
    pub(crate) fn poll_action(&mut self) -> Option<ReceiverAction> {
        self.actions.pop_front()
    }

    /// When `handle_deadline` has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let deadlines = [
            self.sessions.next_lease(),
            self.parking.next_end(),
            self.waiting.next_look(),
            self.expiry_not_before(),
            self.replacement_due(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// Does what is due.
    pub(crate) fn handle_deadline(&mut self, now: Duration) {
        self.run_out_leases(now);
        self.expire_chunks(now);
        self.go_on(now);
        // The last: what goes on may have evicted the last chunk that the old memory was kept for.
        self.replace_region_if_only_silence_is_left(now);
    }

    /// Refuses everything from now on, and answers whoever waits.
    pub(crate) fn close(&mut self, now: Duration) {
        self.is_closed = true;
        self.parking.everything_has_changed();
        self.end_all_waits(now);
        self.go_on(now);
    }

    /// Whether a write may be under way: the channel has to be polled, or it never ends.
    pub(crate) fn must_poll_channel(&self) -> bool {
        let tallies = self.slots.tallies();
        // A connection of a sender's channel is made by its first write, so a sender that holds nothing needs no polls.
        tallies.reserved.slots + tallies.quarantined.slots > 0 || !self.sessions.probing.is_empty()
    }

    /// How it is doing.
    pub(crate) fn status(&self) -> ReceiverStatus {
        let tallies = self.slots.tallies();
        ReceiverStatus {
            capacity_bytes: self.slots.capacity_bytes(),
            reserved: tallies.reserved,
            committed: tallies.committed,
            locked: tallies.locked,
            quarantined: tallies.quarantined,
            senders: self.sessions.alive.len(),
            silent_senders: self.sessions.silent_count(),
            parked_calls: self.parking.len(),
            waiting_lookups: self.waiting.len(),
            missing_room: self.missing_room(),
            counters: self.counters,
        }
    }

    /// What a reserve call needs that waited in vain: as long as there is less room by sums, or what there is lies in pieces and is
    /// what it was.
    fn missing_room(&self) -> Option<u64> {
        let (needed, changes) = self.refused_room?;
        (needed > self.free_or_evictable_bytes() || changes == self.slots.changes()).then_some(needed)
    }

    /// Whether look-ups and loads are told by [`ReceiverAction::KeysAccessed`].
    pub(crate) fn report_accesses(&mut self, yes: bool) {
        self.reports_accesses = yes;
    }

    /// What a slot is, while this tenancy lasts.
    #[cfg(test)]
    pub(crate) fn slot_state(&self, ticket: SlotTicket) -> Option<&'static str> {
        Some(match &self.slots.get(ticket)?.state {
            SlotState::Reserved { .. } => "reserved",
            SlotState::Quarantined { .. } => "quarantined",
            SlotState::Committed(_) => "committed",
        })
    }

    /// Panics where an invariant is broken.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        self.slots.check_invariants();
        self.sessions.check_invariants();
        self.parking.check_invariants();
        assert_eq!(self.sessions.parked(), self.parking.requests(), "sessions and the list differ on who waits");
        self.waiting.check_invariants();
        let waiting_locks = self.waiting.locks();
        for (ticket, slot) in self.slots.iter() {
            match &slot.state {
                SlotState::Quarantined { epoch, request } => {
                    let session = self.sessions.alive.get(epoch).expect("a quarantined slot has a session");
                    assert!(session.quarantined[request].contains(&ticket), "{ticket} is quarantined by nobody");
                }
                SlotState::Reserved { epoch, request } => {
                    let session = self.sessions.alive.get(epoch).expect("a reserved slot has a session");
                    assert!(session.requests[request].slots.contains(&ticket), "{ticket} belongs to no request");
                }
                SlotState::Committed(committed) if committed.condemned => {
                    assert!(committed.readers > 0, "a condemned chunk outlives its copies");
                }
                SlotState::Committed(committed) => {
                    let locks = waiting_locks.get(&ticket).copied().unwrap_or_default();
                    assert_eq!(committed.waiting_locks, locks, "{ticket}: whose locks are these");
                }
            }
        }
        for needed in self.parking.needed_room() {
            assert!(!self.only_waiting_can_give(needed), "a reserve call waits for what only look-ups hold that wait");
        }
        assert!(self.slots.occupied_bytes() <= self.slots.capacity_bytes(), "more is occupied than there is");
    }
}
