//! Settings of a channel.

use std::{path::PathBuf, time::Duration};

use super::{Channel, TransferError, mock_memory::MockMemoryChannel};
use crate::adapter::L1Arena;

/// The kinds of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelKind {
    /// NVIDIA's transfer library.
    Nixl,
    /// Copies between processes of one machine.
    MockMemory,
}

impl ChannelKind {
    /// How long after a process's death its kernel may still send what this channel had passed to it.
    pub(crate) fn close_time(self) -> Duration {
        match self {
            // The kernel continues to send what a closed socket held, until the socket's user timeout.
            Self::Nixl => Duration::from_secs(TCP_USER_TIMEOUT_SECONDS),
            // The process itself copies.
            Self::MockMemory => Duration::ZERO,
        }
    }

    /// What an operator can check if a receiver's ports respond and the channel's own connection does not work.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::Nixl => {
                "NIXL's UCX connects to ports of its own choice: let the firewall pass them, and where a node has several \
                 networks name the common one on both nodes by the environment variable UCX_NET_DEVICES"
            }
            Self::MockMemory => "Both nodes must run on this machine, under one user and in one PID namespace",
        }
    }
}

/// The TCP user timeout of UCX's sockets: a connection whose data is not acknowledged for this long is closed. Longer than
/// UCX's keepalive of 10 s and than the longest time in which a receiver does not poll; measured, a connection survives a cut
/// of 12 s.
pub(super) const TCP_USER_TIMEOUT_SECONDS: u64 = 20;

/// Settings of a channel.
#[derive(Debug, Clone)]
pub(crate) struct ChannelSettings {
    pub(crate) kind: ChannelKind,
    /// Names of NIXL's plugins, or, in lower case, transports of UCX.
    #[cfg_attr(not(feature = "nixl"), expect(dead_code, reason = "only NIXL has backends"))]
    pub(crate) nixl_backends: Vec<String>,
    /// Further places where NIXL's library may be.
    #[cfg_attr(not(feature = "nixl"), expect(dead_code, reason = "only NIXL is looked for"))]
    pub(crate) package_folders: Vec<PathBuf>,
    pub(crate) staging_bytes: u64,
    /// The server's L1 memory, from which chunks are written without staging.
    pub(crate) l1_arena: Option<L1Arena>,
    /// Whether its peers are on this machine, so that no network is needed.
    #[cfg_attr(not(feature = "nixl"), expect(dead_code, reason = "only NIXL uses networks"))]
    pub(crate) is_local: bool,
    /// The epoch of this start of the process: names of agents and memory contain it.
    pub(crate) epoch: u64,
    pub(crate) tp_rank: u32,
}

/// Creates a channel on the calling thread, which then owns it.
///
/// # Errors
///
/// There is no memory, a library is missing or refuses, or the channel is not built in.
pub(crate) fn create_channel(settings: &ChannelSettings) -> Result<Box<dyn Channel>, TransferError> {
    match settings.kind {
        ChannelKind::MockMemory => Ok(Box::new(MockMemoryChannel::new(settings)?)),
        #[cfg(feature = "nixl")]
        ChannelKind::Nixl => Ok(Box::new(super::nixl::NixlChannel::new(settings)?)),
        #[cfg(not(feature = "nixl"))]
        ChannelKind::Nixl => Err(TransferError::NotBuilt),
    }
}
