//! What senders ask: handshake, reserve, commit, cancel, heartbeat.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{
    CallId, ParkedCall, ReceiverAction, ReceiverMachine, RegionMemory,
    sessions::{Request, Session},
    slots::SlotState,
};
use crate::{
    adapter::ObjectKey,
    adapters::pd_l2_adapter::protocol::{
        CancelRequest, CommitAnswer, CommitRequest, CommitResult, EndOfWrite, Epoch, HandshakeAnswer, HandshakeRefusal,
        HandshakeRequest, IncarnationDead, KeyAnswer, PROTOCOL_VERSION, Refusal, RegionNumber, RequestId,
        ReserveAnswer, ReserveRequest, SlotCommit, SlotTicket,
    },
};

impl ReceiverMachine {
    /// A sender introduces itself, for the first time or again.
    pub(crate) fn handle_handshake(
        &mut self,
        now: Duration,
        request: &HandshakeRequest,
    ) -> Result<HandshakeAnswer, HandshakeRefusal> {
        self.check_handshake(request)?;
        self.take_over_name(now, request)?;
        let lease_until = now + self.settings.lease;
        if let Some(session) = self.sessions.get_mut(request.epoch) {
            session.renew(lease_until);
        } else if self.sessions.alive.len() >= self.settings.senders_max {
            return Err(HandshakeRefusal::TooManySenders(self.settings.senders_max));
        } else {
            let session = Session::new(request.node_name.clone(), lease_until, request.next_request);
            self.sessions.alive.insert(request.epoch, session);
        }
        let lease_ms = u64::try_from(self.settings.lease.as_millis()).unwrap_or(u64::MAX);
        Ok(HandshakeAnswer { epoch: self.epoch, region: self.region.clone(), lease_ms })
    }

    /// A sender wants to write. Answered by an action, now or when the wait is over.
    pub(crate) fn handle_reserve(&mut self, now: Duration, call: CallId, request: ReserveRequest) {
        let wait = Duration::from_millis(request.wait_ms).min(self.settings.wait_max);
        let may_wait = !wait.is_zero() && self.parked.len() < self.settings.parked_calls_max;
        let answer = match self.hear(now, request.epoch) {
            Ok(()) => self.answer_reserve(now, &request),
            Err(refusal) => Ok(ReserveAnswer::Refused(refusal)),
        };
        match answer {
            Ok(answer) => self.actions.push_back(ReceiverAction::AnswerReserve { call, answer }),
            Err(_) if may_wait => self.parked.push_back(ParkedCall { call, request, until: now + wait }),
            Err(without_waiting) => self.give_up(call, &request, without_waiting),
        }
        self.go_on_with_parked(now);
    }

    /// The caller of a reserve call has hung up.
    pub(crate) fn handle_call_abandoned(&mut self, _now: Duration, call: CallId) {
        self.parked.retain(|parked| parked.call != call);
    }

    /// Writes have ended well.
    pub(crate) fn handle_commit(
        &mut self,
        now: Duration,
        commit: CommitRequest,
        memory: &dyn RegionMemory,
    ) -> CommitAnswer {
        if let Err(refusal) = self.hear(now, commit.epoch) {
            return CommitAnswer::Refused(refusal);
        }
        if commit.slots.len() > self.settings.keys_per_call_max {
            return CommitAnswer::Refused(Refusal::Malformed(format!(
                "it commits {} slots at once",
                commit.slots.len()
            )));
        }
        let mut stored = Vec::new();
        let results =
            commit.slots.iter().map(|slot| self.commit_slot(now, &commit, slot, memory, &mut stored)).collect();
        self.end_request_if_resolved(commit.epoch, commit.request);
        if !stored.is_empty() {
            self.actions.push_back(ReceiverAction::KeysStored(stored));
        }
        self.parked_may_go_on = true;
        self.evict_above_watermark();
        self.go_on_with_parked(now);
        CommitAnswer::Results(results)
    }

