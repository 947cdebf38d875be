//! Commits whose bytes have to be hashed: part by part, one after the other in turns.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use super::worlds::ReceiverWorld;
use crate::adapters::pd_l2_adapter::{
    protocol::{CallId, CommitAnswer, CommitRequest, SlotTicket, SpokenBySender},
    receiver::ReceiverMachine,
};

/// No more than there are calls whose callers wait.
#[derive(Debug, Default)]
pub(super) struct Commits {
    queue: VecDeque<Commit>,
}

#[derive(Debug)]
struct Commit {
    call: CallId,
    request: CommitRequest,
    spoken: SpokenBySender,
    /// What was hashed, as far as it is.
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

    /// Hashes one part of the first commit, which then goes to the end of the queue, so that a large one does not hold up those of
    /// other senders. The answers to the commits that are done.
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

    /// Nobody waits for this commit any more: what is not hashed is not committed, and its slots are free. The answer to it.
    pub(super) fn abandon(
        &mut self,
        call: CallId,
        machine: &mut ReceiverMachine,
        now: Duration,
    ) -> Option<(CallId, CommitAnswer)> {
        let index = self.queue.iter().position(|commit| commit.call == call)?;
        Some(self.queue.remove(index)?.handle(machine, now))
    }

    /// Nothing is hashed any more: the machine was closed, and refuses each.
    pub(super) fn refuse_all(&mut self, machine: &mut ReceiverMachine, now: Duration) -> Vec<(CallId, CommitAnswer)> {
        std::mem::take(&mut self.queue).into_iter().map(|commit| commit.handle(machine, now)).collect()
    }
}

impl Commit {
    /// Hashes so many bytes at most, but for a single slot that is longer. How many are left.
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
