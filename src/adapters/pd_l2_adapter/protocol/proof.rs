//! Evidence that no write can land in a slot any more.
//!
//! A NIXL write cannot be aborted: measured, all 512 MiB landed after its request was dropped. So a slot that a write may still
//! reach is freed by one of these values and by nothing else. They are created where the fact is learnt and cannot be copied,
//! and no timer alone creates one. The sender's own staging memory waits for another value,
//! [`TerminalStatus`](crate::transfer::TerminalStatus), which the transfer channel makes.

use super::{ClosedByPeer, Epoch, SpokenBySender};
use crate::transfer::{Polled, RegionReplaced};

/// Evidence that an incarnation of a sender is dead: its process can start no write any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IncarnationDead {
    epoch: Epoch,
}

impl IncarnationDead {
    /// The kernel of the sender closed or reset the connection that this incarnation attached last. Our sender keeps it open
    /// while a write is in flight, whatever happens, unless it dies.
    pub(crate) fn latest_connection_closed(epoch: Epoch, _: ClosedByPeer) -> Self {
        Self { epoch }
    }

    /// Without a reason: for tests, and for machines that are broken on purpose.
    #[cfg(test)]
    pub(crate) fn made_up(epoch: Epoch) -> Self {
        Self { epoch }
    }

    /// The dead incarnation.
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }
}

/// Evidence that no write can land in a slot any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EndOfWrite(());

impl EndOfWrite {
    /// The sender confirms it: it commits a write, or cancels a request whose writes have all succeeded or were never posted.
    pub(crate) fn confirmed_by_sender(_: &SpokenBySender) -> Self {
        Self(())
    }

    /// The sender has reported a terminal status of a write that broke off: its kernel has closed the connection that carried
    /// it. After that report the receiver has polled its channel, which takes everything that its own sockets held (measured:
    /// up to 9.5 MB, in one poll).
    pub(crate) fn broken_off_and_polled(_: &Polled) -> Self {
        Self(())
    }

    /// The sender's incarnation is dead. Since then its kernel has closed the connections of its transfer channel (at the
    /// latest at their user timeout), and after that the receiver has polled its channel.
    pub(crate) fn sender_died_and_polled(_: &IncarnationDead, _: &Polled) -> Self {
        Self(())
    }

    /// The slot's memory is no longer the region: its registration is removed and its addresses are never used again.
    pub(crate) fn region_replaced(_: &RegionReplaced) -> Self {
        Self(())
    }
}
