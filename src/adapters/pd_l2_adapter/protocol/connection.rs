//! Connections, as a receiver counts them, and how one is tied to memory.

use super::{Destination, Epoch};

/// Names one connection that a receiver accepted; never used twice by one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConnectionNumber(pub(crate) u64);

/// Names one call; never used twice by one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallId(pub(crate) u64);

/// What a sender says of a connection that it ties to memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) epoch: Epoch,
    /// Of this incarnation, ascending.
    pub(crate) attempt: u64,
    pub(crate) protocol_version: u32,
    pub(crate) destination: Destination,
}

/// A call came over a connection that is attached for the incarnation which the call names. Only what reads such a connection makes
/// one.
#[derive(Debug)]
pub(crate) struct SpokenBySender(());

impl SpokenBySender {
    /// `None` where the connection is attached for another incarnation than the call names.
    pub(crate) fn over_attached_connection(attached: Epoch, named: Epoch) -> Option<Self> {
        (attached == named).then_some(Self(()))
    }

    /// In a world without connections.
    #[cfg(test)]
    pub(crate) fn simulated() -> Self {
        Self(())
    }
}

/// The kernel of the other end has closed or reset a connection. Who watches the stream makes it, once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClosedByPeer {
    connection: ConnectionNumber,
}

impl ClosedByPeer {
    /// A read of the stream ended, or failed with a reset; or a write did.
    pub(crate) fn read_from_stream(connection: ConnectionNumber) -> Self {
        Self { connection }
    }

    /// In a world without streams.
    #[cfg(test)]
    pub(crate) fn simulated(connection: ConnectionNumber) -> Self {
        Self { connection }
    }

    pub(crate) fn connection(&self) -> ConnectionNumber {
        self.connection
    }
}
