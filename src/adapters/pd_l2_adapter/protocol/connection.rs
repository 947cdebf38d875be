//! Connections of a receiver, and how one is attached to memory.

use super::{Destination, Epoch};

/// Identifies a connection that a receiver accepted; never used twice by one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConnectionNumber(pub(crate) u64);

/// Identifies a call; never used twice by one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallId(pub(crate) u64);

/// What a sender states about a connection that it attaches to memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) epoch: Epoch,
    /// Ascends within the incarnation.
    pub(crate) attempt: u64,
    pub(crate) protocol_version: u32,
    pub(crate) destination: Destination,
}

/// Evidence that a call came over a connection that is attached for the incarnation that the call names. Only the reader of
/// such a connection makes it.
#[derive(Debug)]
pub(crate) struct SpokenBySender(());

impl SpokenBySender {
    /// `None` if the connection is attached for another incarnation than the call names.
    pub(crate) fn over_attached_connection(attached: Epoch, named: Epoch) -> Option<Self> {
        (attached == named).then_some(Self(()))
    }

    /// For a world without connections.
    #[cfg(test)]
    pub(crate) fn simulated() -> Self {
        Self(())
    }
}

/// Evidence that the kernel of the other end has closed or reset a connection. The watcher of the stream makes it, once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClosedByPeer {
    connection: ConnectionNumber,
}

impl ClosedByPeer {
    /// A read of the stream ended, or a read or write failed with a reset.
    pub(crate) fn read_from_stream(connection: ConnectionNumber) -> Self {
        Self { connection }
    }

    /// For a world without streams.
    #[cfg(test)]
    pub(crate) fn simulated(connection: ConnectionNumber) -> Self {
        Self { connection }
    }

    pub(crate) fn connection(&self) -> ConnectionNumber {
        self.connection
    }
}