    /// A sender gives up what it has not committed of a request.
    pub(crate) fn handle_cancel(&mut self, now: Duration, cancel: CancelRequest) -> Result<(), Refusal> {
        self.hear(now, cancel.epoch)?;
        let Some(session) = self.sessions.get_mut(cancel.epoch) else { return Err(Refusal::UnknownEpoch) };
        let open = session.end_request(cancel.request).map(|request| request.slots).unwrap_or_default();
        let quarantined: Vec<SlotTicket> = session.quarantined.iter().copied().collect();
        for ticket in open {
            if cancel.writes_ended {
                self.free_written(ticket, EndOfWrite::confirmed_by_sender());
            } else {
                self.quarantine(cancel.epoch, ticket);
            }
        }
        if cancel.writes_ended {
            quarantined
                .into_iter()
                .filter(|ticket| self.is_quarantined_by(*ticket, cancel.request))
                .collect::<Vec<_>>()
                .into_iter()
                .for_each(|ticket| self.free_quarantined(cancel.epoch, ticket, EndOfWrite::confirmed_by_sender()));
        }
        self.parked_may_go_on = true;
        self.go_on_with_parked(now);
        Ok(())
    }

    /// A sender says that it lives. Which region is the current one.
    pub(crate) fn handle_heartbeat(&mut self, now: Duration, epoch: Epoch) -> Result<RegionNumber, Refusal> {
        self.hear(now, epoch)?;
        Ok(self.region.number)
    }

    /// Answers the parked calls that can be answered, in order of arrival. One that cannot does not hold up the next.
    pub(super) fn go_on_with_parked(&mut self, now: Duration) {
        let due = self.is_closed || self.parked.iter().any(|parked| parked.until <= now);
        if !self.parked_may_go_on && !due {
            return;
        }
        self.parked_may_go_on = false;
        for parked in std::mem::take(&mut self.parked) {
            match self.answer_reserve(now, &parked.request) {
                Ok(answer) => {
                    self.actions.push_back(ReceiverAction::AnswerReserve { call: parked.call, answer });
                }
                Err(answer) if parked.until <= now => self.give_up(parked.call, &parked.request, answer),
                Err(_) => self.parked.push_back(parked),
            }
        }
    }

    fn check_handshake(&self, request: &HandshakeRequest) -> Result<(), HandshakeRefusal> {
        let ours = &self.settings;
        if request.protocol_version != PROTOCOL_VERSION {
            return Err(HandshakeRefusal::Version { ours: PROTOCOL_VERSION, theirs: request.protocol_version });
        }
        if self.is_closed {
            return Err(HandshakeRefusal::Closing);
        }
        if request.tp_rank != ours.tp_rank {
            return Err(HandshakeRefusal::Rank { ours: ours.tp_rank, theirs: request.tp_rank });
        }
        if request.rank_count != ours.rank_count {
            return Err(HandshakeRefusal::RankCount { ours: ours.rank_count, theirs: request.rank_count });
        }
        if request.transfer_channel != ours.transfer_channel {
            let (ours, theirs) = (ours.transfer_channel.to_owned(), request.transfer_channel.clone());
            return Err(HandshakeRefusal::Channel { ours, theirs });
        }
        if request.checksum != ours.checksum {
            return Err(HandshakeRefusal::Checksum { ours: ours.checksum, theirs: request.checksum });
        }
        if self.sessions.is_dead(request.epoch) {
            return Err(HandshakeRefusal::DeadEpoch(request.epoch));
        }
        Ok(())
    }

    /// A sender under the name of a silent one takes its place: the operator has promised that names are not shared.
    fn take_over_name(&mut self, now: Duration, request: &HandshakeRequest) -> Result<(), HandshakeRefusal> {
        let Some(name) = &request.node_name else { return Ok(()) };
        let before: Vec<(Epoch, bool)> = self
            .sessions
            .alive
            .iter()
            .filter(|(epoch, session)| {
                **epoch != request.epoch && session.node_name.as_ref() == Some(name) && session.death.is_none()
            })
            .map(|(epoch, session)| (*epoch, session.is_silent))
            .collect();
        if let Some((epoch, _)) = before.iter().find(|(_, is_silent)| !is_silent) {
            return Err(HandshakeRefusal::NameInUse { name: name.clone(), epoch: *epoch });
        }
        before.into_iter().for_each(|(epoch, _)| self.handle_incarnation_dead(now, IncarnationDead::superseded(epoch)));
        Ok(())
    }

    /// Something was heard of a sender: its lease begins anew.
    fn hear(&mut self, now: Duration, epoch: Epoch) -> Result<(), Refusal> {
        if self.is_closed {
            return Err(Refusal::Closing);
        }
        let lease_until = now + self.settings.lease;
        self.sessions.get_mut(epoch).ok_or(Refusal::UnknownEpoch)?.renew(lease_until);
        Ok(())
    }

