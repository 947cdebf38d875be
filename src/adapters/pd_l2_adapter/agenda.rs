//! Deadlines by name. It has no clock: time is an argument.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// At most one deadline for each name. The next one is found in logarithmic time.
#[derive(Debug)]
pub(super) struct Agenda<K> {
    /// Invariant: the same pairs as in `times`.
    by_time: BTreeSet<(Duration, K)>,
    times: BTreeMap<K, Duration>,
}

impl<K: Copy + Ord> Agenda<K> {
    pub(super) fn new() -> Self {
        Self { by_time: BTreeSet::new(), times: BTreeMap::new() }
    }

    /// Sets a deadline, in place of the one before.
    pub(super) fn set(&mut self, name: K, at: Duration) {
        self.remove(name);
        self.by_time.insert((at, name));
        self.times.insert(name, at);
    }

    pub(super) fn remove(&mut self, name: K) {
        if let Some(at) = self.times.remove(&name) {
            self.by_time.remove(&(at, name));
        }
    }

    pub(super) fn contains(&self, name: K) -> bool {
        self.times.contains_key(&name)
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Duration> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Removes and returns a name that is due, the earliest first.
    pub(super) fn pop_due(&mut self, now: Duration) -> Option<K> {
        let (at, name) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.remove(name);
        Some(name)
    }

    pub(super) fn clear(&mut self) {
        self.by_time.clear();
        self.times.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_due_once_at_its_latest_deadline() {
        let at = Duration::from_secs;
        let mut agenda = Agenda::new();
        agenda.set("later", at(3));
        agenda.set("moved", at(1));
        agenda.set("moved", at(2));
        assert_eq!((agenda.next(), agenda.pop_due(at(1))), (Some(at(2)), None));
        assert_eq!(
            (agenda.pop_due(at(3)), agenda.pop_due(at(3)), agenda.pop_due(at(3))),
            (Some("moved"), Some("later"), None)
        );
    }
}
