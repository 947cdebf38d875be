//! Calls of senders about their writes: commit, cancel, heartbeat.

use l2_adapter_schema::counted;
use std::time::Duration;

use super::{ReceiverAction, ReceiverMachine, incarnations::Release};
use crate::{
    adapter::ObjectKey,
    adapters::pd_l2_adapter::protocol::{
        CancelRequest, CommitAnswer, CommitRequest, CommitResult, EndOfWrite, Epoch, Refusal, RegionNumber, RequestId,
        RequestWrites, SlotCommit, SlotTicket, SpokenBySender,
    },
};

impl ReceiverMachine {
    /// Whether the slots of a commit have to be hashed before it is handled.
    pub(crate) fn must_hash(&self, commit: &CommitRequest) -> bool {
        self.settings.checksum && commit.slots.len() <= self.settings.keys_per_call_max
    }

    /// Where the bytes of a slot are that has to be hashed: its offset and length. `None` where this commit cannot commit it. To be
    /// asked just before: the bytes stay as they are while the request is open, since the slot's writes have ended.
    pub(crate) fn to_hash(&self, commit: &CommitRequest, slot: &SlotCommit) -> Option<(u64, u64)> {
        let request = self.sessions.alive.get(&commit.epoch)?.requests.get(&commit.request)?;
        let tenancy = self.slots.get(slot.ticket).filter(|_| request.slots.contains(&slot.ticket))?;
        (tenancy.length_bytes == slot.length_bytes).then_some((tenancy.range.start, tenancy.length_bytes))
    }

    /// Writes have ended well. `hashes` has what each slot of [`to_hash`](Self::to_hash) hashes to, by XXH3-64.
    pub(crate) fn handle_commit(
        &mut self,
        now: Duration,
        commit: CommitRequest,
        spoken: &SpokenBySender,
        hashes: &[Option<u64>],
    ) -> CommitAnswer {
        if let Err(refusal) = self.hear(now, commit.epoch).and_then(|()| self.check_destination(commit.destination)) {
            return CommitAnswer::Refused(refusal);
        }
        if commit.slots.len() > self.settings.keys_per_call_max {
            return CommitAnswer::Refused(Refusal::Malformed(format!(
                "it commits {} at once",
                counted(commit.slots.len(), "slot")
            )));
        }
        let mut stored = Vec::new();
        let hashes = hashes.iter().copied().chain(std::iter::repeat(None));
        let slots = commit.slots.iter().zip(hashes);
        let results =
            slots.map(|(slot, hash)| self.commit_slot(now, &commit, (slot, hash), spoken, &mut stored)).collect();
        self.end_request_if_resolved(commit.epoch, commit.request);
        let awaited = self.lock_for_waiting(now, &stored);
        if !stored.is_empty() {
            self.actions.push_back(ReceiverAction::KeysStored(stored));
        }
        self.tell_accessed(awaited);
        self.evict_above_watermark(now);
        self.go_on(now);
        CommitAnswer::Results(results)
    }

    /// A sender gives up the uncommitted part of a request.
    pub(crate) fn handle_cancel(
        &mut self,
        now: Duration,
        cancel: CancelRequest,
        spoken: &SpokenBySender,
    ) -> Result<(), Refusal> {
        // A superseded sender still reports how its writes ended.
        let is_superseded = self.sessions.get_mut(cancel.epoch).is_some_and(|session| session.is_superseded);
        if !is_superseded || self.is_closed {
            self.hear(now, cancel.epoch)?;
        }
        let Some(session) = self.sessions.get_mut(cancel.epoch) else { return Err(Refusal::UnknownEpoch) };
        let open = session.end_request(cancel.request).map(|request| request.slots).unwrap_or_default();
        for ticket in open {
            self.quarantine(cancel.epoch, cancel.request, ticket);
        }
        match cancel.writes {
            RequestWrites::InProgress => {}
            RequestWrites::BrokenOff => self.release_after_poll(now, cancel.epoch, cancel.request),
            RequestWrites::Ended => {
                let ended = || EndOfWrite::confirmed_by_sender(spoken);
                self.free_quarantined(cancel.epoch, cancel.request, ended);
            }
        }
        self.parking.request_has_ended(cancel.epoch, cancel.request);
        self.go_on(now);
        Ok(())
    }

