//! The senders' connections, and which of them shows by its end that a sender's incarnation is dead.
//!
//! The current connection of an incarnation is the one that it attached by its latest attempt. After that, an earlier
//! connection may end at any time and its end has no meaning. The sender closes the latest connection only if none of its
//! writes is in flight, or with its process. So when the sender's own kernel has closed the latest connection, no write of the
//! incarnation is in flight, and none will be posted for the grants that came over it.

use std::{collections::BTreeMap, time::Duration};

use super::ReceiverMachine;
use crate::adapters::pd_l2_adapter::protocol::{
    Attachment, ClosedByPeer, ConnectionNumber, Destination, Epoch, IncarnationDead, PROTOCOL_VERSION, Refusal,
};

/// The attached connections of one rank's senders.
#[derive(Debug, Default)]
pub(super) struct Connections {
    attached: BTreeMap<ConnectionNumber, Epoch>,
    /// The latest connection of each incarnation, and the number of its attempt.
    latest: BTreeMap<Epoch, (u64, ConnectionNumber)>,
}

impl ReceiverMachine {
    /// A sender attaches a connection to the memory that the handshake returned. Returns the memory it is attached to.
    pub(crate) fn handle_attach(
        &mut self,
        now: Duration,
        connection: ConnectionNumber,
        attachment: Attachment,
    ) -> Result<Destination, Refusal> {
        let Attachment { epoch, attempt, protocol_version, destination } = attachment;
        if protocol_version != PROTOCOL_VERSION {
            return Err(Refusal::Version { ours: PROTOCOL_VERSION });
        }
        self.check_destination(destination)?;
        self.hear(now, epoch)?;
        if !self.connections.attach(connection, epoch, attempt) {
            return Err(Refusal::Malformed("it attaches a connection, but a later one is already attached".to_owned()));
        }
        Ok(self.destination())
    }

    /// A sender's kernel has closed or reset a connection: its incarnation is dead if that was the latest connection.
    pub(crate) fn handle_peer_closed(&mut self, now: Duration, closed: ClosedByPeer) {
        if let Some(proof) = self.connections.peer_closed(closed) {
            self.incarnation_is_dead(now, proof);
        }
    }

    /// A connection ended, for whatever reason: by itself that proves nothing.
    pub(crate) fn handle_connection_gone(&mut self, connection: ConnectionNumber) {
        self.connections.gone(connection);
    }
}

impl Connections {
    /// Attaches a connection. `false` if the incarnation has attached one by a later attempt: this one was given up, and its
    /// end, which may follow at once, has no meaning.
    #[must_use]
    fn attach(&mut self, connection: ConnectionNumber, epoch: Epoch, attempt: u64) -> bool {
        if self.latest.get(&epoch).is_some_and(|(latest, _)| *latest >= attempt) {
            return false;
        }
        self.attached.insert(connection, epoch);
        self.latest.insert(epoch, (attempt, connection));
        true
    }

    fn peer_closed(&self, closed: ClosedByPeer) -> Option<IncarnationDead> {
        let epoch = *self.attached.get(&closed.connection())?;
        let is_latest = self.is_latest(epoch, closed.connection());
        is_latest.then(|| IncarnationDead::latest_connection_closed(epoch, closed))
    }

    fn gone(&mut self, connection: ConnectionNumber) {
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

    /// The incarnation that is dead when the kernel closes this connection.
    fn dead(connections: &Connections, closed: ConnectionNumber) -> Option<Epoch> {
        connections.peer_closed(ClosedByPeer::simulated(closed)).map(|proof| proof.epoch())
    }

    #[test]
    fn the_end_of_the_latest_connection_is_a_death() {
        let mut connections = Connections::default();
        assert!(connections.attach(FIRST, SENDER, 1));
        assert_eq!(dead(&connections, FIRST), Some(SENDER));
    }

    #[test]
    fn the_end_of_an_earlier_connection_is_not_a_death() {
        let mut connections = Connections::default();
        assert!(connections.attach(FIRST, SENDER, 1));
        assert!(connections.attach(SECOND, SENDER, 2));
        assert_eq!(dead(&connections, FIRST), None);
        assert_eq!(dead(&connections, SECOND), Some(SENDER));
    }

    #[test]
    fn a_connection_that_was_not_closed_by_its_kernel_proves_nothing() {
        let mut connections = Connections::default();
        assert!(connections.attach(FIRST, SENDER, 1));
        connections.gone(FIRST);
        assert_eq!(dead(&connections, FIRST), None);
        assert!(connections.attached.is_empty() && connections.latest.is_empty());
    }

    #[test]
    fn a_late_attachment_of_an_earlier_attempt_does_not_count() {
        let mut connections = Connections::default();
        assert!(connections.attach(SECOND, SENDER, 2));
        assert!(!connections.attach(FIRST, SENDER, 1));
        assert!(!connections.attach(FIRST, SENDER, 2));
        assert_eq!(dead(&connections, FIRST), None);
        assert_eq!(dead(&connections, SECOND), Some(SENDER));
    }

    #[test]
    fn a_connection_that_never_attached_belongs_to_no_incarnation() {
        assert_eq!(dead(&Connections::default(), FIRST), None);
    }
}
