//! Answers to reserve calls: now, or when there is room.

use l2_adapter_schema::counted;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    CallId, ReceiverAction, ReceiverMachine,
    parking::{ReserveCall, WaitsFor},
    sessions::{Request, Session},
    slot::SlotState,
};
use crate::{
    adapter::ObjectKey,
    adapters::pd_l2_adapter::protocol::{KeyAnswer, Refusal, ReserveAnswer, ReserveRequest, SlotTicket},
};

impl ReceiverMachine {
    /// A sender reserves slots. Answered by an action, now or when the wait is over.
    pub(crate) fn handle_reserve(&mut self, now: Duration, call: CallId, request: ReserveRequest) {
        let wait = Duration::from_millis(request.wait_ms).min(self.settings.wait_max);
        if let Err(refusal) = self.hear(now, request.epoch).and_then(|()| self.check_shape(&request)) {
            return self.answer(call, ReserveAnswer::Refused(refusal));
        }
        let call = ReserveCall::new(call, request);
        let (calls_max, bytes_max) = (self.settings.parked_calls_max, self.settings.parked_bytes_max);
        match self.answer_reserve(now, &call) {
            Ok(answer) => self.answer(call.call, answer),
            Err(waits_for) if !wait.is_zero() && self.parking.has_place_for(&call, calls_max, bytes_max) => {
                self.sessions.park(call.epoch, call.request);
                self.parking.add(call, waits_for, now + wait);
            }
            Err(waits_for) => self.give_up(now, &call, waits_for),
        }
        self.go_on(now);
    }

    /// The caller of a reserve call has disconnected.
    pub(crate) fn handle_call_abandoned(&mut self, _now: Duration, call: CallId) {
        if let Some((epoch, request)) = self.parking.abandon(call) {
            self.sessions.unpark(epoch, request);
        }
    }

    /// Answers the reserve calls, and then the lookups, whose wait a change has ended.
    pub(super) fn go_on(&mut self, now: Duration) {
        self.go_on_with_parked(now);
        // A call that found room may have evicted a chunk that another call names. The loop ends, because each round answers a
        // call or frees a slot.
        while self.parking.has_changed() {
            self.go_on_with_parked(now);
        }
        self.go_on_with_waiting(now);
    }

    /// Answers the parked calls that can be answered, in order of arrival. One that cannot be does not block the next.
    fn go_on_with_parked(&mut self, now: Duration) {
        let due: BTreeMap<_, bool> = self.parking.due(now, self.free_or_evictable_bytes());
        for (place, is_last_time) in due {
            let Some(call) = self.parking.take(place) else { continue };
            match self.answer_reserve(now, &call) {
                Ok(answer) => self.answer(call.call, answer),
                Err(waits_for) if is_last_time => self.give_up(now, &call, waits_for),
                Err(waits_for) => {
                    self.parking.put_back(place, call, waits_for);
                    continue;
                }
            }
            self.parking.forget(place);
            self.sessions.unpark(call.epoch, call.request);
        }
    }

    fn answer(&mut self, call: CallId, answer: ReserveAnswer) {
        self.actions.push_back(ReceiverAction::AnswerReserve { call, answer });
    }

    /// Checks the call for faults that do not depend on the state.
    fn check_shape(&self, request: &ReserveRequest) -> Result<(), Refusal> {
        let limit = self.settings.keys_per_call_max;
        if request.chunks.is_empty() || request.chunks.len() > limit {
            return Err(Refusal::Malformed(format!(
                "it has {}, and must have 1 to {limit}",
                counted(request.chunks.len(), "key")
            )));
        }
        if request.chunks.iter().any(|chunk| chunk.length_bytes == 0) {
            return Err(Refusal::Malformed("it has a chunk of 0 bytes".to_owned()));
        }
        if request.chunks.iter().map(|chunk| &chunk.key).collect::<BTreeSet<_>>().len() < request.chunks.len() {
            return Err(Refusal::Malformed("it names a key twice".to_owned()));
        }
        Ok(())
    }

    /// Checks the sender of a call, for a parked call each time again: meanwhile the sender may have fallen silent, and could
    /// no longer end its writes.
    fn check_standing(&self, call: &ReserveCall) -> Result<(), Refusal> {
        if self.is_closed {
            return Err(Refusal::Closing);
        }
        self.check_destination(call.destination)?;
        let is_heard = |session: &&Session| session.death.is_none() && !session.is_silent && !session.is_superseded;
        let session = self.sessions.alive.get(&call.epoch).filter(is_heard).ok_or(Refusal::UnknownEpoch)?;
        if session.has_ended(call.request) { Err(Refusal::RequestEnded) } else { Ok(()) }
    }