    /// The answer to a reserve call; `Err` with the answer for one that cannot wait, where waiting might help.
    fn answer_reserve(&mut self, now: Duration, request: &ReserveRequest) -> Result<ReserveAnswer, ReserveAnswer> {
        if let Err(refusal) = self.check_reserve(request) {
            return Ok(ReserveAnswer::Refused(refusal));
        }
        let capacity_bytes = self.slots.capacity_bytes();
        let requested_bytes = request.chunks.iter().map(|chunk| self.slots.footprint_bytes(chunk.length_bytes));
        let requested_bytes = requested_bytes.fold(0, u64::saturating_add);
        if requested_bytes > capacity_bytes {
            self.end_without_slots(request);
            return Ok(ReserveAnswer::TooLarge { requested_bytes, capacity_bytes });
        }
        if let Some(answers) = self.answers_given(request) {
            return Ok(ReserveAnswer::Granted(answers));
        }
        let busy = ReserveAnswer::Busy { occupied_bytes: self.slots.occupied_bytes(), capacity_bytes };
        if self.is_replacing {
            return Err(busy);
        }
        let mut answers = Vec::with_capacity(request.chunks.len());
        let mut missing = Vec::new();
        for chunk in &request.chunks {
            let answer = self.key_answer(now, &chunk.key);
            if answer.is_none() {
                missing.push((Arc::new(chunk.key.clone()), chunk.length_bytes));
            }
            answers.push(answer);
        }
        if missing.is_empty() && answers.iter().all(|answer| *answer == Some(KeyAnswer::Pending)) {
            return Err(ReserveAnswer::Granted(vec![KeyAnswer::Pending; answers.len()]));
        }
        if missing.is_empty() {
            self.end_without_slots(request);
            return Ok(ReserveAnswer::Granted(answers.into_iter().flatten().collect()));
        }
        let Some(tickets) = self.reserve_with_room(request.epoch, request.request, &missing) else { return Err(busy) };
        Ok(ReserveAnswer::Granted(self.grant(request, answers, missing, tickets)))
    }

    /// A parked call is checked again each time: meanwhile its sender may have fallen silent, and would not answer for slots.
    fn check_reserve(&self, request: &ReserveRequest) -> Result<(), Refusal> {
        if self.is_closed {
            return Err(Refusal::Closing);
        }
        let is_heard = |session: &&Session| session.death.is_none() && !session.is_silent;
        let session = self.sessions.alive.get(&request.epoch).filter(is_heard).ok_or(Refusal::UnknownEpoch)?;
        let limit = self.settings.keys_per_call_max;
        if request.chunks.is_empty() || request.chunks.len() > limit {
            return Err(Refusal::Malformed(format!("it asks for {} keys, not 1 to {limit}", request.chunks.len())));
        }
        if request.chunks.iter().any(|chunk| chunk.length_bytes == 0) {
            return Err(Refusal::Malformed("it asks for a chunk of no bytes".to_owned()));
        }
        if request.chunks.iter().map(|chunk| &chunk.key).collect::<BTreeSet<_>>().len() < request.chunks.len() {
            return Err(Refusal::Malformed("it asks for a key twice".to_owned()));
        }
        if request.region != self.region.number {
            return Err(Refusal::StaleRegion { got: request.region, current: self.region.number });
        }
        if session.has_ended(request.request) { Err(Refusal::RequestEnded) } else { Ok(()) }
    }

    /// The same call came twice: the same answer, slot for slot.
    fn answers_given(&self, request: &ReserveRequest) -> Option<Vec<KeyAnswer>> {
        let open = self.sessions.alive.get(&request.epoch)?.requests.get(&request.request)?;
        let answer = |key: &ObjectKey| {
            let ticket = self.keys.get(key).filter(|ticket| open.slots.contains(ticket));
            match ticket.and_then(|ticket| Some((*ticket, self.slots.get(*ticket)?))) {
                Some((ticket, slot)) => KeyAnswer::Write { ticket, offset_bytes: slot.range.start },
                // Committed since, or somebody else's: the sender has had its answer already.
                None => KeyAnswer::Present,
            }
        };
        Some(request.chunks.iter().map(|chunk| answer(&chunk.key)).collect())
    }

    /// `None`: it has to be written.
    fn key_answer(&mut self, now: Duration, key: &ObjectKey) -> Option<KeyAnswer> {
        let ticket = *self.keys.get(key)?;
        if let Some(committed) = self.slots.committed_mut(ticket) {
            committed.last_use = now;
            return Some(KeyAnswer::Present);
        }
        Some(KeyAnswer::Pending)
    }

