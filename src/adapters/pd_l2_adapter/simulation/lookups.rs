//! Checks of lookups: what they find, that they wait for keys that are being written, and that they block no reserve call.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    coverage::Seen,
    memory::{PAGE_BYTES, index_of, pages_of},
    receiver_world::Asked,
    sabotage::Sabotage,
    world::{Event, World},
};
use crate::{
    adapter::{Bitmap, ObjectKey},
    adapters::pd_l2_adapter::{
        protocol::SlotTicket,
        receiver::{LookupId, LookupWaits},
    },
};

impl World {
    /// Checks a lookup that is answered during a turn: it finds exactly the committed keys.
    pub(super) fn check_found(&mut self, lookup: LookupId, found: &Bitmap) {
        let reading = self.readings.get(&lookup.0);
        if self.options.sabotage == Some(Sabotage::LookupsDoNotWait) && reading.is_none_or(|it| it.is_answered) {
            return;
        }
        let Some(reading) = reading else { panic!("law: {lookup:?} is answered twice") };
        let since = self.receiver.batched_since.unwrap_or(self.now);
        for (position, index) in reading.keys.iter().map(index_of).enumerate() {
            let is_found = found.test(position) || self.options.sabotage == Some(Sabotage::FindEverything);
            // A chunk may have been stored, or found to be corrupt, only after the lookup. A found chunk is locked, so it is not
            // evicted or deleted.
            let is_right = if is_found {
                let was_condemned = self.options.checksum && self.visibility.could_be_found_since(index, since);
                self.visibility.contains(index) || was_condemned
            } else {
                !self.visibility.contains_since(index, since)
            };
            assert!(is_right, "visibility: key {index} was found: {is_found}, which is wrong");
        }
    }

    /// Checks, after the turn, that no lookup was answered too early. `written` has the slots that were reserved before the turn,
    /// with their keys.
    pub(super) fn lookup_is_answered(
        &mut self,
        lookup: LookupId,
        found: Bitmap,
        written: &BTreeMap<SlotTicket, usize>,
    ) {
        let waits = self.receiver.machine().map(|machine| machine.status().counters.lookup_waits).unwrap_or_default();
        let before = std::mem::replace(&mut self.receiver.lookup_waits, waits);
        let is_ignored = match self.options.sabotage {
            Some(Sabotage::LookupsKeepRoom) => waits.room > before.room,
            // It was answered earlier.
            Some(Sabotage::LookupsDoNotWait) => self.readings.get(&lookup.0).is_none_or(|reading| reading.is_answered),
            _ => false,
        };
        if is_ignored {
            return;
        }
        self.note_wait(&before, &waits);
        let Some(reading) = self.readings.get_mut(&lookup.0) else { panic!("law: {lookup:?} is answered twice") };
        assert!(!std::mem::replace(&mut reading.is_answered, true), "law: {lookup:?} is answered twice");
        let keys: Vec<usize> = reading.keys.iter().map(index_of).collect();
        let is_early = |world: &Self, position: usize, index: usize| {
            // Only slots that were reserved all the time: a newer one may have been reserved after the lookup.
            let still = |ticket: &SlotTicket| world.receiver.reserved.contains_key(ticket);
            let is_written = written.iter().any(|(ticket, key)| *key == index && still(ticket));
            !found.test(position) && world.options.lookup_wait > 0 && is_written
        };
        // In a closing receiver no lookup waits.
        if !self.receiver.is_closing
            && keys.iter().enumerate().any(|(position, index)| is_early(self, position, *index))
        {
            // Several lookups may have been answered at once, and counted before this one.
            self.receiver.early_answers += 1;
            let given_up = waits.write_ended + waits.too_long + waits.room + waits.closed;
            assert!(
                self.receiver.early_answers <= given_up,
                "lookups: {lookup:?} is answered while a key is being written"
            );
        }
        (0..keys.len()).for_each(|position| self.see(if found.test(position) { Seen::Hit } else { Seen::Miss }));
        self.after(0, Event::LookedUp { process: self.receiver.process, reading: lookup.0, found });
    }

    fn note_wait(&mut self, before: &LookupWaits, after: &LookupWaits) {
        let seen = [
            (after.whole > before.whole, Seen::LookupWhole),
            (after.unannounced > before.unannounced, Seen::LookupUnannounced),
            (after.write_ended > before.write_ended, Seen::LookupLostWrite),
            (after.too_long > before.too_long, Seen::LookupTooLong),
            (after.room > before.room, Seen::LookupMadeWay),
            (after.closed > before.closed, Seen::LookupClosed),
        ];
        seen.into_iter().filter(|(has_happened, _)| *has_happened).for_each(|(_, what)| self.see(what));
    }

    /// To be called after deadlines were handled.
    pub(super) fn check_lookups_are_in_time(&self, now: Duration) {
        for (number, reading) in self.readings.iter().filter(|(_, reading)| !reading.is_answered) {
            assert!(reading.until > now, "lookups: {number} is open at {now:?}, after its end {:?}", reading.until);
        }
    }

    /// No reserve call waits for room that only waiting lookups can release.
    pub(super) fn check_room(&self) {
        let (waiting, served): (Vec<_>, Vec<_>) = self.readings.values().partition(|reading| !reading.is_answered);
        if waiting.is_empty() {
            return;
        }
        let served: BTreeSet<&ObjectKey> = served.into_iter().flat_map(|reading| &reading.keys).collect();
        let held: BTreeSet<&ObjectKey> = waiting.into_iter().flat_map(|reading| &reading.keys).collect();
        let is_held = |key: &&&ObjectKey| !served.contains(*key) && self.visibility.contains(index_of(key));
        let bytes_of = |key: &ObjectKey| pages_of(index_of(key)) * PAGE_BYTES;
        let held_bytes: u64 = held.iter().filter(is_held).map(|key| bytes_of(key)).sum();
        let capacity_bytes = self.receiver.memory.len() as u64 * PAGE_BYTES;
        for call in self.receiver.calls.values() {
            let Asked::Reserve(request) = &call.asked else { continue };
            let keys = request.chunks.iter().map(|chunk| &chunk.key);
            let is_missing =
                |key: &&ObjectKey| !self.visibility.contains(index_of(key)) && !self.is_written(index_of(key));
            let needed_bytes: u64 = keys.filter(is_missing).map(bytes_of).sum();
            assert!(
                held_bytes == 0 || needed_bytes + held_bytes <= capacity_bytes,
                "room: a reserve call waits for {needed_bytes} bytes, and waiting lookups hold {held_bytes}"
            );
        }
    }

    /// Whether a slot of the key is reserved.
    pub(super) fn is_written(&self, index: usize) -> bool {
        self.receiver.reserved.values().any(|key| *key == index)
    }
}
