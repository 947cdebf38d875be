//! What is watched of look-ups: what they find, that they wait for what is being written, and that they hold up nobody.

use std::{collections::BTreeSet, time::Duration};

use super::{
    coverage::Seen,
    memory::{PAGE_BYTES, index_of, pages_of},
    sabotage::Sabotage,
    world::{Event, World},
};
use crate::{
    adapter::{Bitmap, ObjectKey},
    adapters::pd_l2_adapter::receiver::{LookupId, LookupWaits, ReceiverMachine},
};

impl World {
    /// The receiver answers a look-up.
    pub(super) fn lookup_is_answered(&mut self, lookup: LookupId, found: Bitmap) {
        let waits = |machine: &ReceiverMachine| machine.status().counters.lookup_waits;
        let waits = self.receiver.machine.as_ref().map(waits).unwrap_or_default();
        let before = std::mem::replace(&mut self.receiver.lookup_waits, waits);
        let is_ignored = match self.options.sabotage {
            Some(Sabotage::LookupsKeepRoom) => waits.room > before.room,
            // It was answered before.
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
            !found.test(position) && world.options.lookup_wait > 0 && world.is_written(index)
        };
        if keys.iter().enumerate().any(|(position, index)| is_early(self, position, *index)) {
            // Several may have been answered at once, and counted before.
            self.receiver.early_answers += 1;
            let given_up = waits.write_ended + waits.too_long + waits.room + waits.closed;
            assert!(
                self.receiver.early_answers <= given_up,
                "look-ups: {lookup:?} is answered while a key is being written"
            );
        }
        for (position, index) in keys.into_iter().enumerate() {
            let is_found = found.test(position) || self.options.sabotage == Some(Sabotage::FindEverything);
            let is_visible = self.visibility.contains(index);
            assert_eq!(is_found, is_visible, "visibility: whether key {index} is found, and whether it is there");
            self.see(if is_found { Seen::Hit } else { Seen::Miss });
        }
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

    /// After deadlines were handled.
    pub(super) fn check_lookups_are_in_time(&self, now: Duration) {
        for (number, reading) in self.readings.iter().filter(|(_, reading)| !reading.is_answered) {
            assert!(reading.until > now, "look-ups: {number} is open at {now:?}, after its end {:?}", reading.until);
        }
    }

    /// No reserve call waits for what can only come from look-ups that wait.
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
        for (_, _, request) in self.receiver.calls.values() {
            let keys = request.chunks.iter().map(|chunk| &*chunk.key);
            let is_missing =
                |key: &&ObjectKey| !self.visibility.contains(index_of(key)) && !self.is_written(index_of(key));
            let needed_bytes: u64 = keys.filter(is_missing).map(bytes_of).sum();
            assert!(
                held_bytes == 0 || needed_bytes + held_bytes <= capacity_bytes,
                "room: a reserve call waits for {needed_bytes} bytes, and look-ups that wait hold {held_bytes}"
            );
        }
    }

    /// Whether a slot of the key is reserved.
    fn is_written(&self, index: usize) -> bool {
        let of_key = self.receiver.granted.iter().filter(|(_, (_, key))| *key == index);
        of_key.into_iter().any(|(ticket, _)| self.receiver.state_of(*ticket) == Some("reserved"))
    }
}
