//! Reserve calls that wait: for room, or for other requests that are writing the same keys. Each is looked at again when what
//! it waits for has changed, so that a busy receiver does not go through all of them with every call.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
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

/// A reserve call, its keys ready to be kept.
#[derive(Debug)]
pub(super) struct ReserveCall {
    pub(super) call: CallId,
    pub(super) epoch: Epoch,
    pub(super) request: RequestId,
    pub(super) destination: Destination,
    pub(super) chunks: Vec<(Arc<ObjectKey>, u64)>,
    /// What it takes while it waits.
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

/// What would help a call that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitsFor {
    /// So many bytes that are free, or can be made so; or a change of one of its keys.
    Room { needed_bytes: u64 },
    /// All its keys are being written: the end of one of these writes.
    Keys,
}

/// A place in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

/// The calls that wait, in order of arrival.
#[derive(Debug)]
pub(super) struct Parking {
    calls: BTreeMap<Place, (ReserveCall, WaitsFor)>,
    /// What they take together.
    bytes: usize,
    next_place: u64,
    until: Agenda<Place>,
    /// Calls that name a key.
    by_key: KeyMap<BTreeSet<Place>>,
    /// To be looked at again, whatever they wait for.
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

    /// Whether a call may wait with the others.
    pub(super) fn has_place_for(&self, call: &ReserveCall, calls_max: usize, bytes_max: usize) -> bool {
        self.calls.len() < calls_max && self.bytes + call.bytes <= bytes_max
    }

    /// When the first wait is over.
    pub(super) fn next_end(&self) -> Option<Duration> {
        self.until.next()
    }

    pub(super) fn add(&mut self, call: ReserveCall, waits_for: WaitsFor, until: Duration) {
        let place = Place(self.next_place);
        self.next_place += 1;
        self.until.set(place, until);
        self.put_back(place, call, waits_for);
    }

    /// A call that was taken goes on waiting, in its place and until the same moment.
    pub(super) fn put_back(&mut self, place: Place, call: ReserveCall, waits_for: WaitsFor) {
        for (key, _) in &call.chunks {
            self.by_key.entry(Arc::clone(key)).or_default().insert(place);
        }
        self.bytes += call.bytes;
        self.calls.insert(place, (call, waits_for));
    }

    /// Takes a call; it keeps the end of its wait until [`forget`](Self::forget).
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

    /// The caller has hung up. Of which request the call was, if it waited.
    pub(super) fn abandon(&mut self, call: CallId) -> Option<(Epoch, RequestId)> {
        let place = self.calls.iter().find(|(_, (parked, _))| parked.call == call).map(|(place, _)| *place)?;
        let call = self.take(place)?;
        self.forget(place);
        Some((call.epoch, call.request))
    }

    /// Something was freed, or can be now.
    pub(super) fn room_has_changed(&mut self) {
        self.room_changed = true;
    }

    /// A key is no longer being written, or no longer there.
    pub(super) fn key_has_changed(&mut self, key: &ObjectKey) {
        if let Some(places) = self.by_key.get(key) {
            self.changed.extend(places);
        }
    }

    /// A request was given up.
    pub(super) fn request_has_ended(&mut self, epoch: Epoch, request: RequestId) {
        let its = self.calls.iter().filter(|(_, (call, _))| call.epoch == epoch && call.request == request);
        self.changed.extend(its.map(|(place, _)| *place));
    }

    /// Whether calls are to be looked at again that nobody has looked at since.
    pub(super) fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Much has changed.
    pub(super) fn everything_has_changed(&mut self) {
        self.changed.extend(self.calls.keys());
    }

    /// How many bytes each of the calls needs that wait for room, in order of arrival.
    pub(super) fn needed_room(&self) -> impl Iterator<Item = u64> {
        self.calls.values().filter_map(|(_, waits_for)| match waits_for {
            WaitsFor::Room { needed_bytes } => Some(*needed_bytes),
            WaitsFor::Keys => None,
        })
    }

    /// Which calls are to be looked at again, in order of arrival, and which of them for the last time.
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

    /// Panics where an invariant is broken.
    #[cfg(test)]
    pub(super) fn check_invariants(&self) {
        let named: usize = self.by_key.values().map(BTreeSet::len).sum();
        let chunks = self.calls.values().map(|(call, _)| call.chunks.len());
        assert_eq!(named, chunks.sum::<usize>(), "a call waits for a key unseen");
        let bytes = self.calls.values().map(|(call, _)| call.bytes);
        assert_eq!(self.bytes, bytes.sum::<usize>(), "bytes are counted wrongly");
        assert!(self.calls.keys().all(|place| self.until.contains(*place)), "a call waits for ever");
    }
}
