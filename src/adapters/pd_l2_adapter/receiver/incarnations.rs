//! Senders that fall silent, die, or leave memory behind that nobody answers for.

use std::time::Duration;

use super::{ReceiverAction, ReceiverMachine, sessions::Death, slots::SlotState};
use crate::adapters::pd_l2_adapter::protocol::{EndOfWrite, Epoch, IncarnationDead, Region, SlotTicket};

impl ReceiverMachine {
    /// A sender is dead. What it had sent may still be on its way for a moment.
    pub(crate) fn handle_incarnation_dead(&mut self, now: Duration, proof: IncarnationDead) {
        let epoch = proof.epoch();
        let settled_at = now + self.settings.death_grace;
        let Some(session) = self.sessions.get_mut(epoch) else { return };
        session.death = Some(Death { proof, settled_at });
        self.counters.senders_died += 1;
        self.quarantine_all(epoch);
        self.parked_may_go_on = true;
        self.settle_deaths(now);
        self.go_on_with_parked(now);
    }

    /// The region has new memory; writes to the old cannot reach it.
    pub(crate) fn handle_region_replaced(&mut self, now: Duration, region: Region) {
        self.is_replacing = false;
        self.region = region;
        self.counters.regions_replaced += 1;
        let left: Vec<(SlotTicket, Epoch)> = self
            .slots
            .iter()
            .filter_map(|(ticket, slot)| match slot.state {
                SlotState::Quarantined { epoch, .. } => Some((ticket, epoch)),
                _ => None,
            })
            .collect();
        for (ticket, epoch) in left {
            self.free_quarantined(epoch, ticket, EndOfWrite::region_replaced());
        }
        self.parked_may_go_on = true;
        self.go_on_with_parked(now);
    }

    /// There was no new memory. It is tried again a lease later.
    pub(crate) fn handle_region_replacement_failed(&mut self, now: Duration) {
        self.is_replacing = false;
        for session in self.sessions.alive.values_mut().filter(|session| session.is_silent) {
            session.silent_since = now;
        }
        self.parked_may_go_on = true;
        self.go_on_with_parked(now);
    }

    pub(super) fn run_out_leases(&mut self, now: Duration) {
        let silent: Vec<Epoch> = self
            .sessions
            .alive
            .iter()
            .filter(|(_, session)| session.death.is_none() && !session.is_silent && session.lease_until <= now)
            .map(|(epoch, _)| *epoch)
            .collect();
        for epoch in silent {
            self.counters.leases_run_out += 1;
            self.quarantine_all(epoch);
            self.parked_may_go_on = true;
            let Some(session) = self.sessions.get_mut(epoch) else { continue };
            session.is_silent = true;
            session.silent_since = now;
            // Nothing of it is left that it would have to answer for: when it comes back it introduces itself.
            if !session.holds_slots() {
                self.sessions.alive.remove(&epoch);
            }
        }
    }

    /// What dead senders had sent has arrived by now: with the proof of their death, nothing more can.
    pub(super) fn settle_deaths(&mut self, now: Duration) {
        let settled: Vec<Epoch> = self
            .sessions
            .alive
            .iter()
            .filter(|(_, session)| session.death.as_ref().is_some_and(|death| death.settled_at <= now))
            .map(|(epoch, _)| *epoch)
            .collect();
        for epoch in settled {
            let Some(session) = self.sessions.alive.get_mut(&epoch) else { continue };
            let Some(death) = session.death.take() else { continue };
            for ticket in std::mem::take(&mut session.quarantined) {
                self.free_written(ticket, EndOfWrite::sender_died(&death.proof));
            }
            self.sessions.bury(epoch);
            self.parked_may_go_on = true;
        }
    }

    /// When the region is to be replaced: a lease after the last of the senders fell silent, if all that is left in the region
    /// is quarantined for senders that are silent, but not known to be dead.
    pub(super) fn replacement_due(&self) -> Option<Duration> {
        let tallies = self.slots.tallies();
        if self.is_replacing || tallies.quarantined.slots == 0 || tallies.reserved.slots + tallies.committed.slots > 0 {
            return None;
        }
        let holders = || self.sessions.alive.values().filter(|session| !session.quarantined.is_empty());
        let all_silent = holders().all(|session| session.is_silent && session.death.is_none());
        let last_silent_since = holders().map(|session| session.silent_since).max()?;
        all_silent.then_some(last_silent_since + self.settings.lease)
    }

    pub(super) fn replace_region_if_only_silence_is_left(&mut self, now: Duration) {
        if self.replacement_due().is_some_and(|due| due <= now) {
            self.is_replacing = true;
            self.actions.push_back(ReceiverAction::ReplaceRegion);
        }
    }

    /// Nothing that a sender has not committed will be: its requests end, and its slots wait for the end of their writes.
    fn quarantine_all(&mut self, epoch: Epoch) {
        let Some(session) = self.sessions.alive.get_mut(&epoch) else { return };
        let open: Vec<_> = session.requests.keys().copied().collect();
        let slots: Vec<SlotTicket> = open
            .into_iter()
            .filter_map(|request| session.end_request(request))
            .flat_map(|request| request.slots)
            .collect();
        for ticket in slots {
            self.quarantine(epoch, ticket);
        }
    }

    /// The slot's key is free to be written elsewhere; the slot is not.
    pub(super) fn quarantine(&mut self, epoch: Epoch, ticket: SlotTicket) {
        if let Some(slot) = self.slots.get(ticket) {
            self.keys.remove(&slot.key);
        }
        self.slots.quarantine(ticket);
        if let Some(session) = self.sessions.alive.get_mut(&epoch) {
            session.quarantined.insert(ticket);
        }
    }

    pub(super) fn free_quarantined(&mut self, epoch: Epoch, ticket: SlotTicket, ended: EndOfWrite) {
        self.free_written(ticket, ended);
        if let Some(session) = self.sessions.alive.get_mut(&epoch) {
            session.quarantined.remove(&ticket);
            if session.is_silent && session.death.is_none() && !session.holds_slots() {
                self.sessions.alive.remove(&epoch);
            }
        }
    }

    /// Frees a slot that was reserved or quarantined.
    pub(super) fn free_written(&mut self, ticket: SlotTicket, ended: EndOfWrite) {
        if let Some(slot) = self.slots.free_written(ticket, ended) {
            // A quarantined slot has given its key up already; by now it may lead to another slot.
            if self.keys.get(&slot.key) == Some(&ticket) {
                self.keys.remove(&slot.key);
            }
            self.parked_may_go_on = true;
        }
    }
}
