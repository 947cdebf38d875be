//! Waiting reserve calls: for room, or for other requests that are writing the same keys. Each is checked again only if what it
//! waits for has changed, so that a busy receiver does not iterate over all of them with every call.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{CallId, KeyMap, waiting_key_bytes};
use crate::{
    adapter::ObjectKey,
    adapters::pd_l2_adapter::{
        agenda::Agenda,
        protocol::{Destination, Epoch, RequestId, ReserveRequest},
    },
};

/// A reserve call that waits, or is being decided.
#[derive(Debug)]
pub(super) struct ReserveCall {
    pub(super) call: CallId,
    pub(super) epoch: Epoch,
    pub(super) request: RequestId,
    pub(super) destination: Destination,
    pub(super) chunks: Vec<(ObjectKey, u64)>,
    /// Its memory while it waits.
    bytes: usize,
}

impl ReserveCall {
    pub(super) fn new(call: CallId, request: ReserveRequest) -> Self {
        let ReserveRequest { epoch, request, destination, chunks, .. } = request;
        let bytes = chunks.iter().map(|chunk| waiting_key_bytes(&chunk.key)).sum();
        let chunks = chunks.into_iter().map(|chunk| (chunk.key, chunk.length_bytes)).collect();
        Self { call, epoch, request, destination, chunks, bytes }
    }
}

/// What a call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitsFor {
    /// This many bytes that are free or evictable, or a change of one of its keys.
    Room { needed_bytes: u64 },
    /// The end of one of the writes of its keys, all of which are being written.
    Keys,
}

/// A position in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

/// The waiting calls, in order of arrival.
#[derive(Debug)]
pub(super) struct Parking {
    calls: BTreeMap<Place, (ReserveCall, WaitsFor)>,
    /// Their memory in total.
    bytes: usize,
    next_place: u64,
    until: Agenda<Place>,
    /// The calls that name a key.
    by_key: KeyMap<BTreeSet<Place>>,
    /// Calls to be checked again, whatever they wait for.
    changed: BTreeSet<Place>,
    room_changed: bool,
}

impl Parking {
    pub(super) fn new() -> Self {
        Self {
            calls: BTreeMap::new(),
            bytes: 0,
            next_place: 0,
            until: Agenda::new(),
            by_key: KeyMap::default(),
            changed: BTreeSet::new(),
            room_changed: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether a call may wait, too.
    pub(super) fn has_place_for(&self, call: &ReserveCall, calls_max: usize, bytes_max: usize) -> bool {
        self.calls.len() < calls_max && self.bytes + call.bytes <= bytes_max
    }

    /// When the first wait ends.
    pub(super) fn next_end(&self) -> Option<Duration> {
        self.until.next()
    }

    pub(super) fn add(&mut self, call: ReserveCall, waits_for: WaitsFor, until: Duration) {
        let place = Place(self.next_place);
        self.next_place += 1;
        self.until.set(place, until);
        self.put_back(place, call, waits_for);
    }

    /// Puts a taken call back into its position, with the same end of its wait.
    pub(super) fn put_back(&mut self, place: Place, call: ReserveCall, waits_for: WaitsFor) {
        for (key, _) in &call.chunks {
            self.by_key.entry(key.clone()).or_default().insert(place);
        }
        self.bytes += call.bytes;
        self.calls.insert(place, (call, waits_for));
    }

    /// Takes a call; the end of its wait stays until [`forget`](Self::forget).
    pub(super) fn take(&mut self, place: Place) -> Option<ReserveCall> {
        let (call, _) = self.calls.remove(&place)?;
        self.bytes -= call.bytes;
        for (key, _) in &call.chunks {
            if let Some(places) = self.by_key.get_mut(key) {
                places.remove(&place);
                if places.is_empty() {
                    self.by_key.remove(key);
                }
            }
        }
        Some(call)
    }

    /// The call was answered.
    pub(super) fn forget(&mut self, place: Place) {
        self.until.remove(place);
    }

    /// The caller has disconnected. Returns the call's request, if the call waited.
    pub(super) fn abandon(&mut self, call: CallId) -> Option<(Epoch, RequestId)> {
        let place = self.calls.iter().find(|(_, (parked, _))| parked.call == call).map(|(place, _)| *place)?;
        let call = self.take(place)?;
        self.forget(place);
        Some((call.epoch, call.request))
    }

    /// Room was freed, or can be freed now.
    pub(super) fn room_has_changed(&mut self) {
        self.room_changed = true;
    }

    /// A key is no longer being written, or no longer committed.
    pub(super) fn key_has_changed(&mut self, key: &ObjectKey) {
        if let Some(places) = self.by_key.get(key) {
            self.changed.extend(places);
        }
    }

    /// A request was cancelled.
    pub(super) fn request_has_ended(&mut self, epoch: Epoch, request: RequestId) {
        let its = self.calls.iter().filter(|(_, (call, _))| call.epoch == epoch && call.request == request);
        self.changed.extend(its.map(|(place, _)| *place));
    }

    /// Whether there are calls to be checked again.
    pub(super) fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Every call must be checked again.
    pub(super) fn everything_has_changed(&mut self) {
        self.changed.extend(self.calls.keys());
    }

    /// The bytes that each call needs that waits for room, in order of arrival.
    pub(super) fn needed_room(&self) -> impl Iterator<Item = u64> {
        self.calls.values().filter_map(|(_, waits_for)| match waits_for {
            WaitsFor::Room { needed_bytes } => Some(*needed_bytes),
            WaitsFor::Keys => None,
        })
    }

    /// The calls to be checked again, in order of arrival, each with whether it is its last check.
    pub(super) fn due(&mut self, now: Duration, free_or_evictable_bytes: u64) -> BTreeMap<Place, bool> {
        let mut due: BTreeMap<Place, bool> =
            std::mem::take(&mut self.changed).into_iter().map(|place| (place, false)).collect();
        if std::mem::take(&mut self.room_changed) {
            let fits = |waits_for: &WaitsFor| match waits_for {
                WaitsFor::Room { needed_bytes } => *needed_bytes <= free_or_evictable_bytes,
                WaitsFor::Keys => false,
            };
            let fitting = self.calls.iter().filter(|(_, (_, waits_for))| fits(waits_for));
            due.extend(fitting.map(|(place, _)| (*place, false)));
        }
        while let Some(place) = self.until.pop_due(now) {
            due.insert(place, true);
        }
        due
    }

    /// How many calls of each request wait.
    #[cfg(test)]
    pub(super) fn requests(&self) -> BTreeMap<(Epoch, RequestId), u32> {
        let mut requests = BTreeMap::new();
        for (call, _) in self.calls.values() {
            *requests.entry((call.epoch, call.request)).or_default() += 1;
        }
        requests
    }

    /// Panics if an invariant is violated.
    #[cfg(test)]
    pub(super) fn check_invariants(&self) {
        let named: usize = self.by_key.values().map(BTreeSet::len).sum();
        let chunks = self.calls.values().map(|(call, _)| call.chunks.len());
        assert_eq!(named, chunks.sum::<usize>(), "a call is missing from the index of a key");
        let bytes = self.calls.values().map(|(call, _)| call.bytes);
        assert_eq!(self.bytes, bytes.sum::<usize>(), "the number of bytes is wrong");
        assert!(self.calls.keys().all(|place| self.until.contains(*place)), "a call waits for ever");
    }
}
