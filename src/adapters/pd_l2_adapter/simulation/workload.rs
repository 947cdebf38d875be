//! What the servers on both sides want: chunks stored, looked up, loaded, unlocked and deleted.

use std::time::Duration;

use super::{
    clock::MILLISECOND,
    coverage::Seen,
    memory::{index_of, key, length_of, tags_of},
    sabotage::Sabotage,
    sender_node::STORE_DEADLINE,
    transfers::arena_offset,
    world::{Event, Process, World},
};
use crate::{
    adapter::{Bitmap, ObjectKey, TaskId},
    adapters::pd_l2_adapter::{
        protocol::SlotTicket,
        receiver::{LoadGrant, LoadOutcome, LookupId, WantedLayouts},
        sender::{ChunkSource, ChunkToStore, SenderStatus},
    },
};

/// Keys that a server looks up and copies.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) keys: Vec<ObjectKey>,
    /// Whether what is found is copied.
    loads: bool,
    /// When the look-up is answered at the latest, by the receiver's clock.
    pub(super) until: Duration,
    pub(super) is_answered: bool,
    /// The server has seen the answer.
    is_taken: bool,
    grants: Vec<(usize, LoadGrant)>,
    copies_left: usize,
    /// All of them were found and are what was stored.
    pub(super) is_whole: bool,
}

impl Reading {
    fn new(keys: Vec<ObjectKey>, loads: bool, until: Duration) -> Self {
        let (is_answered, is_taken, is_whole, grants, copies_left) = (false, false, false, Vec::new(), 0);
        Self { keys, loads, until, is_answered, is_taken, grants, copies_left, is_whole }
    }

    fn is_copied(&self) -> bool {
        self.is_taken && self.copies_left == 0
    }
}

impl World {
    pub(super) fn submit_some_task(&mut self) {
        if !self.has_faults {
            return;
        }
        let delay = self.random.workload.u64(1..=2 * self.options.task_interval);
        self.after(delay, Event::Submit);
        let sender = self.random.workload.usize(..self.options.senders);
        let count = self.random.workload.usize(1..=4);
        let keys = (0..count).map(|_| self.random.workload.usize(..self.options.keys)).collect();
        self.submit(sender, keys);
    }

    pub(super) fn submit(&mut self, sender: usize, keys: Vec<usize>) {
        let node = &mut self.senders[sender];
        // A stopped process submits nothing either.
        if node.machine.is_none() || node.frozen_until > self.now {
            return;
        }
        let task = TaskId(node.next_task);
        node.next_task += 1;
        let arena = self.options.arena;
        let chunks = keys.iter().map(|index| ChunkToStore {
            key: key(*index).into(),
            length_bytes: length_of(*index),
            layout: None,
            source: match arena {
                true => ChunkSource::Arena { offset_bytes: arena_offset(*index) },
                false => ChunkSource::Caller,
            },
        });
        let chunks = chunks.collect();
        let deadline = node.clock.read(self.now) + STORE_DEADLINE;
        node.tasks.submitted(task, keys, self.now, deadline);
        self.tell_sender(sender, |machine, now| machine.submit_store(now, task, chunks));
    }

    pub(super) fn read_something(&mut self) {
        if !self.has_faults {
            return;
        }
        let delay = self.random.workload.u64(1..=2 * self.options.read_interval);
        self.after(delay, Event::Read);
        let count = self.random.workload.usize(1..=3);
        let keys: Vec<usize> = (0..count).map(|_| self.random.workload.usize(..self.options.keys)).collect();
        match self.random.workload.u8(..10) {
            0 => self.delete(&keys),
            chance => {
                self.read(&keys, chance > 1);
            }
        }
    }

    fn delete(&mut self, keys: &[usize]) {
        let names: Vec<ObjectKey> = keys.iter().map(|index| key(*index)).collect();
        let before = self.visibility.footprint_bytes();
        self.tell_receiver(|machine, now, _| machine.delete(now, &names));
        if self.visibility.footprint_bytes() < before {
            self.see(Seen::Deleted);
        }
    }

    /// Looks keys up. What is found is copied when the look-up is answered, and let go of.
    pub(super) fn read(&mut self, keys: &[usize], loads: bool) -> Option<u64> {
        let names: Vec<ObjectKey> = keys.iter().map(|index| key(*index)).collect();
        self.receiver.machine.as_ref()?;
        let number = self.next_reading;
        self.next_reading += 1;
        let until = self.receiver.clock.read(self.now) + Duration::from_micros(self.options.lookup_wait);
        self.readings.insert(number, Reading::new(names.clone(), loads, until));
        self.tell_receiver(|machine, now, _| {
            machine.handle_lookup(now, LookupId(number), names, WantedLayouts::default())
        });
        if self.options.sabotage == Some(Sabotage::LookupsDoNotWait) && self.is_unanswered(number) {
            let found = keys.iter().map(|index| self.visibility.contains(*index)).collect();
            self.lookup_is_answered(LookupId(number), found);
        }
        Some(number)
    }

    fn is_unanswered(&self, number: u64) -> bool {
        self.readings.get(&number).is_some_and(|reading| !reading.is_answered)
    }