    fn grant(
        &mut self,
        request: &ReserveRequest,
        answers: Vec<Option<KeyAnswer>>,
        missing: Vec<(Arc<ObjectKey>, u64)>,
        tickets: Vec<SlotTicket>,
    ) -> Vec<KeyAnswer> {
        for ((key, _), ticket) in missing.into_iter().zip(&tickets) {
            self.keys.insert(key, *ticket);
        }
        if let Some(session) = self.sessions.get_mut(request.epoch) {
            let open = Request { slots: tickets.iter().copied().collect(), committed: BTreeSet::new() };
            session.requests.insert(request.request, open);
        }
        let offset = |ticket: &SlotTicket| self.slots.get(*ticket).map_or(0, |slot| slot.range.start);
        let mut writes =
            tickets.iter().map(|ticket| KeyAnswer::Write { ticket: *ticket, offset_bytes: offset(ticket) });
        // As many tickets as keys without an answer.
        answers.into_iter().filter_map(|answer| answer.or_else(|| writes.next())).collect()
    }

    /// The wait is over.
    fn give_up(&mut self, call: CallId, request: &ReserveRequest, answer: ReserveAnswer) {
        if matches!(answer, ReserveAnswer::Busy { .. }) {
            self.counters.busy_answers += 1;
        }
        self.end_without_slots(request);
        self.actions.push_back(ReceiverAction::AnswerReserve { call, answer });
    }

    fn end_without_slots(&mut self, request: &ReserveRequest) {
        if let Some(session) = self.sessions.get_mut(request.epoch) {
            session.end_request(request.request);
        }
    }

    fn commit_slot(
        &mut self,
        now: Duration,
        commit: &CommitRequest,
        slot: &SlotCommit,
        memory: &dyn RegionMemory,
        stored: &mut Vec<(ObjectKey, u64)>,
    ) -> CommitResult {
        // A commit says that the write has ended, even where it comes too late.
        let ended = EndOfWrite::confirmed_by_sender();
        let Some(session) = self.sessions.get_mut(commit.epoch) else { return CommitResult::Stale };
        if session.quarantined.contains(&slot.ticket) {
            self.counters.refused_commits += 1;
            self.free_quarantined(commit.epoch, slot.ticket, ended);
            return CommitResult::Stale;
        }
        let Some(request) = session.requests.get_mut(&commit.request) else { return CommitResult::Stale };
        if request.committed.contains(&slot.ticket) {
            return CommitResult::Committed;
        }
        if !request.slots.remove(&slot.ticket) {
            self.counters.refused_commits += 1;
            return CommitResult::Stale;
        }
        let result = self.verify(slot, memory);
        if result != CommitResult::Committed {
            self.counters.refused_commits += 1;
            self.free_written(slot.ticket, ended);
            return result;
        }
        if let Some(request) = self.sessions.get_mut(commit.epoch).and_then(|it| it.requests.get_mut(&commit.request)) {
            request.committed.insert(slot.ticket);
        }
        self.slots.commit(slot.ticket, ended, now, slot.checksum);
        self.counters.committed_chunks += 1;
        self.counters.committed_bytes += slot.length_bytes;
        self.expires_not_before(now);
        if let Some(tenancy) = self.slots.get(slot.ticket) {
            stored.push(((*tenancy.key).clone(), tenancy.length_bytes));
        }
        CommitResult::Committed
    }

    fn verify(&self, slot: &SlotCommit, memory: &dyn RegionMemory) -> CommitResult {
        let Some(tenancy) = self.slots.get(slot.ticket) else { return CommitResult::Stale };
        if tenancy.length_bytes != slot.length_bytes {
            return CommitResult::WrongLength;
        }
        let is_intact = !self.settings.checksum
            || slot.checksum.is_some() && memory.checksum(tenancy.range.start, tenancy.length_bytes) == slot.checksum;
        if is_intact { CommitResult::Committed } else { CommitResult::WrongChecksum }
    }

    fn end_request_if_resolved(&mut self, epoch: Epoch, request: RequestId) {
        if let Some(session) = self.sessions.get_mut(epoch)
            && session.requests.get(&request).is_some_and(|open| open.slots.is_empty())
        {
            session.end_request(request);
        }
    }

    fn is_quarantined_by(&self, ticket: SlotTicket, request: RequestId) -> bool {
        self.slots
            .get(ticket)
            .is_some_and(|slot| matches!(&slot.state, SlotState::Quarantined { request: by, .. } if *by == request))
    }
}
