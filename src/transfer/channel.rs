//! The interface of all transfer channels.

use std::{fmt, sync::Arc};

use super::{TransferError, call_times::CallTimes};
use crate::adapter::{LoadBuffer, StoreBuffer};

/// Names a peer: the epoch of its incarnation, so that one that was restarted is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerId(pub(crate) u64);

/// Names one posted write; chosen by the caller, never twice on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WriteId(pub(crate) u64);

/// A channel's staging memory, as a peer has to know it to write into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChannelRegion {
    /// The address of the first byte, in the process it belongs to.
    pub(crate) base_address: u64,
    pub(crate) length_bytes: u64,
    /// What the channel on the other side needs beside it: for NIXL, the agent's metadata.
    pub(crate) metadata: Vec<u8>,
}

/// One contiguous piece of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WritePiece {
    pub(crate) source: PieceSource,
    /// The distance from the first byte of the peer's region.
    pub(crate) remote_offset_bytes: u64,
    pub(crate) length_bytes: u64,
}

/// Where the bytes of a piece are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceSource {
    /// In the channel's own staging memory.
    Staging { offset_bytes: u64 },
    /// In the server's L1 arena, which the channel registered when it was created.
    Arena { offset_bytes: u64 },
}

/// A write has ended: nothing of it is read or written any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WriteEnd {
    pub(crate) write: WriteId,
    pub(crate) status: TerminalStatus,
}

/// What a channel says when a write has ended, well or not. Only channels make one, where the library behind them reports
/// it; it cannot be copied. Staging memory of a write is reused on this and on nothing else.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TerminalStatus {
    succeeded: bool,
    may_still_land: bool,
}

impl TerminalStatus {
    pub(in crate::transfer) fn reported(succeeded: bool) -> Self {
        Self { succeeded, may_still_land: false }
    }

    /// The connection broke, and this side's kernel has closed it: nothing more is sent. What had arrived in the peer's sockets
    /// lands when the peer polls.
    #[cfg(any(test, feature = "nixl"))]
    pub(in crate::transfer) fn broken_off() -> Self {
        Self { succeeded: false, may_still_land: true }
    }

    /// What a simulated channel reports.
    #[cfg(test)]
    pub(crate) fn simulated(succeeded: bool) -> Self {
        Self::reported(succeeded)
    }

    /// What a simulated channel reports whose connection broke.
    #[cfg(test)]
    pub(crate) fn simulated_breach() -> Self {
        Self::broken_off()
    }

    /// Whether bytes of the write may still land in the peer's memory, from its own sockets. The peer's slots then stay
    /// quarantined until it has polled: this end is no proof for the peer, only for this side's staging memory.
    pub(crate) fn may_still_land(&self) -> bool {
        self.may_still_land
    }

    /// Whether all bytes have arrived.
    pub(crate) fn succeeded(&self) -> bool {
        self.succeeded
    }
}

/// A channel was polled: bytes of peers that this side's sockets held are in memory now. Only channels make one.
#[derive(Debug)]
pub(crate) struct Polled(());

impl Polled {
    pub(in crate::transfer) fn all_that_had_arrived() -> Self {
        Self(())
    }

    /// What a simulated channel returns.
    #[cfg(test)]
    pub(crate) fn simulated() -> Self {
        Self(())
    }
}

/// The staging memory was replaced: what still writes to the old one meets memory that nobody reads. Only channels make one.
#[derive(Debug)]
pub(crate) struct RegionReplaced {
    /// The new memory.
    pub(crate) region: ChannelRegion,
    _evidence: (),
}

impl RegionReplaced {
    pub(in crate::transfer) fn old_is_retired(region: ChannelRegion) -> Self {
        Self { region, _evidence: () }
    }

    /// What a simulated channel returns.
    #[cfg(test)]
    pub(crate) fn simulated(region: ChannelRegion) -> Self {
        Self::old_is_retired(region)
    }
}

/// Moves bytes from this process's memory into a peer's, for one TP rank.
///
/// It belongs to the thread that created it and is driven by that thread alone: nothing moves unless [`poll`](Self::poll) is
/// called, on both sides (measured with NIXL: a receiver that does not poll stops its sender for ever).
pub(crate) trait Channel: fmt::Debug {
    /// The staging memory: where peers write to on a receiver, where chunks are copied before a write on a sender.
    fn region(&self) -> ChannelRegion;

    /// Gets to know a peer's memory. A peer that is known already is forgotten first.
    fn add_peer(&mut self, peer: PeerId, region: &ChannelRegion) -> Result<(), TransferError>;

    /// Forgets a peer. Writes to it that are in flight still end by themselves.
    fn remove_peer(&mut self, peer: PeerId);

    /// Starts a write. Its pieces may move during this call (over shared memory NIXL copies here) or in later polls. Where
    /// it is refused nothing moves, now or later.
    fn post_write(&mut self, write: WriteId, peer: PeerId, pieces: &[WritePiece]) -> Result<(), TransferError>;

    /// Lets transfers go on, own ones and those of peers into this memory, without waiting. Adds the writes that have ended
    /// to `ended`: each posted one once.
    fn poll(&mut self, ended: &mut Vec<WriteEnd>) -> Polled;

    /// How many posted writes have not ended.
    fn writes_in_flight(&self) -> usize;

    /// How long the calls of the library behind the channel take.
    fn call_times(&self) -> Arc<CallTimes>;

    /// Copies a part of a caller's buffer into staging memory.
    fn copy_in(
        &mut self,
        offset_bytes: u64,
        buffer: &StoreBuffer,
        part: std::ops::Range<usize>,
    ) -> Result<(), TransferError>;

    /// Copies staging memory into a part of a caller's buffer.
    fn copy_out(
        &self,
        offset_bytes: u64,
        buffer: &mut LoadBuffer,
        part: std::ops::Range<usize>,
    ) -> Result<(), TransferError>;

    /// XXH3-64 of staging memory.
    fn checksum(&self, offset_bytes: u64, length_bytes: u64) -> Result<u64, TransferError>;

    /// Has a thread of its own take new memory into use, which is to replace the staging memory. Returns at once. Only for a
    /// receiver with no use of the old memory, and once until [`replaced_region`](Self::replaced_region) returns something.
    fn begin_replacing_region(&mut self) -> Result<(), TransferError>;

    /// Takes the new memory in place of the staging memory: registers it and retires the old one in such a way that a write
    /// that is still on its way to it fails or lands nowhere, as the old addresses are never used again. `None` while the new
    /// memory is not there, or a write of this channel reads the old one. On failure everything stays as it was.
    fn replaced_region(&mut self) -> Option<Result<RegionReplaced, TransferError>>;

    /// Gives everything back. Memory that a write may still read or reach is leaked on purpose: the bytes leaked. New memory
    /// that is not there yet is not waited for.
    fn close(self: Box<Self>) -> u64;
}