    /// The server takes the result, and then loads.
    pub(super) fn looked_up(&mut self, process: Process, number: u64, found: &Bitmap) {
        if self.receiver.process != process {
            return;
        }
        let Some(reading) = self.readings.get(&number) else { return };
        let (names, loads) = (reading.keys.clone(), reading.loads);
        let mut grants = Vec::new();
        for (_, name) in names.iter().enumerate().filter(|(position, _)| loads && found.test(*position)) {
            let length_bytes = length_of(index_of(name));
            let grant = self.tell_receiver(|machine, now, _| machine.begin_load(now, name, length_bytes)).flatten();
            match grant {
                Some(grant) => grants.push((index_of(name), grant)),
                // Another reader has found it to be corrupt since.
                None => {
                    assert!(!self.visibility.contains(index_of(name)), "visibility: {name} is locked, and not lent")
                }
            }
        }
        for place in 0..grants.len() {
            self.see(Seen::Lent);
            let delay = self.random.workload.u64(10..30 * MILLISECOND);
            self.after(delay, Event::Copied { process, reading: number, place });
        }
        if grants.is_empty() {
            let delay = self.random.workload.u64(10..100 * MILLISECOND);
            self.after(delay, Event::Unlock { process, reading: number });
        }
        let Some(reading) = self.readings.get_mut(&number) else { return };
        reading.is_whole = found.count() == names.len();
        reading.copies_left = grants.len();
        reading.grants = grants;
        reading.is_taken = true;
    }

    pub(super) fn copied(&mut self, process: Process, number: u64, place: usize) {
        if self.receiver.process != process {
            return;
        }
        let Some((index, grant)) = self.readings.get(&number).map(|reading| reading.grants[place]) else { return };
        let outcome = self.copy(index, &grant);
        self.tell_receiver(|machine, now, _| machine.end_load(now, grant.ticket, outcome));
        self.note_condemned(grant.ticket, index, outcome);
        let Some(reading) = self.readings.get_mut(&number) else { return };
        reading.is_whole &= outcome == LoadOutcome::Copied;
        reading.copies_left -= 1;
        if reading.copies_left == 0 {
            let delay = self.random.workload.u64(10..20 * MILLISECOND);
            self.after(delay, Event::Unlock { process, reading: number });
        }
    }

    /// Reads what was lent, as the server's thread does: the bytes are those that were stored, or a checksum says that they
    /// are not.
    fn copy(&mut self, index: usize, grant: &LoadGrant) -> LoadOutcome {
        self.tenancies.check_quiet(grant.offset_bytes, length_of(index), grant.ticket);
        let pages = self.receiver.memory.len() as u64;
        let elsewhere = (grant.offset_bytes / super::memory::PAGE_BYTES + 1) % pages * super::memory::PAGE_BYTES;
        let is_sabotaged = self.options.sabotage == Some(Sabotage::LoadFromElsewhere);
        if is_sabotaged && super::memory::pages(elsewhere, length_of(index)).end <= self.receiver.memory.len() {
            assert_eq!(self.receiver.memory.read(elsewhere, length_of(index)), tags_of(index), "bytes: of key {index}");
        }
        let tags = self.receiver.memory.read(grant.offset_bytes, length_of(index));
        let is_intact = grant.checksum.is_none_or(|checksum| checksum == super::memory::checksum(tags));
        if !is_intact {
            self.see(Seen::CorruptLoad);
            return LoadOutcome::Corrupt;
        }
        assert_eq!(tags, tags_of(index), "bytes: key {index} is handed out with other bytes than were stored");
        if self.random.workload.u8(..20) == 0 {
            return LoadOutcome::Abandoned;
        }
        self.see(Seen::Loaded);
        LoadOutcome::Copied
    }

    /// A chunk found to be corrupt is gone at once, though others may still copy it.
    fn note_condemned(&mut self, ticket: SlotTicket, index: usize, outcome: LoadOutcome) {
        if self.receiver.state_of(ticket).is_none() {
            self.receiver.condemned.remove(&ticket);
        } else if outcome == LoadOutcome::Corrupt {
            self.see(Seen::Condemned);
            self.receiver.condemned.insert(ticket, index);
        }
    }

    pub(super) fn unlock(&mut self, process: Process, number: u64) {
        if self.receiver.process != process {
            return;
        }
        if let Some(reading) = self.readings.remove(&number) {
            self.tell_receiver(|machine, now, _| machine.unlock(now, &reading.keys));
        }
    }

    /// When all is drained, every sender that lives can store a chunk, and it can be loaded.
    pub(super) fn probe(&mut self) {
        for sender in 0..self.options.senders {
            let is_heard = |status: SenderStatus| !self.options.one_name || status.is_connected;
            if !self.senders[sender].machine.as_ref().is_some_and(|machine| is_heard(machine.status())) {
                continue;
            }
            let index = sender % self.options.keys;
            self.submit(sender, vec![index]);
            let until = self.now + 5000 * MILLISECOND;
            while !self.senders[sender].tasks.is_empty() && self.now < until {
                self.step();
            }
            // Where all go by one name, another one may have taken it meanwhile.
            let machine = self.senders[sender].machine.as_ref();
            let lost_its_name = self.options.one_name && !machine.is_some_and(|machine| machine.status().is_connected);
            let is_stored = self.visibility.contains(index);
            assert!(is_stored || lost_its_name, "drain: sender {sender} cannot store a chunk any more");
            if !is_stored {
                continue;
            }
            let Some(number) = self.read(&[index], true) else { panic!("drain: there is no receiver any more") };
            while self.readings.get(&number).is_some_and(|reading| !reading.is_copied()) {
                self.step();
            }
        }
    }
}
