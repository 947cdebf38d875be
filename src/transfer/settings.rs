//! What a channel is created with.

use std::path::PathBuf;

use super::{TransferChannel, TransferError, mock_memory::MockMemoryChannel};
use crate::adapter::L1Arena;

/// Which channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelKind {
    /// NVIDIA's transfer library.
    Nixl,
    /// Copies between processes of one machine.
    MockMemory,
}

/// What a channel is created with.
#[derive(Debug, Clone)]
pub(crate) struct ChannelSettings {
    pub(crate) kind: ChannelKind,
    /// Names of NIXL's plugins, or in lower case transports of UCX.
    #[cfg_attr(not(feature = "nixl"), expect(dead_code, reason = "only NIXL has backends"))]
    pub(crate) nixl_backends: Vec<String>,
    /// Where NIXL's library may be, beside the usual places.
    #[cfg_attr(not(feature = "nixl"), expect(dead_code, reason = "only NIXL is looked for"))]
    pub(crate) package_folders: Vec<PathBuf>,
    pub(crate) staging_bytes: u64,
    /// Memory of the server's that chunks are written from without staging.
    pub(crate) l1_arena: Option<L1Arena>,
    /// Of this start of the process: names of agents and memory hold it.
    pub(crate) epoch: u64,
    pub(crate) tp_rank: u32,
}

/// Creates a channel on the calling thread, which then owns it.
///
/// # Errors
///
/// No memory; a library that is missing or refuses; a channel that is not built in.
pub(crate) fn create_channel(settings: &ChannelSettings) -> Result<Box<dyn TransferChannel>, TransferError> {
    match settings.kind {
        ChannelKind::MockMemory => Ok(Box::new(MockMemoryChannel::new(settings)?)),
        #[cfg(feature = "nixl")]
        ChannelKind::Nixl => Ok(Box::new(super::nixl::NixlChannel::new(settings)?)),
        #[cfg(not(feature = "nixl"))]
        ChannelKind::Nixl => Err(TransferError::NotBuilt),
    }
}
