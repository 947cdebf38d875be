//! Commits whose bytes have to be hashed: part by part, one commit after the other.

use std::collections::VecDeque;

use super::worlds::ReceiverWorld;
use crate::adapters::pd_l2_adapter::{
    protocol::{CallId, CommitAnswer, CommitRequest, SpokenBySender},
    receiver::ReceiverMachine,
};

#[derive(Debug, Default)]
pub(super) struct Commits {
    queue: VecDeque<Commit>,
}

#[derive(Debug)]
struct Commit {
    call: CallId,
    request: CommitRequest,
    spoken: SpokenBySender,
    /// What is to be hashed: offset and length of each slot.
    places: Vec<Option<(u64, u64)>>,
    /// What was hashed, as far as it is.
    hashes: Vec<Option<u64>>,
}

impl Commits {
    pub(super) fn add(
        &mut self,
        call: CallId,
        request: CommitRequest,
        spoken: SpokenBySender,
        places: Vec<Option<(u64, u64)>>,
    ) {
        let hashes = Vec::with_capacity(places.len());
        self.queue.push_back(Commit { call, request, spoken, places, hashes });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Hashes one part. The answers to the commits that are done by that.
    pub(super) fn hash_a_part(
        &mut self,
        machine: &mut ReceiverMachine,
        world: &mut impl ReceiverWorld,
        part_bytes: u64,
    ) -> Vec<(CallId, CommitAnswer)> {
        let mut answers = Vec::new();
        let mut hashed_bytes = 0;
        while let Some(commit) = self.queue.front_mut() {
            let Some(place) = commit.places.get(commit.hashes.len()) else {
                answers.extend(self.handle_first(machine, world));
                continue;
            };
            let length_bytes = place.map_or(0, |(_, length_bytes)| length_bytes);
            if hashed_bytes > 0 && hashed_bytes + length_bytes > part_bytes {
                break;
            }
            hashed_bytes += length_bytes;
            commit.hashes.push(place.and_then(|(offset_bytes, length_bytes)| world.hash(offset_bytes, length_bytes)));
        }
        answers
    }

    /// Nothing is hashed any more: the machine was closed, and refuses each.
    pub(super) fn refuse_all(
        &mut self,
        machine: &mut ReceiverMachine,
        world: &impl ReceiverWorld,
    ) -> Vec<(CallId, CommitAnswer)> {
        std::iter::from_fn(|| self.handle_first(machine, world)).collect()
    }

    fn handle_first(
        &mut self,
        machine: &mut ReceiverMachine,
        world: &impl ReceiverWorld,
    ) -> Option<(CallId, CommitAnswer)> {
        let Commit { call, request, spoken, hashes, .. } = self.queue.pop_front()?;
        Some((call, machine.handle_commit(world.now(), request, &spoken, &hashes)))
    }
}
