//! The senders that a receiver knows: their leases, and which of their requests are open, ended or cancelled.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use super::super::{
    agenda::Agenda,
    protocol::{Epoch, IncarnationDead, RequestId, SlotTicket},
};

/// Ended requests that are remembered one by one. All older requests have ended, except open ones.
const ENDED_REQUESTS_MAX: usize = 4096;
/// Incarnations that are remembered as dead. Sockets of older ones are closed, so no more calls of theirs can arrive.
const DEAD_EPOCHS_MAX: usize = 1024;

/// One incarnation of a sender.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) node_name: Option<String>,
    /// Measured only with this receiver's clock.
    lease_until: Duration,
    /// The lease has run out and no call has arrived since.
    pub(super) is_silent: bool,
    /// Another incarnation has taken its name: it may report how its writes ended, and nothing else.
    pub(super) is_superseded: bool,
    pub(super) silent_since: Duration,
    /// Open requests, with the slots that they have not resolved.
    pub(super) requests: BTreeMap<RequestId, Request>,
    /// Waiting reserve calls, by request. Invariant: those of this incarnation in the receiver's `Parking`.
    parked: BTreeMap<RequestId, Parked>,
    ended: BTreeSet<RequestId>,
    /// Every request below this one has ended, except open or parked ones.
    ended_below: RequestId,
    /// Quarantined slots, which its writes may still reach, by request.
    pub(super) quarantined: BTreeMap<RequestId, BTreeSet<SlotTicket>>,
    pub(super) death: Option<IncarnationDead>,
}

/// An open request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) slots: BTreeSet<SlotTicket>,
}

/// A request with waiting calls.
#[derive(Debug, Default)]
struct Parked {
    calls: u32,
    has_ended: bool,
}

impl Session {
    pub(super) fn new(node_name: Option<String>, lease_until: Duration, ended_below: RequestId) -> Self {
        Self {
            node_name,
            lease_until,
            is_silent: false,
            is_superseded: false,
            silent_since: lease_until,
            requests: BTreeMap::new(),
            parked: BTreeMap::new(),
            ended: BTreeSet::new(),
            ended_below,
            quarantined: BTreeMap::new(),
            death: None,
        }
    }

    /// Whether the request has ended. However many later requests have ended: an open or parked request has not.
    pub(super) fn has_ended(&self, request: RequestId) -> bool {
        match self.parked.get(&request) {
            Some(parked) => parked.has_ended,
            None if self.requests.contains_key(&request) => false,
            None => request < self.ended_below || self.ended.contains(&request),
        }
    }

    /// Ends a request that is complete or cancelled: a reserve call of that number is refused from now on, even one that has
    /// not arrived yet.
    pub(super) fn end_request(&mut self, request: RequestId) -> Option<Request> {
        if request >= self.ended_below && self.ended.insert(request) && self.ended.len() > ENDED_REQUESTS_MAX {
            // Request ids ascend, so calls of the oldest request are the least likely to come.
            if let Some(oldest) = self.ended.pop_first() {
                self.ended_below = RequestId(oldest.0 + 1);
            }
        }
        if let Some(parked) = self.parked.get_mut(&request) {
            parked.has_ended = true;
        }
        self.requests.remove(&request)
    }

    /// Whether it holds any slot of the region.
    pub(super) fn holds_slots(&self) -> bool {
        !self.quarantined.is_empty() || self.requests.values().any(|request| !request.slots.is_empty())
    }
}

