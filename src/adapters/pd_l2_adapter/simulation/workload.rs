//! The work of the servers on both sides: chunks are stored, looked up, loaded, unlocked and deleted.

use std::{ops::Range, time::Duration};

use super::{
    clock::MILLISECOND,
    coverage::Seen,
    memory::{PAGE_BYTES, index_of, key, length_of, pages_of, tags_of},
    sabotage::Sabotage,
    sender_world::STORE_DEADLINE,
    transfers::arena_offset,
    world::{Event, Process, World},
};
use crate::{
    adapter::{Bitmap, ObjectKey, TaskId},
    adapters::pd_l2_adapter::{
        driver::{LoadId, NotLent, ReceiverEvent, SenderEvent},
        receiver::{LookupId, WantedLayouts},
        sender::{ChunkSource, ChunkToStore, SenderStatus},
    },
};

/// Keys that a server looks up and may load.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) keys: Vec<ObjectKey>,
    /// Whether found keys are loaded.
    loads: bool,
    /// When the lookup must be answered, by the receiver's clock.
    pub(super) until: Duration,
    pub(super) is_answered: bool,
    /// The server has seen the answer.
    is_taken: bool,
    /// The buffers of a load: the key, what was copied, and whether the buffer is still lent.
    buffers: Vec<Buffer>,
    is_loading: bool,
    /// The found keys, which are locked.
    locked: Vec<ObjectKey>,
    /// Whether all keys were found and loaded with the stored bytes.
    pub(super) is_whole: bool,
}

/// A buffer of the server, while it is lent and after.
#[derive(Debug)]
struct Buffer {
    index: usize,
    tags: Vec<u64>,
    is_lent: bool,
    /// The copy was aborted on purpose.
    is_abandoned: bool,
    is_corrupt: bool,
}

impl Buffer {
    fn new(index: usize) -> Self {
        let tags = vec![0; tags_of(index).len()];
        Self { index, tags, is_lent: true, is_abandoned: false, is_corrupt: false }
    }
}

impl Reading {
    fn new(keys: Vec<ObjectKey>, loads: bool, until: Duration) -> Self {
        let (is_answered, is_taken, is_whole, is_loading) = (false, false, false, false);
        let (buffers, locked) = (Vec::new(), Vec::new());
        Self { keys, loads, until, is_answered, is_taken, buffers, is_loading, locked, is_whole }
    }