    /// A write of the request broke off. Its slots are free after a poll that is late enough for packets that the network held.
    fn release_after_poll(&mut self, now: Duration, epoch: Epoch, request: RequestId) {
        let release = Release::OfBrokenOff(epoch, request);
        let is_quarantined =
            self.sessions.get_mut(epoch).is_some_and(|session| session.quarantined.contains_key(&request));
        if is_quarantined && !self.releases.contains(release) {
            self.releases.set(release, now + self.settings.death_grace);
        }
    }

    /// A sender's heartbeat, with whether it has a probe in flight. Returns the number of the current region.
    pub(crate) fn handle_heartbeat(
        &mut self,
        now: Duration,
        epoch: Epoch,
        is_probing: bool,
    ) -> Result<RegionNumber, Refusal> {
        self.hear(now, epoch)?;
        if is_probing {
            self.sessions.probing.insert(epoch);
        } else {
            self.sessions.probing.remove(&epoch);
        }
        Ok(self.region.number)
    }

    /// Renews the lease of a sender after a sign of life.
    pub(super) fn hear(&mut self, now: Duration, epoch: Epoch) -> Result<(), Refusal> {
        if self.is_closed {
            return Err(Refusal::Closing);
        }
        let lease_until = now + self.settings.lease;
        let session = self.sessions.get_mut(epoch).filter(|session| !session.is_superseded);
        session.ok_or(Refusal::UnknownEpoch)?;
        self.sessions.renew(epoch, lease_until);
        Ok(())
    }

    fn commit_slot(
        &mut self,
        now: Duration,
        commit: &CommitRequest,
        (slot, hash): (&SlotCommit, Option<u64>),
        spoken: &SpokenBySender,
        stored: &mut Vec<(ObjectKey, u64)>,
    ) -> CommitResult {
        // A commit confirms that the write has ended, even if the commit comes too late.
        let ended = EndOfWrite::confirmed_by_sender(spoken);
        let Some(session) = self.sessions.get_mut(commit.epoch) else { return CommitResult::Stale };
        let is_open = session.requests.get_mut(&commit.request).is_some_and(|open| open.slots.remove(&slot.ticket));
        if !is_open {
            let writer = (commit.epoch, commit.request);
            if self.slots.committed(slot.ticket).is_some_and(|committed| committed.writer == writer) {
                // The same commit came twice.
                let is_same = self.slots.get(slot.ticket).is_some_and(|it| it.length_bytes == slot.length_bytes);
                return if is_same { CommitResult::Committed } else { CommitResult::WrongLength };
            }
            self.counters.refused_commits += 1;
            if self.leave_quarantine(commit.epoch, commit.request, slot.ticket) {
                self.free_written(slot.ticket, ended);
            }
            return CommitResult::Stale;
        }
        let result = self.verify(slot, hash);
        if result != CommitResult::Committed {
            self.counters.refused_commits += 1;
            self.free_written(slot.ticket, ended);
            return result;
        }
        self.slots.commit(slot, ended, now);
        self.counters.committed_chunks += 1;
        self.counters.committed_bytes += slot.length_bytes;
        if let Some(tenancy) = self.slots.get(slot.ticket) {
            self.parking.key_has_changed(&tenancy.key);
            stored.push((tenancy.key.clone(), tenancy.length_bytes));
        }
        CommitResult::Committed
    }

    fn verify(&self, slot: &SlotCommit, hash: Option<u64>) -> CommitResult {
        let Some(tenancy) = self.slots.get(slot.ticket) else { return CommitResult::Stale };
        if tenancy.length_bytes != slot.length_bytes {
            return CommitResult::WrongLength;
        }
        let is_intact = !self.settings.checksum || slot.checksum.is_some() && hash == slot.checksum;
        if is_intact { CommitResult::Committed } else { CommitResult::WrongChecksum }
    }

    fn end_request_if_resolved(&mut self, epoch: Epoch, request: RequestId) {
        if let Some(session) = self.sessions.get_mut(epoch)
            && session.requests.get(&request).is_some_and(|open| open.slots.is_empty())
        {
            session.end_request(request);
        }
    }

    /// Removes a slot from the request's quarantine. Whether it was there.
    fn leave_quarantine(&mut self, epoch: Epoch, request: RequestId, ticket: SlotTicket) -> bool {
        let Some(session) = self.sessions.get_mut(epoch) else { return false };
        let Some(slots) = session.quarantined.get_mut(&request) else { return false };
        let was_there = slots.remove(&ticket);
        if slots.is_empty() {
            session.quarantined.remove(&request);
        }
        was_there
    }
}
