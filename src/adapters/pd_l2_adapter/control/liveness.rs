//! Which end of a connection says that a sender's incarnation is dead. Pure.
//!
//! A sender has one connection in use, the one it attached last; earlier ones it keeps only while a write is in flight. So the
//! end of the last one, said by the sender's own kernel, means that no write is in flight and none will be posted for what
//! was granted: the process is gone, or it has let go of its grants before it let go of the connection.

use std::collections::BTreeMap;

use super::connection::ConnectionNumber;
use crate::adapters::pd_l2_adapter::protocol::{Epoch, IncarnationDead};

/// The connections of one rank's senders. Belongs to the rank's thread.
#[derive(Debug, Default)]
pub(crate) struct Liveness {
    attached: BTreeMap<ConnectionNumber, Epoch>,
    /// The last one each incarnation attached, and by which attempt.
    latest: BTreeMap<Epoch, (u64, ConnectionNumber)>,
}

impl Liveness {
    /// An incarnation attaches a connection. `false` where it has attached one by a later attempt: this one was given up, and
    /// its end, which may follow at once, is none of the incarnation's.
    #[must_use]
    pub(crate) fn attach(&mut self, connection: ConnectionNumber, epoch: Epoch, attempt: u64) -> bool {
        if self.latest.get(&epoch).is_some_and(|(latest, _)| *latest >= attempt) {
            return false;
        }
        self.attached.insert(connection, epoch);
        self.latest.insert(epoch, (attempt, connection));
        true
    }

    /// The sender's kernel has closed or reset a connection.
    pub(crate) fn peer_closed(&mut self, connection: ConnectionNumber) -> Option<IncarnationDead> {
        let epoch = *self.attached.get(&connection)?;
        let is_latest = self.is_latest(epoch, connection);
        is_latest.then(|| IncarnationDead::connection_closed_by_kernel(epoch))
    }

    /// A connection is gone, for whatever reason: by itself that says nothing.
    pub(crate) fn gone(&mut self, connection: ConnectionNumber) {
        if let Some(epoch) = self.attached.remove(&connection)
            && self.is_latest(epoch, connection)
        {
            self.latest.remove(&epoch);
        }
    }

    fn is_latest(&self, epoch: Epoch, connection: ConnectionNumber) -> bool {
        self.latest.get(&epoch).is_some_and(|(_, latest)| *latest == connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: Epoch = Epoch(7);
    const FIRST: ConnectionNumber = ConnectionNumber(1);
    const SECOND: ConnectionNumber = ConnectionNumber(2);

    #[test]
    fn the_end_of_the_last_connection_is_a_death() {
        let mut liveness = Liveness::default();
        assert!(liveness.attach(FIRST, SENDER, 1));
        assert_eq!(liveness.peer_closed(FIRST).map(|proof| proof.epoch()), Some(SENDER));
    }

    #[test]
    fn the_end_of_an_earlier_connection_is_none() {
        let mut liveness = Liveness::default();
        assert!(liveness.attach(FIRST, SENDER, 1));
        assert!(liveness.attach(SECOND, SENDER, 2));
        assert_eq!(liveness.peer_closed(FIRST), None);
        assert!(liveness.peer_closed(SECOND).is_some());
    }

    #[test]
    fn a_connection_that_merely_went_away_says_nothing() {
        let mut liveness = Liveness::default();
        assert!(liveness.attach(FIRST, SENDER, 1));
        liveness.gone(FIRST);
        assert_eq!(liveness.peer_closed(FIRST), None);
        assert!(liveness.attached.is_empty() && liveness.latest.is_empty());
    }

    #[test]
    fn a_connection_of_an_earlier_attempt_that_is_heard_of_late_does_not_count() {
        let mut liveness = Liveness::default();
        assert!(liveness.attach(SECOND, SENDER, 2));
        assert!(!liveness.attach(FIRST, SENDER, 1));
        assert!(!liveness.attach(FIRST, SENDER, 2));
        assert_eq!(liveness.peer_closed(FIRST), None);
        assert!(liveness.peer_closed(SECOND).is_some());
    }

    #[test]
    fn a_connection_that_never_attached_is_nobodys() {
        assert_eq!(Liveness::default().peer_closed(FIRST), None);
    }
}
