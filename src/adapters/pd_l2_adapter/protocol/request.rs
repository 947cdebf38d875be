//! Reserve, commit, cancel: the life of one request.

use super::{Destination, Epoch, Identity, RegionNumber, RequestId, SlotTicket};
use crate::{
    adapter::{ChunkLayout, ObjectKey},
    transfer::checksum,
};

/// A sender reserves slots for chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReserveRequest {
    pub(crate) epoch: Epoch,
    pub(crate) request: RequestId,
    /// The memory that the sender knows.
    pub(crate) destination: Destination,
    /// Distinct keys.
    pub(crate) chunks: Vec<WantedChunk>,
    /// How long the call may wait for room, or for another request that is writing the same keys. Zero: answer at once.
    pub(crate) wait_ms: u64,
}

/// A chunk a sender wants to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedChunk {
    pub(crate) key: ObjectKey,
    pub(crate) length_bytes: u64,
}

/// A receiver's answer to a reserve call. All or nothing: if one key that must be written has no room, no key gets a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReserveAnswer {
    /// One answer for each key, in the order of the request; slots lie in the memory `destination`.
    Granted { destination: Destination, keys: Vec<KeyAnswer> },
    /// There was no room within the wait.
    Busy { occupied_bytes: u64, capacity_bytes: u64 },
    /// There never will be room: the request is larger than the whole region.
    TooLarge { requested_bytes: u64, capacity_bytes: u64 },
    /// The call itself is refused.
    Refused(Refusal),
}

/// What the sender must do about one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyAnswer {
    /// Write it: `offset_bytes` is the distance from the region's first byte.
    Write { ticket: SlotTicket, offset_bytes: u64 },
    /// Nothing: the chunk is committed.
    Present,
    /// Ask again, with time to wait: another request is writing it.
    Pending,
}

/// Writes have succeeded: their chunks may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitRequest {
    pub(crate) epoch: Epoch,
    pub(crate) request: RequestId,
    /// The memory that the slots are in.
    pub(crate) destination: Destination,
    pub(crate) slots: Vec<SlotCommit>,
}

/// One written slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotCommit {
    pub(crate) ticket: SlotTicket,
    pub(crate) length_bytes: u64,
    /// XXH3-64 of the bytes, where checksums are on.
    pub(crate) checksum: Option<u64>,
    /// `None` if unknown.
    pub(crate) layout: Option<LayoutFingerprint>,
}

/// Identifies the layout of a chunk's tensors: different layouts have different fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayoutFingerprint(pub(crate) u64);

impl LayoutFingerprint {
    /// XXH3-64 of the layout's text.
    pub(crate) fn of(layout: &ChunkLayout) -> Self {
        Self(checksum(layout.text().as_bytes()))
    }
}

/// A receiver's answer to a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommitAnswer {
    /// One result for each slot, in the order of the commit.
    Results(Vec<CommitResult>),
    /// The call itself is refused.
    Refused(Refusal),
}

/// The result of one slot's commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitResult {
    /// Its key can be found now.
    Committed,
    /// The tenancy has ended: the lease ran out, or the request was cancelled. The bytes are discarded.
    Stale,
    /// The length is not the reserved one. The bytes are discarded.
    WrongLength,
    /// The bytes are not those that the sender hashed. They are discarded.
    WrongChecksum,
}

/// A sender gives up the uncommitted part of a request. May arrive before the reserve call that it cancels, and more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CancelRequest {
    pub(crate) epoch: Epoch,
    pub(crate) request: RequestId,
    /// What the sender knows of the request's writes.
    pub(crate) writes: RequestWrites,
}

/// What a sender knows of the writes of a request that it gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestWrites {
    /// One has no terminal status: the slots are quarantined until the same call arrives with another value.
    InProgress,
    /// All have a terminal status, and one broke off: the sender's kernel has closed the connection that carried it. What the
    /// receiver's sockets still hold lands at the receiver's next poll of its channel; after that the slots are free.
    BrokenOff,
    /// All have succeeded, or were never posted: the slots are free at once.
    Ended,
}

/// Why a receiver refuses a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The receiver does not know the sender's incarnation, or has declared it dead: a new handshake is needed.
    #[error("the receiver does not know this sender's incarnation: a new handshake is needed")]
    UnknownEpoch,
    /// The call is for another TP rank, or another receiver.
    #[error("this port belongs to {0}")]
    WrongDestination(Identity),
    /// The sender speaks another version of the protocol.
    #[error("the receiver speaks version {ours} of the PD protocol: run the same release on both nodes")]
    Version { ours: u32 },
    /// The region was replaced.
    #[error("the receiver's memory is region {:016x} now, not {:016x}: a new handshake is needed", current.0, got.0)]
    StaleRegion { got: RegionNumber, current: RegionNumber },
    /// The request has ended: it was cancelled or is complete.
    #[error("the request has ended already")]
    RequestEnded,
    /// The call violates a rule of the protocol.
    #[error("the call violates the protocol: {0}")]
    Malformed(String),
    /// The receiver is closing.
    #[error("the receiver is closing")]
    Closing,
}

/// How many incarnations of senders a rank of a receiver knows at once.
pub(crate) const SENDERS_MAX: usize = 256;

/// Keys in one reserve call: a request of a million tokens has 4,000 chunks.
pub(crate) const KEYS_PER_CALL_MAX: usize = 16_384;
