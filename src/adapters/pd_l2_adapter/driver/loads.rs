//! Load tasks of one rank: chunks are copied to their callers part by part, one load after the other.

use std::{collections::VecDeque, ops::Range};

use super::worlds::{LoadId, NotLent, ReceiverWorld};
use crate::{
    adapter::{Bitmap, ObjectKey},
    adapters::pd_l2_adapter::receiver::{LoadGrant, LoadOutcome, ReceiverMachine},
};

#[derive(Debug, Default)]
pub(super) struct Loads {
    queue: VecDeque<Load>,
}

#[derive(Debug)]
struct Load {
    id: LoadId,
    /// Keys, and the lengths of their buffers.
    chunks: VecDeque<(ObjectKey, u64)>,
    /// The index of the first chunk in `chunks`.
    index: usize,
    /// The chunk that is being copied: its slot is pinned.
    current: Option<Copying>,
    loaded: Bitmap,
    /// Listeners hear of them once the load is over.
    loaded_keys: Vec<ObjectKey>,
}

#[derive(Debug)]
struct Copying {
    grant: LoadGrant,
    copied_bytes: u64,
}

impl Loads {
    pub(super) fn add(&mut self, id: LoadId, chunks: Vec<(ObjectKey, u64)>) {
        let loaded = Bitmap::new(chunks.len());
        let load = Load { id, chunks: chunks.into(), index: 0, current: None, loaded, loaded_keys: Vec::new() };
        self.queue.push_back(load);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Copies one part: of one long chunk, or of several short ones. Returns the loads that this completes.
    pub(super) fn copy_a_part(
        &mut self,
        machine: &mut ReceiverMachine,
        world: &mut impl ReceiverWorld,
        part_bytes: u64,
    ) -> Vec<(LoadId, Bitmap)> {
        let mut over = Vec::new();
        let mut left_bytes = part_bytes;
        while left_bytes > 0
            && let Some(load) = self.queue.front_mut()
        {
            left_bytes = load.copy(machine, world, left_bytes);
            if load.chunks.is_empty() {
                over.extend(self.queue.pop_front().map(|load| load.end(machine)));
            }
        }
        over
    }

    /// Ends all copying. Returns all loads, with the chunks that were loaded so far.
    pub(super) fn abandon(
        &mut self,
        machine: &mut ReceiverMachine,
        world: &impl ReceiverWorld,
    ) -> Vec<(LoadId, Bitmap)> {
        let abandon = |load: Load| {
            if let Some(Copying { grant, .. }) = &load.current {
                machine.end_load(world.now(), grant.ticket, LoadOutcome::Abandoned);
            }
            load.end(machine)
        };
        std::mem::take(&mut self.queue).into_iter().map(abandon).collect()
    }
}

impl Load {
    /// Copies at most this many bytes of the first chunk. Returns how many are left.
    fn copy(&mut self, machine: &mut ReceiverMachine, world: &mut impl ReceiverWorld, most_bytes: u64) -> u64 {
        let Some((key, length_bytes)) = self.chunks.front() else { return most_bytes };
        let length_bytes = *length_bytes;
        let Some(copying) = &mut self.current else {
            match machine.begin_load(world.now(), key, length_bytes) {
                Some(grant) => self.current = Some(Copying { grant, copied_bytes: 0 }),
                None => drop(self.end_chunk(world)),
            }
            return most_bytes;
        };
        let to = (copying.copied_bytes + most_bytes).min(length_bytes);
        let part = copying.copied_bytes..to;
        let outcome = copy_part(self.id, self.index, &copying.grant, part.clone(), length_bytes, world);
        copying.copied_bytes = to;
        if let Some(outcome) = outcome {
            let (ticket, index) = (copying.grant.ticket, self.index);
            let key = self.end_chunk(world);
            if outcome == LoadOutcome::Copied {
                self.loaded.set(index);
                self.loaded_keys.extend(key);
            }
            machine.end_load(world.now(), ticket, outcome);
        }
        most_bytes - (part.end - part.start)
    }

    /// Returns the caller's buffer, before the result can be taken, and the chunk's key.
    fn end_chunk(&mut self, world: &mut impl ReceiverWorld) -> Option<ObjectKey> {
        world.release_buffer(self.id, self.index);
        self.current = None;
        self.index += 1;
        self.chunks.pop_front().map(|(key, _)| key)
    }

    fn end(self, machine: &mut ReceiverMachine) -> (LoadId, Bitmap) {
        machine.report_loaded(self.loaded_keys);
        (self.id, self.loaded)
    }
}

/// The outcome of the chunk's copy, if this part ends it.
fn copy_part(
    load: LoadId,
    index: usize,
    grant: &LoadGrant,
    part: Range<u64>,
    length_bytes: u64,
    world: &mut impl ReceiverWorld,
) -> Option<LoadOutcome> {
    let is_last = part.end == length_bytes;
    if world.copy_out(load, index, grant.offset_bytes, part) == Err(NotLent) {
        return Some(LoadOutcome::Abandoned);
    }
    if !is_last {
        return None;
    }
    // Hashes the copy and not its source, which could change in between.
    Some(match grant.checksum {
        None => LoadOutcome::Copied,
        Some(expected) => match world.hash_copy(load, index) {
            Ok(hash) if hash == expected => LoadOutcome::Copied,
            Ok(_) => LoadOutcome::Corrupt,
            Err(NotLent) => LoadOutcome::Abandoned,
        },
    })
}
