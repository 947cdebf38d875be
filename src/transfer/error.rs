//! Errors of transfer channels.

/// An error of a transfer channel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TransferError {
    /// The operating system failed to provide memory.
    #[error("{what} of {size_bytes} bytes failed: {source}")]
    Memory { what: &'static str, size_bytes: u64, source: std::io::Error },
    /// A peer's metadata does not lead to its memory.
    #[error("the peer's memory cannot be reached over {channel}: {reason}")]
    Unreachable { channel: &'static str, reason: String },
    /// The channel does not know the peer, or no longer.
    #[error("the peer {0:016x} is unknown to the channel")]
    UnknownPeer(u64),
    /// A second replacement was started before the first one was ready.
    #[error("the staging memory is already being replaced: take the new memory first")]
    ReplacementUnderWay,
    /// A chunk was to be staged, but its task has ended.
    #[error("the chunk's buffer has been returned to the caller: its task has ended")]
    NotLent,
    /// The channel needs a feature that was not built.
    #[cfg(not(feature = "nixl"))]
    #[error(
        "this build has no `nixl` channel: build with `cargo build --features nixl`, or set `transfer_channel` to \
         \"mock_memory\" for a trial on one machine"
    )]
    NotBuilt,
    /// NIXL cannot be loaded.
    #[cfg(feature = "nixl")]
    #[error(transparent)]
    NixlLibrary(#[from] super::nixl::LibraryError),
    /// NIXL cannot do what `nixl_backends` requests.
    #[cfg(feature = "nixl")]
    #[error(transparent)]
    NixlBackends(#[from] super::nixl::BackendsError),
    /// NIXL would never reach a peer.
    #[cfg(feature = "nixl")]
    #[error(
        "no network interface of this machine works ({}): NIXL lists them once, at its start, and would never use one that \
         comes up later. Start the node when the link is up",
        interfaces.join(", ")
    )]
    NoInterface { interfaces: Vec<String> },
    /// A piece lies outside the memory that it names.
    #[error("{offset_bytes} + {length_bytes} bytes lie outside a region of {region_bytes} bytes")]
    OutOfBounds { offset_bytes: u64, length_bytes: u64, region_bytes: u64 },
    /// The library behind the channel refused.
    #[cfg(feature = "nixl")]
    #[error("{channel} failed to {what}: {reason}")]
    Library { channel: &'static str, what: &'static str, reason: String },
}

impl TransferError {
    /// Whether the channel has lost a peer that it knew: the peer must be removed and added again.
    pub(crate) fn is_peer_lost(&self) -> bool {
        match self {
            Self::UnknownPeer(_) => true,
            #[cfg(feature = "nixl")]
            Self::Library { .. } => true,
            _ => false,
        }
    }
}
