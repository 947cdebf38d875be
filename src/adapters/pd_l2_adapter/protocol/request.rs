//! Reserve, commit, cancel: the life of one request.

use std::sync::Arc;

use super::{Destination, Epoch, Identity, RegionNumber, RequestId, SlotTicket};
use crate::{
    adapter::{ChunkLayout, ObjectKey},
    transfer::checksum,
};

/// A sender wants to write chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReserveRequest {
    pub(crate) epoch: Epoch,
    pub(crate) request: RequestId,
    /// The memory it knows.
    pub(crate) destination: Destination,
    /// Distinct keys.
    pub(crate) chunks: Vec<WantedChunk>,
    /// How long it may wait for room, or for another request that is writing the same keys. Zero: answer at once.
    pub(crate) wait_ms: u64,
}

/// A chunk a sender wants to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedChunk {
    /// Named in several places at once: by the task, by the call.
    pub(crate) key: Arc<ObjectKey>,
    pub(crate) length_bytes: u64,
}

/// What a receiver answers to a reserve call. All or nothing: where one key that has to be written has no room, none gets a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReserveAnswer {
    /// One answer for each key, in the order of the request; slots lie in the memory `destination`.
    Granted { destination: Destination, keys: Vec<KeyAnswer> },
    /// There was no room within the wait.
    Busy { occupied_bytes: u64, capacity_bytes: u64 },
    /// There never will be: the request is larger than the whole region.
    TooLarge { requested_bytes: u64, capacity_bytes: u64 },
    /// The call itself is refused.
    Refused(Refusal),
}

/// What is to be done about one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyAnswer {
    /// Write it: `offset_bytes` is the distance from the region's first byte.
    Write { ticket: SlotTicket, offset_bytes: u64 },
    /// It is there.
    Present,
    /// Another request is writing it; ask again, with time to wait.
    Pending,
}

/// Writes have ended well: their bytes may be seen.
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
    /// `None`: unknown.
    pub(crate) layout: Option<LayoutFingerprint>,
}

/// Names the layout of a chunk's tensors: two chunks of different layouts have different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayoutFingerprint(pub(crate) u64);

impl LayoutFingerprint {
    /// XXH3-64 of the layout in words.
    pub(crate) fn of(layout: &ChunkLayout) -> Self {
        Self(checksum(layout.text().as_bytes()))
    }
}

/// What a receiver answers to a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommitAnswer {
    /// One result for each slot, in the order of the commit.
    Results(Vec<CommitResult>),
    /// The call itself is refused.
    Refused(Refusal),
}

/// What became of one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitResult {
    /// Its key can be found now.
    Committed,
    /// The tenancy has ended: the lease ran out, or the request was cancelled. The bytes are not kept.
    Stale,
    /// The length is not the one reserved. The bytes are not kept.
    WrongLength,
    /// The bytes are not those the sender hashed. They are not kept.
    WrongChecksum,
}

/// A sender gives up what it has not committed of a request. May arrive before the reserve call it cancels, and again.
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
    /// One has no terminal status: the slots are quarantined until the same call comes again with another value.
    InProgress,
    /// All have a terminal status, and one broke off: the sender's kernel has closed the connection that carried it. What the
    /// receiver's sockets still hold lands at the receiver's next poll of its channel: the slots are free after that.
    BrokenOff,
    /// All have ended well, or were never posted: the slots are free at once.
    Ended,
}

/// Why a receiver refuses a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The sender's incarnation is not known here, or declared dead: it has to introduce itself.
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
    /// The call breaks a rule of the protocol.
    #[error("the call violates the protocol: {0}")]
    Malformed(String),
    /// The receiver is closing.
    #[error("the receiver is closing")]
    Closing,
}

/// Incarnations of senders that a rank of a receiver knows at once.
pub(crate) const SENDERS_MAX: usize = 256;

/// Keys in one reserve call: a request of a million tokens has 4,000 chunks.
pub(crate) const KEYS_PER_CALL_MAX: usize = 16_384;
