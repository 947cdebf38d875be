//! Transfer channels, which move the bytes of chunks into another process's memory.
//!
//! A channel has memory, peers and writes; it has no keys, no slots and no protocol. Everything of one channel, including the
//! library behind it, belongs to the one thread that created it.
//!
//! ```text
//! nixl, mock_memory     one channel each
//! settings              the choice of a channel
//! backend_names         NIXL's backends
//! nixl_metadata         the description of a `nixl` channel, for builds without NIXL
//! memory                staging memory
//! channel               the interface of all channels
//! call_times, error     the longest call of a library; errors
//! ```
//!
//! Without the PD runtime only the names of NIXL's backends are built, which specs are validated by.

pub(crate) mod backend_names;
#[cfg(pd_runtime)]
mod call_times;
#[cfg(pd_runtime)]
mod channel;
#[cfg(pd_runtime)]
mod error;
#[cfg(pd_runtime)]
mod memory;
#[cfg(pd_runtime)]
mod mock_memory;
#[cfg(all(pd_runtime, feature = "nixl"))]
mod nixl;
#[cfg(all(pd_runtime, any(feature = "nixl", fuzzing, test)))]
mod nixl_metadata;
#[cfg(pd_runtime)]
mod settings;

#[cfg(pd_runtime)]
pub(crate) use call_times::CallTimes;
#[cfg(pd_runtime)]
pub(crate) use channel::{
    Channel, ChannelRegion, PeerId, PieceSource, Polled, RegionReplaced, TerminalStatus, WriteEnd, WriteId, WritePiece,
};
#[cfg(pd_runtime)]
pub(crate) use error::TransferError;
#[cfg(pd_runtime)]
pub(crate) use memory::checksum;
#[cfg(all(pd_runtime, any(fuzzing, test)))]
pub(crate) use nixl_metadata::fuzz_peer_metadata;
#[cfg(all(pd_runtime, test, feature = "nixl"))]
use settings::TCP_USER_TIMEOUT_SECONDS;
#[cfg(pd_runtime)]
pub(crate) use settings::{ChannelKind, ChannelSettings, create_channel};
