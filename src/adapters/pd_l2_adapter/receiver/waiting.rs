//! Waiting lookups: for keys that are being written, and, in a short grace period, for keys that no sender has announced yet.
//!
//! A row is the keys of one lookup with the same `kv_rank` and object group, in the order of the call. It waits while one of
//! its keys is being written, and while the first of its keys that is neither committed nor being written is in grace. Two
//! events end its wait: a write that ends without a commit, unless another sender has taken the key over, and the end of the
//! grace period.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{KeyMap, WantedLayouts, waiting_key_bytes};
use crate::{
    adapter::ObjectKey,
    adapters::pd_l2_adapter::{
        agenda::Agenda,
        protocol::{LayoutFingerprint, SlotTicket},
    },
};

/// Identifies a lookup, for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LookupId(pub(crate) u64);

/// A position in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

/// Why the wait of a lookup ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitEnd {
    /// All its keys are committed.
    Whole,
    /// No sender announced a key in the grace period.
    Unannounced,
    /// The write of a key ended without a commit.
    WriteEnded,
    /// A key was committed with another layout than the lookup expects.
    OtherLayout,
    /// It reached the longest wait allowed.
    TooLong,
    /// A reserve call needed the room of its chunks.
    Room,
    /// The receiver closed.
    Closed,
}

/// Keys of one `kv_rank` and object group that were missing when they were last looked up.
#[derive(Debug)]
struct Row {
    name: (u32, u32),
    /// In the order of the call, each once.
    missing: Vec<ObjectKey>,
}

/// A missing key of a lookup.
#[derive(Debug, Default)]
struct Missing {
    /// Its positions in the call.
    positions: Vec<usize>,
    /// Whether its write has ended without a commit since it was last looked up.
    write_has_ended: bool,
}

/// A waiting lookup. It holds a lock on each chunk that it has found.
#[derive(Debug)]
pub(super) struct WaitingLookup {
    pub(super) lookup: LookupId,
    /// The found slots, by position in the call.
    pub(super) found: Vec<Option<SlotTicket>>,
    layouts: WantedLayouts,
    missing: KeyMap<Missing>,
    /// The rows that still wait.
    rows: Vec<Row>,
    pub(super) since: Duration,
    until: Duration,
    grace_until: Duration,
    /// One of its rows waits only in grace.
    uses_grace: bool,
    /// Why the first of its rows stopped waiting.
    given_up: Option<WaitEnd>,
    /// Its memory while it waits, with all its keys.
    pub(super) bytes: usize,
}

impl WaitingLookup {
    pub(super) fn new(
        (lookup, layouts): (LookupId, WantedLayouts),
        keys: Vec<ObjectKey>,
        found: Vec<Option<SlotTicket>>,
        since: Duration,
    ) -> Self {
        let bytes = keys.iter().map(waiting_key_bytes).sum();
        let mut missing = KeyMap::<Missing>::default();
        let mut rows: Vec<Row> = Vec::new();
        for (position, key) in keys.into_iter().enumerate().filter(|(position, _)| found[*position].is_none()) {
            if let Some(repeated) = missing.get_mut(&key) {
                repeated.positions.push(position);
                continue;
            }
            let name = row_name(&key);
            missing.insert(key.clone(), Missing { positions: vec![position], ..Missing::default() });
            match rows.iter_mut().find(|row| row.name == name) {
                Some(row) => row.missing.push(key),
                None => rows.push(Row { name, missing: vec![key] }),
            }
        }
        let (until, grace_until) = (Duration::MAX, Duration::ZERO);
        let (uses_grace, given_up) = (false, None);
        Self { lookup, found, layouts, missing, rows, since, until, grace_until, uses_grace, given_up, bytes }
    }

    pub(super) fn wait_until(self, until: Duration, grace_until: Duration) -> Self {
        Self { until, grace_until, ..self }
    }

    /// A key was committed with another layout: its row stops waiting.
    pub(super) fn refuse(&mut self, key: &ObjectKey) {
        self.give_up_row_of(key, WaitEnd::OtherLayout);
    }

    fn give_up_row_of(&mut self, key: &ObjectKey, why: WaitEnd) {
        self.rows.retain(|row| row.name != row_name(key));
        self.given_up.get_or_insert(why);
    }

    /// A key was committed: the grace period of the missing keys starts again.
    fn find(&mut self, key: &ObjectKey, ticket: SlotTicket, grace_until: Duration) {
        for position in self.missing.remove(key).unwrap_or_default().positions {
            self.found[position] = Some(ticket);
        }
        self.grace_until = grace_until;
    }