    /// The answer to a reserve call; `Err` if waiting might help.
    fn answer_reserve(&mut self, now: Duration, call: &ReserveCall) -> Result<ReserveAnswer, WaitsFor> {
        if let Err(refusal) = self.check_standing(call) {
            return Ok(ReserveAnswer::Refused(refusal));
        }
        let (requested_bytes, capacity_bytes) = (self.footprint_bytes(&call.chunks), self.slots.capacity_bytes());
        if requested_bytes > capacity_bytes {
            self.end_without_slots(call);
            return Ok(ReserveAnswer::TooLarge { requested_bytes, capacity_bytes });
        }
        if let Some(answers) = self.answers_given(call) {
            return Ok(self.granted(answers));
        }
        let mut answers = Vec::with_capacity(call.chunks.len());
        let (mut missing, mut present) = (Vec::new(), BTreeSet::new());
        for (key, length_bytes) in &call.chunks {
            answers.push(match self.slots.find(key) {
                None => {
                    missing.push((key.clone(), *length_bytes));
                    None
                }
                Some(ticket) if self.slots.committed(ticket).is_some() => {
                    present.insert(ticket);
                    Some(KeyAnswer::Present)
                }
                Some(_) => Some(KeyAnswer::Pending),
            });
        }
        if missing.is_empty() && present.is_empty() {
            return Err(WaitsFor::Keys);
        }
        let needed_bytes = self.footprint_bytes(&missing);
        let tickets = match missing.is_empty() {
            true => Vec::new(),
            false if self.is_replacing => return Err(WaitsFor::Room { needed_bytes }),
            false => self
                .reserve_with_room(call.epoch, call.request, &missing, &present)
                .ok_or(WaitsFor::Room { needed_bytes })?,
        };
        self.room_was_given(needed_bytes);
        present.into_iter().for_each(|ticket| self.wanted_again(now, ticket));
        let keys = self.grant(call, answers, &missing, tickets);
        Ok(self.granted(keys))
    }

    fn granted(&self, keys: Vec<KeyAnswer>) -> ReserveAnswer {
        ReserveAnswer::Granted { destination: self.destination(), keys }
    }

    /// The earlier answer to a call that came twice, slot for slot.
    fn answers_given(&self, call: &ReserveCall) -> Option<Vec<KeyAnswer>> {
        let open = self.sessions.alive.get(&call.epoch)?.requests.get(&call.request)?;
        let answer = |key: &ObjectKey| {
            let slot = self.slots.find(key).and_then(|ticket| Some((ticket, self.slots.get(ticket)?)));
            match slot {
                Some((ticket, slot)) if open.slots.contains(&ticket) => {
                    KeyAnswer::Write { ticket, offset_bytes: slot.range.start }
                }
                Some((_, slot)) if matches!(slot.state, SlotState::Committed(_)) => KeyAnswer::Present,
                // Another sender is writing it, or it was freed since: the sender must ask again.
                _ => KeyAnswer::Pending,
            }
        };
        Some(call.chunks.iter().map(|(key, _)| answer(key)).collect())
    }

    /// A sender was told that a chunk is present, so a decoder will soon look it up, as if it had been stored now.
    fn wanted_again(&mut self, now: Duration, ticket: SlotTicket) {
        self.slots.change(ticket, |committed| {
            committed.last_use = now;
            committed.consumed = false;
        });
    }

    fn grant(
        &mut self,
        call: &ReserveCall,
        answers: Vec<Option<KeyAnswer>>,
        missing: &[(ObjectKey, u64)],
        tickets: Vec<SlotTicket>,
    ) -> Vec<KeyAnswer> {
        if tickets.is_empty() {
            self.end_without_slots(call);
        } else if let Some(session) = self.sessions.get_mut(call.epoch) {
            session.requests.insert(call.request, Request { slots: tickets.iter().copied().collect() });
        }
        missing.iter().for_each(|(key, _)| self.waiting.key_is_being_written(key));
        let offset = |ticket: &SlotTicket| self.slots.get(*ticket).map_or(0, |slot| slot.range.start);
        let mut writes =
            tickets.iter().map(|ticket| KeyAnswer::Write { ticket: *ticket, offset_bytes: offset(ticket) });
        // There are as many tickets as keys without an answer.
        answers.into_iter().filter_map(|answer| answer.or_else(|| writes.next())).collect()
    }

    /// The wait is over.
    fn give_up(&mut self, now: Duration, call: &ReserveCall, waits_for: WaitsFor) {
        self.end_without_slots(call);
        let answer = match waits_for {
            WaitsFor::Keys => self.granted(vec![KeyAnswer::Pending; call.chunks.len()]),
            WaitsFor::Room { needed_bytes } => {
                // The sender repeats the call, and then there may be room.
                self.make_way_for(now, needed_bytes);
                self.counters.busy_answers += 1;
                self.refused_room = Some((needed_bytes, self.slots.changes()));
                let (occupied_bytes, capacity_bytes) = (self.slots.occupied_bytes(), self.slots.capacity_bytes());
                ReserveAnswer::Busy { occupied_bytes, capacity_bytes }
            }
        };
        self.answer(call.call, answer);
    }

    /// A smaller call that fits is no evidence about a larger one that did not.
    fn room_was_given(&mut self, bytes: u64) {
        self.refused_room = self.refused_room.filter(|(refused, _)| bytes < *refused);
    }

    fn end_without_slots(&mut self, call: &ReserveCall) {
        if let Some(session) = self.sessions.get_mut(call.epoch) {
            session.end_request(call.request);
        }
    }
}
