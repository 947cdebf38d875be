//! Commits whose bytes must be hashed: part by part, in turns.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use super::worlds::ReceiverWorld;
use crate::adapters::pd_l2_adapter::{
    protocol::{CallId, CommitAnswer, CommitRequest, SlotTicket, SpokenBySender},
    receiver::ReceiverMachine,
};

/// Bounded by the calls that are open.
#[derive(Debug, Default)]
pub(super) struct Commits {
    queue: VecDeque<Commit>,
}

#[derive(Debug)]
struct Commit {
    call: CallId,
    request: CommitRequest,
    spoken: SpokenBySender,
    /// The hashes so far.
    hashes: Vec<Option<u64>>,
    hashed: BTreeSet<SlotTicket>,
}

impl Commits {
    pub(super) fn add(&mut self, call: CallId, request: CommitRequest, spoken: SpokenBySender) {
        self.queue.push_back(Commit { call, request, spoken, hashes: Vec::new(), hashed: BTreeSet::new() });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Hashes one part. An unfinished commit goes to the end of the queue, so that a large one does not delay those of other senders.
    /// Returns the answers to the commits that this completes.
    pub(super) fn hash_a_part(
        &mut self,
        machine: &mut ReceiverMachine,
        world: &mut impl ReceiverWorld,
        part_bytes: u64,
    ) -> Vec<(CallId, CommitAnswer)> {
        let mut answers = Vec::new();
        let mut left_bytes = part_bytes;
        while left_bytes > 0
            && let Some(mut commit) = self.queue.pop_front()
        {
            left_bytes = commit.hash(machine, world, left_bytes);
            if commit.hashes.len() == commit.request.slots.len() {
                answers.push(commit.handle(machine, world.now()));
            } else {
                self.queue.push_back(commit);
            }
        }
        answers
    }

    /// Ends a commit whose caller has hung up: slots that are not hashed yet are freed. Returns the answer.
    pub(super) fn abandon(
        &mut self,
        call: CallId,
        machine: &mut ReceiverMachine,
        now: Duration,
    ) -> Option<(CallId, CommitAnswer)> {
        let index = self.queue.iter().position(|commit| commit.call == call)?;
        Some(self.queue.remove(index)?.handle(machine, now))
    }

    /// Ends hashing: the machine was closed, and refuses each commit.
    pub(super) fn refuse_all(&mut self, machine: &mut ReceiverMachine, now: Duration) -> Vec<(CallId, CommitAnswer)> {
        std::mem::take(&mut self.queue).into_iter().map(|commit| commit.handle(machine, now)).collect()
    }
}

impl Commit {
    /// Hashes at most so many bytes, or one slot that is longer. Returns how many are left.
    fn hash(&mut self, machine: &ReceiverMachine, world: &mut impl ReceiverWorld, most_bytes: u64) -> u64 {
        let mut left_bytes = most_bytes;
        while let Some(slot) = self.request.slots.get(self.hashes.len()) {
            let is_first = !self.hashed.contains(&slot.ticket);
            let place = machine.to_hash(&self.request, slot).filter(|_| is_first);
            let length_bytes = place.map_or(0, |(_, length_bytes)| length_bytes);
            if left_bytes < most_bytes && length_bytes > left_bytes {
                return 0;
            }
            self.hashed.insert(slot.ticket);
            self.hashes.push(place.and_then(|(offset_bytes, length_bytes)| world.hash(offset_bytes, length_bytes)));
            left_bytes = left_bytes.saturating_sub(length_bytes);
            if left_bytes == 0 {
                return 0;
            }
        }
        left_bytes
    }

    fn handle(self, machine: &mut ReceiverMachine, now: Duration) -> (CallId, CommitAnswer) {
        (self.call, machine.handle_commit(now, self.request, &self.spoken, &self.hashes))
    }
}