/// All senders of one rank. No turn of the rank's thread iterates over all of them.
#[derive(Debug)]
pub(super) struct Sessions {
    pub(super) alive: BTreeMap<Epoch, Session>,
    /// When a lease may run out: for each session that is alive, not silent and not dying, and no later than its lease.
    /// Renewing a lease does not move the entry.
    leases: Agenda<Epoch>,
    /// Invariant: exactly the silent sessions among the live ones.
    silent: BTreeSet<Epoch>,
    /// Sessions that were examined one after the other.
    #[cfg(test)]
    pub(super) visited: std::cell::Cell<usize>,
    /// Sessions with a probe in flight. Invariant: alive, not silent, not dying.
    pub(super) probing: BTreeSet<Epoch>,
    dead: BTreeSet<Epoch>,
    dead_order: VecDeque<Epoch>,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self {
            alive: BTreeMap::new(),
            leases: Agenda::new(),
            silent: BTreeSet::new(),
            #[cfg(test)]
            visited: std::cell::Cell::default(),
            probing: BTreeSet::new(),
            dead: BTreeSet::new(),
            dead_order: VecDeque::new(),
        }
    }

    /// All of them, for rare operations.
    pub(super) fn each(&self) -> impl Iterator<Item = (&Epoch, &Session)> {
        self.alive.iter().inspect(|_| {
            #[cfg(test)]
            self.visited.set(self.visited.get() + 1);
        })
    }

    /// Adds an accepted incarnation.
    pub(super) fn add(&mut self, epoch: Epoch, session: Session) {
        self.leases.set(epoch, session.lease_until);
        self.alive.insert(epoch, session);
    }

    /// Counts a call of a request that starts to wait.
    pub(super) fn park(&mut self, epoch: Epoch, request: RequestId) {
        if let Some(session) = self.get_mut(epoch) {
            session.parked.entry(request).or_default().calls += 1;
        }
    }

    /// Counts a call that no longer waits.
    pub(super) fn unpark(&mut self, epoch: Epoch, request: RequestId) {
        let Some(session) = self.alive.get_mut(&epoch) else { return };
        let Some(parked) = session.parked.get_mut(&request) else { return };
        parked.calls -= 1;
        if parked.calls == 0 {
            session.parked.remove(&request);
        }
    }

    /// How many calls of each request wait.
    #[cfg(test)]
    pub(super) fn parked(&self) -> BTreeMap<(Epoch, RequestId), u32> {
        let of_session = |(epoch, session): (&Epoch, &Session)| {
            let named: Vec<_> = session.parked.iter().map(|(id, parked)| ((*epoch, *id), parked.calls)).collect();
            named
        };
        self.alive.iter().flat_map(of_session).collect()
    }

    /// Renews the lease of a live incarnation after a sign of life.
    pub(super) fn renew(&mut self, epoch: Epoch, lease_until: Duration) {
        let Some(session) = self.get_mut(epoch) else { return };
        session.lease_until = session.lease_until.max(lease_until);
        if std::mem::replace(&mut session.is_silent, false) {
            self.silent.remove(&epoch);
            self.leases.set(epoch, lease_until);
        }
    }

    /// When the next lease may run out.
    pub(super) fn next_lease(&self) -> Option<Duration> {
        self.leases.next()
    }

    /// Removes and returns an incarnation whose lease has run out; it is silent from now on.
    pub(super) fn pop_silent(&mut self, now: Duration) -> Option<Epoch> {
        while let Some(epoch) = self.leases.pop_due(now) {
            let Some(session) = self.alive.get_mut(&epoch).filter(|session| session.death.is_none()) else { continue };
            if session.lease_until > now {
                self.leases.set(epoch, session.lease_until);
                continue;
            }
            session.is_silent = true;
            session.silent_since = now;
            self.silent.insert(epoch);
            self.probing.remove(&epoch);
            return Some(epoch);
        }
        None
    }

    pub(super) fn silent_count(&self) -> usize {
        self.silent.len()
    }

    /// Restarts the silence of the silent sessions.
    pub(super) fn restart_silence(&mut self, now: Duration) {
        for epoch in &self.silent {
            if let Some(session) = self.alive.get_mut(epoch) {
                session.silent_since = now;
            }
        }
    }

    /// Removes it completely.
    pub(super) fn forget(&mut self, epoch: Epoch) {
        self.alive.remove(&epoch);
        self.leases.remove(epoch);
        self.silent.remove(&epoch);
    }

    /// Panics if an invariant is violated.
    #[cfg(test)]
    pub(super) fn check_invariants(&self) {
        let silent = self.alive.iter().filter(|(_, session)| session.is_silent).map(|(epoch, _)| *epoch);
        assert!(silent.eq(self.silent.iter().copied()), "the set of silent sessions is wrong");
        for (epoch, session) in self.alive.iter().filter(|(_, session)| session.death.is_none() && !session.is_silent) {
            assert!(self.leases.contains(*epoch), "the lease of {epoch} has no deadline");
            assert!(
                self.leases.next() <= Some(session.lease_until),
                "the lease of {epoch} runs out before its deadline"
            );
        }
    }

    /// A live incarnation.
    pub(super) fn get_mut(&mut self, epoch: Epoch) -> Option<&mut Session> {
        self.alive.get_mut(&epoch).filter(|session| session.death.is_none())
    }

    /// Those of its requests that have slots in quarantine.
    pub(super) fn quarantined_requests(&self, epoch: Epoch) -> Vec<RequestId> {
        self.alive.get(&epoch).map_or_else(Vec::new, |session| session.quarantined.keys().copied().collect())
    }

    /// Whether the incarnation was declared dead, which is final.
    pub(super) fn is_dead(&self, epoch: Epoch) -> bool {
        self.dead.contains(&epoch) || self.alive.get(&epoch).is_some_and(|session| session.death.is_some())
    }

    /// Removes a dead incarnation that holds no slots; it stays remembered as dead.
    pub(super) fn bury(&mut self, epoch: Epoch) {
        self.forget(epoch);
        self.remember_dead(epoch);
    }

    /// Remembers an incarnation as dead, even if it was unknown: its earlier messages may still be on their way, and must not
    /// revive it.
    pub(super) fn remember_dead(&mut self, epoch: Epoch) {
        if self.dead.insert(epoch) {
            self.dead_order.push_back(epoch);
        }
        if self.dead_order.len() > DEAD_EPOCHS_MAX
            && let Some(oldest) = self.dead_order.pop_front()
        {
            self.dead.remove(&oldest);
        }
    }
}
