//! The description of a `nixl` channel for another one: the bytes in
//! [`ChannelRegion::metadata`](crate::transfer::ChannelRegion). This file is outside the folder `nixl`, so that it is tested
//! without that feature.

use crate::transfer::TransferError;

/// The first bytes: kind and version.
const MARK: &[u8; 5] = b"nixl\x01";

/// With smaller slices a write would consist mostly of descriptors.
const SLICE_BYTES_MIN: u64 = 4096;

/// An agent and its memory, as a peer needs them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PeerMetadata<'a> {
    /// Its agent's name.
    pub(super) agent_name: &'a str,
    /// The size of the slices in which its memory is registered: no piece of a write may span two.
    pub(super) slice_bytes: u64,
    /// NIXL's description of the agent. Opaque.
    pub(super) agent: &'a [u8],
}

impl<'a> PeerMetadata<'a> {
    /// Mark, size of slices, length of the name (both little endian), name, NIXL's description.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let name_bytes = self.agent_name.len() as u64;
        let numbers = [self.slice_bytes, name_bytes].map(u64::to_le_bytes);
        [MARK, numbers.as_flattened(), self.agent_name.as_bytes(), self.agent].concat()
    }

    pub(super) fn from_bytes(bytes: &'a [u8]) -> Result<Self, TransferError> {
        Self::parsed(bytes).ok_or_else(|| TransferError::Unreachable {
            channel: "nixl",
            reason: "its metadata is not from this channel, or from another version of it".to_owned(),
        })
    }

    fn parsed(bytes: &'a [u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(MARK)?;
        let (slice_bytes, bytes) = bytes.split_first_chunk()?;
        let (name_bytes, bytes) = bytes.split_first_chunk()?;
        let name_bytes = usize::try_from(u64::from_le_bytes(*name_bytes)).ok()?;
        let (name, agent) = bytes.split_at_checked(name_bytes)?;
        let slice_bytes = u64::from_le_bytes(*slice_bytes);
        let agent_name = std::str::from_utf8(name).ok()?;
        (slice_bytes >= SLICE_BYTES_MIN && !agent_name.is_empty()).then_some(Self { agent_name, slice_bytes, agent })
    }
}

/// A fuzz target: metadata that is read is written as the same bytes, and satisfies the invariants of [`PeerMetadata`].
#[cfg(any(fuzzing, test))]
pub(crate) fn fuzz_peer_metadata(bytes: &[u8]) {
    let Ok(metadata) = PeerMetadata::from_bytes(bytes) else { return };
    assert_eq!(metadata.to_bytes(), bytes, "what is written differs from what was read");
    assert!(metadata.slice_bytes >= SLICE_BYTES_MIN && !metadata.agent_name.is_empty(), "{metadata:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_round_trips_and_truncated_metadata_is_refused() {
        let metadata = PeerMetadata { agent_name: "decode-0", slice_bytes: 7 << 30, agent: b"" };
        let bytes = metadata.to_bytes();
        assert_eq!(PeerMetadata::from_bytes(&bytes).unwrap(), metadata);
        for length in 0..bytes.len() {
            assert!(PeerMetadata::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_name_that_is_not_utf_8_and_too_small_slices_are_refused() {
        let metadata = PeerMetadata { agent_name: "ab", slice_bytes: 4096, agent: b"rest" };
        let mut bytes = metadata.to_bytes();
        bytes[MARK.len() + 16] = 0xff;
        assert!(PeerMetadata::from_bytes(&bytes).is_err());
        assert!(PeerMetadata::from_bytes(&PeerMetadata { slice_bytes: 4095, ..metadata }.to_bytes()).is_err());
    }
}
