//! Senders that fall silent or die, and the slots that they leave in quarantine.

use std::time::Duration;

use super::{ReceiverAction, ReceiverMachine, sessions::Session};
use crate::{
    adapters::pd_l2_adapter::protocol::{EndOfWrite, Epoch, IncarnationDead, Region, RequestId, SlotTicket},
    transfer::{Polled, RegionReplaced},
};

/// Quarantined slots whose writes have ended at their sender: they are free after the next poll of the channel that is late
/// enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Release {
    /// All slots of a dead sender.
    OfDead(Epoch),
    /// The slots of a request with a write that broke off.
    OfBrokenOff(Epoch, RequestId),
}

impl ReceiverMachine {
    /// A sender is dead. Its kernel may still send what the transfer channel had passed to it, until it closes the channel's
    /// connections, too: at the latest at their user timeout.
    pub(super) fn incarnation_is_dead(&mut self, now: Duration, proof: IncarnationDead) {
        let epoch = proof.epoch();
        let Some(session) = self.sessions.get_mut(epoch) else { return self.sessions.remember_dead(epoch) };
        session.death = Some(proof);
        self.sessions.probing.remove(&epoch);
        self.counters.senders_died += 1;
        self.quarantine_all(epoch);
        self.parking.everything_has_changed();
        if self.sessions.quarantined_requests(epoch).is_empty() {
            self.sessions.bury(epoch);
        } else {
            let at = now + self.settings.channel_close_time + self.settings.death_grace;
            self.releases.set(Release::OfDead(epoch), at);
        }
        self.go_on(now);
    }

    /// Declares a sender dead regardless of its connections: for machines that are broken on purpose.
    #[cfg(test)]
    pub(crate) fn take_for_dead(&mut self, now: Duration, epoch: Epoch) {
        self.incarnation_is_dead(now, IncarnationDead::made_up(epoch));
    }

    /// The channel was polled: everything that the sockets of this side held is in the region now.
    pub(crate) fn handle_channel_polled(&mut self, now: Duration, polled: &Polled) {
        while let Some(release) = self.releases.pop_due(now) {
            match release {
                Release::OfDead(epoch) => self.release_dead(epoch, polled),
                Release::OfBrokenOff(epoch, request) => {
                    self.free_quarantined(epoch, request, || EndOfWrite::broken_off_and_polled(polled));
                }
            }
        }
        self.go_on(now);
    }

    /// The region has new memory, and writes to the old memory cannot reach it.
    pub(crate) fn handle_region_replaced(&mut self, now: Duration, region: Region, evidence: &RegionReplaced) {
        self.is_replacing = false;
        self.region = region;
        self.counters.regions_replaced += 1;
        let epochs: Vec<Epoch> = self.sessions.alive.keys().copied().collect();
        for epoch in epochs {
            for request in self.sessions.quarantined_requests(epoch) {
                self.free_quarantined(epoch, request, || EndOfWrite::region_replaced(evidence));
            }
            if self.sessions.is_dead(epoch) {
                self.releases.remove(Release::OfDead(epoch));
                self.sessions.bury(epoch);
            }
        }
        self.parking.everything_has_changed();
        self.go_on(now);
    }

    /// There was no new memory. The replacement is tried again a lease later.
    pub(crate) fn handle_region_replacement_failed(&mut self, now: Duration) {
        self.is_replacing = false;
        self.sessions.restart_silence(now);
        self.parking.everything_has_changed();
        self.go_on(now);
    }

    pub(super) fn run_out_leases(&mut self, now: Duration) {
        while let Some(epoch) = self.sessions.pop_silent(now) {
            self.counters.leases_run_out += 1;
            self.quarantine_all(epoch);
            self.parking.everything_has_changed();
            self.forget_if_silent_and_empty(epoch);
        }
    }

    fn release_dead(&mut self, epoch: Epoch, polled: &Polled) {
        let Some(session) = self.sessions.alive.get_mut(&epoch) else { return };
        let Some(proof) = session.death.take() else { return };
        for ticket in std::mem::take(&mut session.quarantined).into_values().flatten() {
            self.free_written(ticket, EndOfWrite::sender_died_and_polled(&proof, polled));
        }
        self.sessions.bury(epoch);
    }

    /// When to replace the region: a lease after the last of its senders fell silent, if the region only holds quarantined
    /// slots of senders that are silent and not known to be dead.
    pub(super) fn replacement_due(&self) -> Option<Duration> {
        let tallies = self.slots.tallies();
        if self.is_replacing || tallies.quarantined.slots == 0 || tallies.reserved.slots + tallies.committed.slots > 0 {
            return None;
        }
        let holders =
            || self.sessions.each().map(|(_, session)| session).filter(|session| !session.quarantined.is_empty());
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

    /// Ends all requests of a sender that will commit nothing more. Its slots wait for the end of their writes.
    fn quarantine_all(&mut self, epoch: Epoch) {
        let Some(session) = self.sessions.alive.get_mut(&epoch) else { return };
        let open: Vec<RequestId> = session.requests.keys().copied().collect();
        for id in open {
            let ended = self.sessions.alive.get_mut(&epoch).and_then(|session| session.end_request(id));
            for ticket in ended.into_iter().flat_map(|request| request.slots) {
                self.quarantine(epoch, id, ticket);
            }
        }
    }

    /// Quarantines a slot: no request waits for its write any more, but the write may still land.
    pub(super) fn quarantine(&mut self, epoch: Epoch, request: RequestId, ticket: SlotTicket) {
        if let Some(slot) = self.slots.get(ticket) {
            self.parking.key_has_changed(&slot.key);
            self.waiting.write_has_ended(&slot.key);
        }
        self.slots.quarantine(ticket);
        if let Some(session) = self.sessions.alive.get_mut(&epoch) {
            session.quarantined.entry(request).or_default().insert(ticket);
        }
    }

    /// Frees the slots that a request left in quarantine.
    pub(super) fn free_quarantined(&mut self, epoch: Epoch, request: RequestId, ended: impl Fn() -> EndOfWrite) {
        self.releases.remove(Release::OfBrokenOff(epoch, request));
        let Some(session) = self.sessions.alive.get_mut(&epoch) else { return };
        for ticket in session.quarantined.remove(&request).unwrap_or_default() {
            self.free_written(ticket, ended());
        }
        self.forget_if_silent_and_empty(epoch);
    }

    /// Removes a silent sender without slots: when it returns, it makes a new handshake.
    pub(super) fn forget_if_silent_and_empty(&mut self, epoch: Epoch) {
        let is_over = |session: &Session| session.is_silent && session.death.is_none() && !session.holds_slots();
        if self.sessions.alive.get(&epoch).is_some_and(is_over) {
            self.sessions.forget(epoch);
        }
    }

    /// Frees a slot that was reserved or quarantined.
    pub(super) fn free_written(&mut self, ticket: SlotTicket, ended: EndOfWrite) {
        if let Some(slot) = self.slots.free_written(ticket, ended) {
            // A quarantined slot no longer holds its key, which may lead to another slot by now.
            if slot.holds_key() {
                self.parking.key_has_changed(&slot.key);
                self.waiting.write_has_ended(&slot.key);
            }
            self.parking.room_has_changed();
        }
    }
}
