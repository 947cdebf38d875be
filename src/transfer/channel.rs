//! The interface of all transfer channels.

use std::{fmt, sync::Arc};

use super::{TransferError, call_times::CallTimes};
use crate::adapter::{LoadBuffer, StoreBuffer};

/// Identifies a peer: the epoch of its incarnation, so that a restarted peer is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerId(pub(crate) u64);

/// Identifies a posted write; chosen by the caller, never twice on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WriteId(pub(crate) u64);

/// A channel's staging memory, as a peer needs it for writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChannelRegion {
    /// The address of the first byte, in the process that owns the memory.
    pub(crate) base_address: u64,
    pub(crate) length_bytes: u64,
    /// What else the channel on the other side needs: for NIXL, the agent's metadata.
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

/// A write has ended: none of its bytes is read or written any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WriteEnd {
    pub(crate) write: WriteId,
    pub(crate) status: TerminalStatus,
}

/// The channel's evidence that a write has ended, successfully or not. Only channels make one, when the library behind them
/// reports the end; it cannot be copied. Staging memory of a write is reused with this evidence and with nothing else.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TerminalStatus {
    succeeded: bool,
    may_still_land: bool,
}

impl TerminalStatus {
    pub(in crate::transfer) fn reported(succeeded: bool) -> Self {
        Self { succeeded, may_still_land: false }
    }

    /// The connection broke, and this side's kernel has closed it: nothing more is sent. Bytes that had arrived in the peer's
    /// sockets land when the peer polls.
    #[cfg(any(test, feature = "nixl"))]
    pub(in crate::transfer) fn broken_off() -> Self {
        Self { succeeded: false, may_still_land: true }
    }

    /// For a simulated channel.
    #[cfg(test)]
    pub(crate) fn simulated(succeeded: bool) -> Self {
        Self::reported(succeeded)
    }

    /// For a simulated channel whose connection broke.
    #[cfg(test)]
    pub(crate) fn simulated_breach() -> Self {
        Self::broken_off()
    }

    /// Whether bytes of the write may still land in the peer's memory, from its own sockets. The peer's slots then stay
    /// quarantined until it has polled: this end is evidence for this side's staging memory, and not for the peer.
    pub(crate) fn may_still_land(&self) -> bool {
        self.may_still_land
    }

    /// Whether all bytes have arrived.
    pub(crate) fn succeeded(&self) -> bool {
        self.succeeded
    }
}

/// Evidence that a channel was polled: bytes of peers that this side's sockets held are now in memory. Only channels make one.
#[derive(Debug)]
pub(crate) struct Polled(());

impl Polled {
    pub(in crate::transfer) fn all_that_had_arrived() -> Self {
        Self(())
    }

    /// For a simulated channel.
    #[cfg(test)]
    pub(crate) fn simulated() -> Self {
        Self(())
    }
}

/// Evidence that the staging memory was replaced: writes to the old memory reach addresses that nothing reads. Only channels
/// make one.
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

    /// For a simulated channel.
    #[cfg(test)]
    pub(crate) fn simulated(region: ChannelRegion) -> Self {
        Self::old_is_retired(region)
    }
}

/// Moves bytes from this process's memory into a peer's, for one TP rank.
///
/// It belongs to the thread that created it, which alone drives it: nothing moves unless [`poll`](Self::poll) is called, on
/// both sides (measured with NIXL: a receiver that does not poll stops its sender for ever).
pub(crate) trait Channel: fmt::Debug {
    /// The staging memory: on a receiver peers write to it, on a sender chunks are copied to it before a write.
    fn region(&self) -> ChannelRegion;

    /// Adds a peer's memory. A peer that is already known is removed first.
    fn add_peer(&mut self, peer: PeerId, region: &ChannelRegion) -> Result<(), TransferError>;

    /// Removes a peer. Writes to it that are in flight still end by themselves.
    fn remove_peer(&mut self, peer: PeerId);

    /// Starts a write. Its pieces may move during this call (over shared memory NIXL copies here) or in later polls. If the
    /// write is refused, nothing moves, now or later.
    fn post_write(&mut self, write: WriteId, peer: PeerId, pieces: &[WritePiece]) -> Result<(), TransferError>;

    /// Progresses transfers without waiting: our own, and those of peers into this memory. Adds the writes that have ended to
    /// `ended`, each exactly once.
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

    /// Starts a thread that prepares new memory to replace the staging memory. Returns at once. Only for a receiver that does
    /// not use the old memory, and only once until [`replaced_region`](Self::replaced_region) returns something.
    fn begin_replacing_region(&mut self) -> Result<(), TransferError>;

    /// Replaces the staging memory with the new memory: registers the new memory, and retires the old one in such a way that a
    /// write that is still on its way to it fails or lands nowhere, because the old addresses are never reused. `None` while
    /// the new memory is not ready, or a write of this channel reads the old one. On failure nothing changes.
    fn replaced_region(&mut self) -> Option<Result<RegionReplaced, TransferError>>;

    /// Releases everything. Memory that a write may still read or reach is leaked on purpose; returns the leaked bytes. Does
    /// not wait for new memory that is not ready.
    fn close(self: Box<Self>) -> u64;
}
