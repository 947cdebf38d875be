//! The actions of the receiver's driver in the simulated world.

use std::{ops::Range, time::Duration};

use super::{
    clock::MILLISECOND,
    coverage::Seen,
    memory::{self, index_of},
    sabotage::Sabotage,
    world::{ACTIONS_MAX, Event, World},
};
use crate::{
    adapter::{Bitmap, ObjectKey},
    adapters::pd_l2_adapter::{
        driver::{LoadId, NotLent, ReceiverWorld},
        protocol::{CallId, ControlAnswer, Region},
        receiver::{LookupId, ReceiverStatus},
    },
    transfer::{Polled, RegionReplaced},
};

/// The receiver's side of the world, for one turn.
pub(super) struct ReceiverSide<'a> {
    world: &'a mut World,
    actions: usize,
}

impl<'a> ReceiverSide<'a> {
    pub(super) fn of(world: &'a mut World) -> Self {
        Self { world, actions: 0 }
    }

    fn does(&mut self, action: impl FnOnce() -> String) {
        self.world.trace(|| format!("  the receiver does {}", action()));
        self.actions += 1;
        assert!(self.actions <= ACTIONS_MAX, "law: one turn leads to more than {ACTIONS_MAX} actions");
    }
}

impl ReceiverWorld for ReceiverSide<'_> {
    fn now(&self) -> Duration {
        self.world.receiver.clock.read(self.world.now)
    }

    fn poll_channel(&mut self) -> Polled {
        let is_broken = self.world.options.sabotage == Some(Sabotage::PollNothing);
        let holds = self.world.sockets_hold_something();
        assert!(!holds || is_broken, "tenancy: a write may land from the sockets, and no slot waits for it");
        Polled::simulated()
    }

    fn hash(&mut self, offset_bytes: u64, length_bytes: u64) -> Option<u64> {
        let receiver = &mut self.world.receiver;
        let tags = receiver.memory.read(offset_bytes, length_bytes).to_vec();
        let hash = memory::checksum(&tags);
        receiver.hashed.insert(offset_bytes, tags);
        Some(hash)
    }

    fn begin_replacing_region(&mut self) -> Result<(), String> {
        self.does(|| "replace its region".to_owned());
        let world = &mut *self.world;
        // Memory is most needed after the end of the faults, so this fault may still strike then, once.
        let chance = std::mem::take(&mut world.options.replacement_fails);
        let fails = world.random.faults.u32(..1000) < chance;
        let delay = world.random.faults.u64(10..20 * MILLISECOND);
        world.after(delay, Event::RegionIsReplaced(world.receiver.process, !fails));
        Ok(())
    }

    fn replaced_region(&mut self) -> Option<Result<(Region, RegionReplaced), String>> {
        let replaced = self.world.receiver.replaced.take()?;
        Some(replaced.map(|region| {
            let evidence = RegionReplaced::simulated(region.memory.clone());
            (region, evidence)
        }))
    }

    fn copy_out(&mut self, load: LoadId, index: usize, offset_bytes: u64, part: Range<u64>) -> Result<(), NotLent> {
        self.world.copy_out(load, index, offset_bytes, part)
    }

    fn hash_copy(&mut self, load: LoadId, index: usize) -> Result<u64, NotLent> {
        self.world.hash_copy(load, index)
    }

    fn release_buffer(&mut self, load: LoadId, index: usize) {
        self.world.release_buffer(load, index);
    }

    fn wants_accesses(&self) -> bool {
        false
    }

    fn keys_stored(&mut self, keys: Vec<(ObjectKey, u64)>) {
        self.does(|| format!("store {keys:?}"));
        for (key, length_bytes) in keys {
            let index = index_of(&key);
            self.world.visibility.stored(index, self.world.now);
            self.world.receiver.stored.insert(index, length_bytes);
        }
    }

    fn keys_accessed(&mut self, _: Vec<ObjectKey>) {}

    fn keys_deleted(&mut self, keys: Vec<(ObjectKey, u64)>) {
        self.does(|| format!("delete {keys:?}"));
        if self.world.options.sabotage != Some(Sabotage::LoseDeletedKeys) {
            keys.iter().for_each(|(key, _)| self.world.visibility.deleted(index_of(key), self.world.now));
        }
    }

    fn publish(&mut self, status: ReceiverStatus) {
        if status.counters.senders_died > self.world.receiver.status.counters.senders_died {
            self.world.see(Seen::IncarnationDied);
        }
        self.world.receiver.status = status;
    }

    fn answer(&mut self, call: CallId, answer: ControlAnswer) {
        self.does(|| format!("answer {call:?} by {answer:?}"));
        self.world.answer(call, answer);
    }

    fn answer_lookup(&mut self, lookup: LookupId, found: Bitmap) {
        self.does(|| format!("answer {lookup:?} by {found:?}"));
        self.world.check_found(lookup, &found);
        self.world.receiver.answered_lookups.push((lookup, found));
    }

    fn end_load(&mut self, load: LoadId, loaded: Bitmap) {
        self.does(|| format!("end {load:?} with {loaded:?}"));
        self.world.load_ends(load, &loaded);
    }
}
