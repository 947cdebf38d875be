//! Transfer channels, which move the bytes of chunks into another process's memory.
//!
//! A channel has memory, peers and writes; it has no keys, no slots and no protocol. Everything of one channel, including the
//! library behind it, belongs to the one thread that created it.
//!
//! ```text
//! nixl, mock_memory     one channel each
//! settings              the choice of a channel
//! nixl_metadata         the description of a `nixl` channel, for builds without NIXL
//! memory                staging memory
//! channel               the interface of all channels
//! call_times, error     the longest call of a library; errors
//! ```

mod call_times;
mod channel;
mod error;
mod memory;
mod mock_memory;
#[cfg(feature = "nixl")]
mod nixl;
#[cfg(any(feature = "nixl", fuzzing, test))]
mod nixl_metadata;
mod settings;

pub(crate) use call_times::CallTimes;
pub(crate) use channel::{
    Channel, ChannelRegion, PeerId, PieceSource, Polled, RegionReplaced, TerminalStatus, WriteEnd, WriteId, WritePiece,
};
pub(crate) use error::TransferError;
pub(crate) use memory::checksum;
#[cfg(any(fuzzing, test))]
pub(crate) use nixl_metadata::fuzz_peer_metadata;
#[cfg(all(test, feature = "nixl"))]
use settings::TCP_USER_TIMEOUT_SECONDS;
pub(crate) use settings::{ChannelKind, ChannelSettings, create_channel};