    /// A chunk was lost. Whether the lookup had found it.
    fn lose(&mut self, key: &ObjectKey, ticket: SlotTicket) -> bool {
        let found = self.found.iter_mut().enumerate().filter(|(_, found)| **found == Some(ticket));
        let positions: Vec<usize> = found.map(|(position, found)| (*found = None, position).1).collect();
        let had_it = !positions.is_empty();
        if had_it {
            self.missing.insert(key.clone(), Missing { positions, ..Missing::default() });
            self.give_up_row_of(key, WaitEnd::WriteEnded);
        }
        had_it
    }

    /// The write of a key has ended without a commit.
    fn write_has_ended(&mut self, key: &ObjectKey) {
        if let Some(missing) = self.missing.get_mut(key) {
            missing.write_has_ended = true;
        }
    }

    /// Looks the missing keys up again. Returns why the lookup stops waiting, if it does. Rows that wait for nothing any more
    /// are dropped.
    fn look_again(
        &mut self,
        now: Duration,
        has_grace: bool,
        is_written: impl Fn(&ObjectKey) -> bool,
    ) -> Option<WaitEnd> {
        let has_grace = has_grace && now < self.grace_until;
        self.uses_grace = false;
        self.rows.retain_mut(|row| {
            let mut is_given_up = false;
            row.missing.retain(|key| {
                let Some(missing) = self.missing.get_mut(key) else { return false };
                // Another sender may be writing the key by now.
                is_given_up |= std::mem::take(&mut missing.write_has_ended) && !is_written(key);
                true
            });
            if is_given_up {
                self.given_up.get_or_insert(WaitEnd::WriteEnded);
            }
            !is_given_up && !row.missing.is_empty()
        });
        let rows = self.rows.len();
        self.rows.retain(|row| {
            // After the grace period the row only waits for keys that are being written, wherever they are in the row.
            let waits_for = if has_grace { &row.missing[..1] } else { &row.missing[..] };
            let waits = waits_for.iter().any(&is_written);
            self.uses_grace |= has_grace && !waits;
            waits || has_grace
        });
        if self.rows.len() < rows {
            self.given_up.get_or_insert(WaitEnd::Unannounced);
        }
        match now >= self.until {
            _ if self.rows.is_empty() => Some(self.given_up.unwrap_or(WaitEnd::Whole)),
            true => Some(WaitEnd::TooLong),
            false => None,
        }
    }

    fn look_again_at(&self) -> Duration {
        if self.uses_grace { self.until.min(self.grace_until) } else { self.until }
    }
}

fn row_name(key: &ObjectKey) -> (u32, u32) {
    (key.kv_rank(), key.object_group_id())
}

