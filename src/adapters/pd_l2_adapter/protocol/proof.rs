//! Reasons why no write can land in a slot any more.
//!
//! A NIXL write cannot be aborted: measured, all 512 MiB landed after its request was dropped. A slot that a write may still
//! reach is therefore freed by one of these values and by nothing else. They are made where the fact is learnt, cannot be
//! copied, and no timer makes one. The fourth of them, [`TerminalStatus`](crate::transfer::TerminalStatus), is the transfer
//! channel's to make.

use super::Epoch;

/// An incarnation of a sender is dead: its process can start no write any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IncarnationDead {
    epoch: Epoch,
}

impl IncarnationDead {
    /// The kernel of the sender closed or reset its control connection. Our sender keeps the connection open while a write
    /// is in flight, whatever happens, except by dying.
    pub(crate) fn connection_closed_by_kernel(epoch: Epoch) -> Self {
        Self { epoch }
    }

    /// A new incarnation has taken the place of this one: it carries the same configured node name.
    pub(crate) fn superseded(epoch: Epoch) -> Self {
        Self { epoch }
    }

    /// Which incarnation.
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }
}

/// No write can land in a slot any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EndOfWrite(());

impl EndOfWrite {
    /// The sender says so: it commits a write, or cancels a request whose writes have all ended or were never posted.
    pub(crate) fn confirmed_by_sender() -> Self {
        Self(())
    }

    /// The sender's incarnation is dead, and what it had sent before has had time to arrive.
    pub(crate) fn sender_died(_: &IncarnationDead) -> Self {
        Self(())
    }

    /// The memory the slot was in is no longer the region: its registration is gone and its addresses are never used again.
    pub(crate) fn region_replaced() -> Self {
        Self(())
    }
}