    fn is_copied(&self) -> bool {
        self.is_taken && !self.is_loading
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
        // A stopped process submits nothing.
        if !node.runs || node.frozen_until > self.now {
            return;
        }
        let task = TaskId(node.next_task);
        node.next_task += 1;
        let arena = self.options.arena;
        let chunks = keys.iter().map(|index| ChunkToStore {
            key: key(*index),
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
        self.give_sender(sender, SenderEvent::Store { task, chunks });
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
        self.give_receiver(ReceiverEvent::Delete(names));
        if self.visibility.footprint_bytes() < before {
            self.see(Seen::Deleted);
        }
    }

    /// Looks keys up. When the lookup is answered, found keys are loaded if requested, and unlocked.
    pub(super) fn read(&mut self, keys: &[usize], loads: bool) -> Option<u64> {
        let names: Vec<ObjectKey> = keys.iter().map(|index| key(*index)).collect();
        if !self.receiver.runs || self.receiver.is_closing {
            return None;
        }
        let number = self.next_reading;
        self.next_reading += 1;
        let until = self.receiver.clock.read(self.now) + Duration::from_micros(self.options.lookup_wait);
        self.readings.insert(number, Reading::new(names.clone(), loads, until));
        let (lookup, layouts) = (LookupId(number), WantedLayouts::default());
        self.give_receiver(ReceiverEvent::LookUp { lookup, keys: names, layouts });
        if self.options.sabotage == Some(Sabotage::LookupsDoNotWait) && self.is_unanswered(number) {
            let found = keys.iter().map(|index| self.visibility.contains(*index)).collect();
            let written = self.receiver.reserved.clone();
            self.lookup_is_answered(LookupId(number), found, &written);
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
        let found_keys = reading.keys.iter().enumerate().filter(|(position, _)| found.test(*position));
        let locked: Vec<ObjectKey> = found_keys.map(|(_, name)| name.clone()).collect();
        let loads = locked.iter().filter(|_| reading.loads);
        let chunks: Vec<(ObjectKey, u64)> = loads.map(|name| (name.clone(), length_of(index_of(name)))).collect();
        let buffers = chunks.iter().map(|(name, _)| Buffer::new(index_of(name))).collect();
        let is_loading = !chunks.is_empty();
        let Some(reading) = self.readings.get_mut(&number) else { return };
        reading.is_whole = found.count() == reading.keys.len();
        reading.locked = locked;
        reading.buffers = buffers;
        reading.is_loading = is_loading;
        reading.is_taken = true;
        if is_loading {
            self.give_receiver(ReceiverEvent::Load { load: LoadId(number), chunks });
        } else {
            let delay = self.random.workload.u64(10..100 * MILLISECOND);
            self.after(delay, Event::Unlock { process, reading: number });
        }
    }

    fn lent_buffer(&mut self, load: LoadId, index: usize) -> Option<&mut Buffer> {
        let buffer = self.readings.get_mut(&load.0)?.buffers.get_mut(index)?;
        assert!(buffer.is_lent, "staging: a buffer of {load:?} is used after it was returned to the caller");
        Some(buffer)
    }

    /// Copies into a lent buffer, as the receiver's thread does.
    pub(super) fn copy_out(
        &mut self,
        load: LoadId,
        index: usize,
        offset_bytes: u64,
        part: Range<u64>,
    ) -> Result<(), NotLent> {
        let is_abandoned = self.random.workload.u8(..40) == 0;
        let Some(buffer) = self.lent_buffer(load, index) else { return Err(NotLent) };
        buffer.is_abandoned |= is_abandoned;
        if is_abandoned {
            return Err(NotLent);
        }
        let key = buffer.index;
        self.see(Seen::Lent);
        let Some(tenant) = self.tenancies.tenant(offset_bytes) else { panic!("tenancy: an unwritten slot is read") };
        self.tenancies.check_quiet(offset_bytes, length_of(key), tenant.ticket);
        assert_eq!(tenant.key, key, "tenancy: {tenant:?} is read for key {key}");
        // A page counts as copied with its last byte.
        let last_byte = |page: u64| ((page + 1) * PAGE_BYTES).min(length_of(key)) - 1;
        for page in (0..pages_of(key)).filter(|page| part.contains(&last_byte(*page))) {
            let mut from = offset_bytes + page * PAGE_BYTES;
            if self.options.sabotage == Some(Sabotage::LoadFromElsewhere) {
                from = (from + PAGE_BYTES) % (self.receiver.memory.len() as u64 * PAGE_BYTES);
            }
            let tag = self.receiver.memory.read(from, PAGE_BYTES)[0];
            let Some(buffer) = self.lent_buffer(load, index) else { return Err(NotLent) };
            buffer.tags[super::memory::pages(page * PAGE_BYTES, 0).start] = tag;
        }
        Ok(())
    }

    pub(super) fn hash_copy(&mut self, load: LoadId, index: usize) -> Result<u64, NotLent> {
        let buffer = self.lent_buffer(load, index).ok_or(NotLent)?;
        buffer.is_corrupt = buffer.tags != tags_of(buffer.index);
        Ok(super::memory::checksum(&buffer.tags))
    }

    pub(super) fn release_buffer(&mut self, load: LoadId, index: usize) {
        if let Some(buffer) = self.lent_buffer(load, index) {
            buffer.is_lent = false;
        }
    }

    /// The loaded bytes must be those that were stored, unless a checksum reports that they are not.
    pub(super) fn load_ends(&mut self, load: LoadId, loaded: &Bitmap) {
        let Some(reading) = self.readings.get_mut(&load.0) else { return };
        assert!(std::mem::take(&mut reading.is_loading), "law: {load:?} ends twice");
        reading.is_whole &= loaded.count() == reading.buffers.len();
        for (index, buffer) in std::mem::take(&mut reading.buffers).into_iter().enumerate() {
            let key = buffer.index;
            if loaded.test(index) {
                let stored = tags_of(key);
                assert_eq!(buffer.tags, stored, "bytes: key {key} is loaded with other bytes than were stored");
                self.see(Seen::Loaded);
            } else if buffer.is_corrupt {
                self.see(Seen::CorruptLoad);
            } else {
                // Another reader may have found it corrupt meanwhile.
                let is_condemned = self.options.checksum && !self.visibility.contains(key);
                let is_excused = buffer.is_abandoned || self.receiver.is_closing || is_condemned;
                assert!(is_excused, "visibility: key {key} is locked but cannot be loaded");
            }
        }
        let delay = self.random.workload.u64(10..20 * MILLISECOND);
        self.after(delay, Event::Unlock { process: self.receiver.process, reading: load.0 });
    }

    pub(super) fn unlock(&mut self, process: Process, number: u64) {
        if self.receiver.process != process {
            return;
        }
        if let Some(reading) = self.readings.remove(&number) {
            self.give_receiver(ReceiverEvent::Unlock(reading.locked));
        }
    }

    /// At the end every live sender must be able to store a chunk, and it must be loadable.
    pub(super) fn probe(&mut self) {
        for sender in 0..self.options.senders {
            let is_heard = |status: SenderStatus| !self.options.one_name || status.is_connected;
            if !self.senders[sender].machine().is_some_and(|machine| is_heard(machine.status())) {
                continue;
            }
            let index = sender % self.options.keys;
            self.submit(sender, vec![index]);
            let until = self.now + 5000 * MILLISECOND;
            while !self.senders[sender].tasks.is_empty() && self.now < until {
                self.step();
            }
            // If all senders share a name, another one may have taken it meanwhile.
            let machine = self.senders[sender].machine();
            let lost_its_name = self.options.one_name && !machine.is_some_and(|machine| machine.status().is_connected);
            let is_stored = self.visibility.contains(index);
            assert!(is_stored || lost_its_name, "drain: sender {sender} can no longer store a chunk");
            if !is_stored {
                continue;
            }
            let Some(number) = self.read(&[index], true) else { panic!("drain: there is no receiver") };
            while self.readings.get(&number).is_some_and(|reading| !reading.is_copied()) {
                self.step();
            }
        }
    }
}
