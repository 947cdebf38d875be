//! How a sender and a receiver get to know each other.

use super::{Epoch, RegionNumber};

/// A sender introduces itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandshakeRequest {
    /// The version of the protocol it speaks.
    pub(crate) protocol_version: u32,
    /// Its incarnation.
    pub(crate) epoch: Epoch,
    /// Its name among all senders, where the operator gave it one: a sender that comes back under it takes the place of the
    /// one before.
    pub(crate) node_name: Option<String>,
    /// The TP rank it wants to write to.
    pub(crate) tp_rank: u32,
    /// The number of ranks it is configured for.
    pub(crate) rank_count: u32,
    /// The transfer channel it writes through: `nixl` or `mock_memory`.
    pub(crate) transfer_channel: String,
    /// Whether it sends checksums.
    pub(crate) checksum: bool,
}

/// The receiver accepts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandshakeAnswer {
    /// The receiver's incarnation.
    pub(crate) epoch: Epoch,
    /// Where to write.
    pub(crate) region: Region,
    /// How long a sender may be silent before its slots are quarantined.
    pub(crate) lease_ms: u64,
}

/// A receiver's staging memory of one rank, as its transfer channel describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) number: RegionNumber,
    /// The address of its first byte in the receiver's process; slots are named by their distance from it.
    pub(crate) base_address: u64,
    pub(crate) length_bytes: u64,
    /// Every slot begins at a multiple of this.
    pub(crate) slot_alignment_bytes: u64,
    /// What the sender's channel needs to reach it: for NIXL, the agent's metadata.
    pub(crate) channel_metadata: Vec<u8>,
}
