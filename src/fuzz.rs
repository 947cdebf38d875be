//! Private functions for the fuzz targets in fuzz/: the parsers of untrusted input. The tests run them over the targets' seeds,
//! and over random changes of them.

#[cfg(test)]
#[path = "../tests/seeds/mod.rs"]
mod seeds;

use crate::{adapters::pd_l2_adapter, transfer};

/// The metadata by which a `nixl` channel knows a peer.
pub fn peer_metadata(bytes: &[u8]) {
    transfer::fuzz_peer_metadata(bytes);
}

/// The messages between a PD sender and a receiver.
pub fn control_messages(bytes: &[u8]) {
    pd_l2_adapter::fuzz_control_messages(bytes);
}

/// The messages of a proxy's ZMQ socket.
pub fn zmtp(bytes: &[u8]) {
    pd_l2_adapter::fuzz_zmtp(bytes);
}

#[cfg(test)]
mod tests {
    use super::seeds;

    #[test]
    fn peer_metadata_returns_for_every_seed_and_its_changes() {
        seeds::run("peer_metadata", 4_000, super::peer_metadata);
    }

    #[test]
    fn control_messages_returns_for_every_seed_and_its_changes() {
        seeds::run("control_messages", 4_000, super::control_messages);
    }

    #[test]
    fn zmtp_returns_for_every_seed_and_its_changes() {
        seeds::run("zmtp", 4_000, super::zmtp);
    }
}
