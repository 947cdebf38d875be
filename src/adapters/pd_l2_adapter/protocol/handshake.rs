//! The handshake between a sender and a receiver.

use super::{Destination, Epoch, Identity, RankPorts, RegionNumber, RequestId};
use crate::transfer::ChannelRegion;
use l2_adapter_schema::counted;

/// The protocol version of this build. Both sides must have the same.
pub(crate) const PROTOCOL_VERSION: u32 = 2;

/// A sender introduces itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandshakeRequest {
    /// The protocol version of the sender.
    pub(crate) protocol_version: u32,
    /// Its incarnation.
    pub(crate) epoch: Epoch,
    /// Its name among all senders, if the operator gave it one. A sender that reconnects under a name takes the place of the
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
    /// All its requests below this one have ended.
    pub(crate) next_request: RequestId,
}

/// The receiver accepts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandshakeAnswer {
    /// The receiver's incarnation.
    pub(crate) epoch: Epoch,
    pub(crate) tp_rank: u32,
    /// As the receiver listens on them.
    pub(crate) ports: RankPorts,
    /// Where to write.
    pub(crate) region: Region,
    /// How long a sender may be silent before its slots are quarantined.
    pub(crate) lease_ms: u64,
}

impl HandshakeAnswer {
    /// The memory that the init port returned.
    pub(crate) fn destination(&self) -> Destination {
        Destination { receiver: self.epoch, tp_rank: self.tp_rank, region: self.region.number }
    }
}

/// A receiver's staging memory of one rank, as its transfer channel describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) number: RegionNumber,
    /// Includes the bytes for probes. Slots are named by their distance from its first byte.
    pub(crate) memory: ChannelRegion,
    /// Slots lie below this offset. From here on nothing is kept: senders write probes there to test whether writes arrive.
    pub(crate) probe_offset_bytes: u64,
    /// Every slot starts at a multiple of this.
    pub(crate) slot_alignment_bytes: u64,
}

/// Why a receiver does not accept a sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HandshakeRefusal {
    #[error(
        "the receiver speaks version {ours} of the PD protocol and the sender version {theirs}: run the same release"
    )]
    Version { ours: u32, theirs: u32 },
    #[error(
        "this init port belongs to {ours}, and the sender wants TP rank {theirs}: give both nodes the same port lists, in \
         the same order"
    )]
    Rank { ours: Identity, theirs: u32 },
    #[error(
        "the receiver has ports for {} and the sender for {theirs}: give both the same port lists",
        counted(.ours, "TP rank")
    )]
    RankCount { ours: u32, theirs: u32 },
    #[error("the receiver uses `transfer_channel` {ours:?} and the sender {theirs:?}: set both to the same")]
    Channel { ours: String, theirs: String },
    #[error("`checksum` is {ours} on the receiver and {theirs} on the sender: set both to the same")]
    Checksum { ours: bool, theirs: bool },
    #[error("the receiver has declared the sender's incarnation {0} dead: the sender must reconnect with a new epoch")]
    DeadEpoch(Epoch),
    #[error("`node_name` {name:?} is in use by the live incarnation {epoch}: give every sender its own")]
    NameInUse { name: String, epoch: Epoch },
    #[error("the receiver already serves {0} senders, which is its limit")]
    TooManySenders(usize),
    #[error("the receiver and the sender have different shared secrets: give both nodes the same `shared_secret`")]
    Secret,
    #[error("the receiver is closing")]
    Closing,
}