/// The waiting lookups, in order of arrival.
#[derive(Debug)]
pub(super) struct Waiting {
    lookups: BTreeMap<Place, WaitingLookup>,
    /// Their memory in total.
    bytes: usize,
    next_place: u64,
    until: Agenda<Place>,
    /// The lookups that miss a key.
    by_key: KeyMap<BTreeSet<Place>>,
    /// Lookups to be checked again.
    changed: BTreeSet<Place>,
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self {
            lookups: BTreeMap::new(),
            bytes: 0,
            next_place: 0,
            until: Agenda::new(),
            by_key: KeyMap::default(),
            changed: BTreeSet::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lookups.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many of them wait only in grace.
    pub(super) fn in_grace(&self) -> usize {
        self.lookups.values().filter(|lookup| lookup.uses_grace).count()
    }

    /// When the first of them must be checked again.
    pub(super) fn next_look(&self) -> Option<Duration> {
        self.until.next()
    }

    /// Adds a lookup, unless there is nothing to wait for: then it is returned.
    pub(super) fn add(
        &mut self,
        mut lookup: WaitingLookup,
        now: Duration,
        in_grace_max: usize,
        is_written: impl Fn(&ObjectKey) -> bool,
    ) -> Result<(), WaitingLookup> {
        if lookup.look_again(now, self.in_grace() < in_grace_max, is_written).is_some() {
            return Err(lookup);
        }
        let place = Place(self.next_place);
        self.next_place += 1;
        for key in lookup.missing.keys() {
            self.by_key.entry(key.clone()).or_default().insert(place);
        }
        self.until.set(place, lookup.look_again_at());
        self.bytes += lookup.bytes;
        self.lookups.insert(place, lookup);
        Ok(())
    }

    /// A chunk was committed: every lookup that waits for it has found it, unless it expects another layout. Returns how many
    /// have found it, and how many of them were waiting for it.
    pub(super) fn key_is_there(
        &mut self,
        key: &ObjectKey,
        (ticket, layout, length_bytes): (SlotTicket, Option<LayoutFingerprint>, u64),
        grace_until: Duration,
    ) -> (u32, u32) {
        let (mut finds, mut refusals) = (0, 0);
        for place in self.by_key.remove(key).unwrap_or_default() {
            let Some(lookup) = self.lookups.get_mut(&place) else { continue };
            self.changed.insert(place);
            if lookup.layouts.are_met_by(key, layout, length_bytes) {
                lookup.find(key, ticket, grace_until);
                finds += 1;
            } else {
                lookup.refuse(key);
                self.by_key.entry(key.clone()).or_default().insert(place);
                refusals += 1;
            }
        }
        (finds, refusals)
    }

    /// A locked chunk is lost: its bytes were wrong. Lookups that had found it may find the key again, and do not wait for it
    /// any more.
    pub(super) fn chunk_is_lost(&mut self, key: &ObjectKey, ticket: SlotTicket) {
        for (place, lookup) in &mut self.lookups {
            if lookup.lose(key, ticket) {
                self.by_key.entry(key.clone()).or_default().insert(*place);
                self.changed.insert(*place);
            }
        }
    }

    /// A key is being written: it needs no grace.
    pub(super) fn key_is_being_written(&mut self, key: &ObjectKey) {
        self.changed.extend(self.by_key.get(key).into_iter().flatten());
    }

    /// The write of a key has ended without a commit.
    pub(super) fn write_has_ended(&mut self, key: &ObjectKey) {
        for place in self.by_key.get(key).into_iter().flatten() {
            if let Some(lookup) = self.lookups.get_mut(place) {
                lookup.write_has_ended(key);
            }
            self.changed.insert(*place);
        }
    }

    /// Removes and returns the lookups that stop waiting, in order of arrival.
    pub(super) fn take_ended(
        &mut self,
        now: Duration,
        in_grace_max: usize,
        is_written: impl Fn(&ObjectKey) -> bool,
    ) -> Vec<(WaitingLookup, WaitEnd)> {
        while let Some(place) = self.until.pop_due(now) {
            self.changed.insert(place);
        }
        let mut ended = Vec::new();
        let mut in_grace = self.in_grace();
        for place in std::mem::take(&mut self.changed) {
            let Some(lookup) = self.lookups.get_mut(&place) else { continue };
            in_grace -= usize::from(lookup.uses_grace);
            let has_grace = in_grace < in_grace_max;
            let end = lookup.look_again(now, has_grace, &is_written);
            in_grace += usize::from(end.is_none() && lookup.uses_grace);
            match end {
                Some(end) => ended.extend(self.take(place).map(|lookup| (lookup, end))),
                None => self.until.set(place, lookup.look_again_at()),
            }
        }
        ended
    }

    /// Removes and returns the oldest lookup that satisfies a condition.
    pub(super) fn take_oldest(&mut self, is_meant: impl Fn(&WaitingLookup) -> bool) -> Option<WaitingLookup> {
        let place = self.lookups.iter().find(|(_, lookup)| is_meant(lookup)).map(|(place, _)| *place)?;
        self.take(place)
    }

    fn take(&mut self, place: Place) -> Option<WaitingLookup> {
        let lookup = self.lookups.remove(&place)?;
        self.bytes -= lookup.bytes;
        self.until.remove(place);
        for key in lookup.missing.keys() {
            if let Some(places) = self.by_key.get_mut(key) {
                places.remove(&place);
                if places.is_empty() {
                    self.by_key.remove(key);
                }
            }
        }
        Some(lookup)
    }

    /// The locks that waiting lookups hold, by slot.
    #[cfg(test)]
    pub(super) fn locks(&self) -> BTreeMap<SlotTicket, u32> {
        let mut locks = BTreeMap::new();
        for lookup in self.lookups.values() {
            for ticket in lookup.found.iter().flatten().collect::<BTreeSet<_>>() {
                *locks.entry(*ticket).or_default() += 1;
            }
        }
        locks
    }

    /// Panics if an invariant is violated.
    #[cfg(test)]
    pub(super) fn check_invariants(&self) {
        let named: usize = self.by_key.values().map(BTreeSet::len).sum();
        let missing = self.lookups.values().map(|lookup| lookup.missing.len());
        assert_eq!(named, missing.sum::<usize>(), "a lookup is missing from the index of a key");
        let bytes = self.lookups.values().map(|lookup| lookup.bytes);
        assert_eq!(self.bytes, bytes.sum::<usize>(), "the number of bytes is wrong");
        assert!(self.lookups.keys().all(|place| self.until.contains(*place)), "a lookup waits for ever");
        assert!(self.lookups.values().all(|lookup| !lookup.rows.is_empty()), "a lookup waits for nothing");
    }
}
