//! The receiver of one TP rank, as a pure state machine: where each chunk is, which sender may write, what can be found.
//!
//! The law: pass one input with the time, then call [`poll_action`](ReceiverMachine::poll_action) until it returns nothing, and
//! call [`handle_deadline`](ReceiverMachine::handle_deadline) no later than [`next_deadline`](ReceiverMachine::next_deadline).
//! The machine has no sockets, threads, memory or clock.
//!
//! The states of a slot:
//!
//! ```text
//!            reserve                 commit                 lookup, load
//!    free --------------> reserved --------------> committed <----------> locked, being copied
//!     ^                    |    |                   |     |
//!     | cancel, all writes |    | cancel during a   |     | the copy finds wrong bytes
//!     | have ended         |    | write, silence,   |     v
//!     +--------------------+    | death             |  condemned: not found any more
//!     |                         v                   |     |
//!     +------------------- quarantined              |     |
//!     |  evidence that no write can land            |     |
//!     +---------------------------------------------+-----+
//!                    delete, eviction, time to live; the last copy ends
//! ```
//!
//! The snapshot of `transitions` has every state with every event.
//!
//! ```text
//! handshakes, sessions  how senders are accepted; their leases and requests
//! reserve, parking      reserve calls; those that wait for room or for other writers
//! calls                 commit, cancel, heartbeat
//! incarnations          silent and dead senders; `connections` shows which have died
//! lookup, waiting       lookups and unlocks; lookups that wait
//! loads, layouts        copies of chunks; expected layouts
//! room, ages            eviction; chunks by their last use
//! slots, slot           the slots of a region; one slot
//! settings              settings, status, counters
//! tests                 rule by rule, with scenarios, transitions
//! ```

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

use std::{collections::VecDeque, time::Duration};

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

/// Something to do outside the machine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReceiverAction {
    /// Answer a reserve call.
    AnswerReserve { call: CallId, answer: ReserveAnswer },
    /// Answer a lookup: which of its keys were found. These are locked.
    AnswerLookup { lookup: LookupId, found: Bitmap },
    /// Take new memory in place of the region, then call `handle_region_replaced` or `handle_region_replacement_failed`.
    ReplaceRegion,
    /// Keys can now be found, with these sizes in bytes.
    KeysStored(Vec<(ObjectKey, u64)>),
    /// Keys were looked up or loaded.
    KeysAccessed(Vec<ObjectKey>),
    /// Keys can no longer be found.
    KeysDeleted(Vec<(ObjectKey, u64)>),
}

/// Accessed by key and never iterated: the order of a hash map is not fixed. Keys come from peers, so the hash has a random seed;
/// with the standard one a lookup took twice as long.
#[allow(clippy::disallowed_types, reason = "a key is found ten times faster than in an ordered map")]
type KeyMap<V> = std::collections::HashMap<ObjectKey, V, foldhash::quality::RandomState>;

/// Memory of one key in the lists and indexes of waiting reserve calls or lookups, without its own bytes. Measured where the
/// indexes have just grown: 455 bytes in a reserve call and 747 in a lookup, and 23 around a long hash.
const WAITING_KEY_BYTES: usize = 770;

/// Memory of a key while a reserve call or a lookup waits for it.
fn waiting_key_bytes(key: &ObjectKey) -> usize {
    // Copies of a key share its names, and a hash that is too long to lie in each.
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
    /// When slots of ended writes may be free. Not a deadline: a poll of the channel decides, and the channel is polled all the
    /// time while there are slots in quarantine.
    releases: Agenda<Release>,
    parking: Parking,
    waiting: Waiting,
    /// New memory was requested and has not arrived.
    is_replacing: bool,
    /// Numbers calls of the server, for "once per call".
    server_calls: u64,
    reports_accesses: bool,
    is_closed: bool,
    /// The room that a reserve call needed and did not find in time, and how often room had been freed by then.
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

    /// The next thing to do.
    pub(crate) fn poll_action(&mut self) -> Option<ReceiverAction> {
        self.actions.pop_front()
    }

    /// When `handle_deadline` must be called.
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

    /// Handles everything that is due.
    pub(crate) fn handle_deadline(&mut self, now: Duration) {
        self.run_out_leases(now);
        self.expire_chunks(now);
        self.go_on(now);
        // The last step: the steps before may have evicted the last chunk that kept the old memory in use.
        self.replace_region_if_only_silence_is_left(now);
    }

    /// Refuses everything from now on, and answers everything that waits.
    pub(crate) fn close(&mut self, now: Duration) {
        self.is_closed = true;
        self.parking.everything_has_changed();
        self.end_all_waits(now);
        self.go_on(now);
    }

    /// Whether a write may be in progress: without polls of the channel it would never end.
    pub(crate) fn must_poll_channel(&self) -> bool {
        let tallies = self.slots.tallies();
        // A sender's first write makes the connection of its channel, so a sender that holds no slot needs no polls.
        tallies.reserved.slots + tallies.quarantined.slots > 0 || !self.sessions.probing.is_empty()
    }

    /// Its status.
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

    /// The room that a reserve call needed and did not find in time. It is reported while fewer bytes than that are free in
    /// all, or while the free bytes are fragmented and unchanged.
    fn missing_room(&self) -> Option<u64> {
        let (needed, changes) = self.refused_room?;
        (needed > self.free_or_evictable_bytes() || changes == self.slots.changes()).then_some(needed)
    }

    /// Whether lookups and loads cause [`ReceiverAction::KeysAccessed`].
    pub(crate) fn report_accesses(&mut self, yes: bool) {
        self.reports_accesses = yes;
    }

    /// The state of a slot while this tenancy lasts.
    #[cfg(test)]
    pub(crate) fn slot_state(&self, ticket: SlotTicket) -> Option<&'static str> {
        Some(match &self.slots.get(ticket)?.state {
            SlotState::Reserved { .. } => "reserved",
            SlotState::Quarantined { .. } => "quarantined",
            SlotState::Committed(_) => "committed",
        })
    }

    /// Panics if an invariant is violated.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        self.slots.check_invariants();
        self.sessions.check_invariants();
        self.parking.check_invariants();
        assert_eq!(self.sessions.parked(), self.parking.requests(), "sessions and the list differ on which calls wait");
        self.waiting.check_invariants();
        let waiting_locks = self.waiting.locks();
        for (ticket, slot) in self.slots.iter() {
            match &slot.state {
                SlotState::Quarantined { epoch, request } => {
                    let session = self.sessions.alive.get(epoch).expect("a quarantined slot has a session");
                    assert!(session.quarantined[request].contains(&ticket), "{ticket} is in no request's quarantine");
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
                    assert_eq!(committed.waiting_locks, locks, "{ticket}: locks without a waiting lookup");
                }
            }
        }
        for needed in self.parking.needed_room() {
            assert!(
                !self.only_waiting_can_give(needed),
                "a reserve call waits for room that only waiting lookups hold"
            );
        }
        assert!(self.slots.occupied_bytes() <= self.slots.capacity_bytes(), "more is occupied than there is");
    }
}
