//! The secret of one incarnation of a node, without which no other node can impersonate it. Pure: randomness is an argument.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::adapters::pd_l2_adapter::protocol::{Epoch, RegionNumber};

const KEY_BYTES: usize = 16;
const EPOCH_LABEL: &[u8] = b"l2adapter.pd.v1 epoch";
const REGION_LABEL: &[u8] = b"l2adapter.pd.v1 region";

/// The secret of an incarnation; its epoch is the fingerprint. Operators and other senders see epochs, and the end of a
/// connection that is attached for an epoch frees memory, so an epoch alone must not be enough to attach one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct IncarnationKey([u8; KEY_BYTES]);

impl IncarnationKey {
    /// Makes a key from random bytes of the operating system, which are unpredictable, and the server's seed, which no two
    /// starts share.
    pub(crate) fn new(random: [u8; 32], seed: u64) -> Self {
        let hash = Sha256::new().chain_update(random).chain_update(seed.to_le_bytes()).finalize();
        let mut key = [0; KEY_BYTES];
        key.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self(key)
    }

    /// The incarnation of this key.
    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.number(EPOCH_LABEL, &[]))
    }

    /// The number of a rank's first region: as random as the key, and different for each rank.
    pub(crate) fn first_region(&self, tp_rank: u32) -> RegionNumber {
        RegionNumber(self.number(REGION_LABEL, &tp_rank.to_le_bytes()))
    }

    fn number(&self, label: &[u8], rest: &[u8]) -> u64 {
        let hash = Sha256::new().chain_update(label).chain_update(self.0).chain_update(rest).finalize();
        let mut number = [0; 8];
        number.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        u64::from_le_bytes(number)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// Shows the epoch and not the key.
impl fmt::Debug for IncarnationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IncarnationKey(of {})", self.epoch())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_the_fingerprint_that_the_protocol_defines() {
        let key = IncarnationKey::from_bytes(b"0123456789abcdef").unwrap();
        // printf 'l2adapter.pd.v1 epoch0123456789abcdef' | sha256sum
        assert_eq!(key.epoch(), Epoch(u64::from_le_bytes([0xd9, 0x44, 0xb5, 0xf8, 0xda, 0x1d, 0x82, 0x8b])));
    }

    #[test]
    fn the_key_depends_on_both_the_seed_and_the_random_bytes() {
        let key = IncarnationKey::new([1; 32], 2);
        assert_eq!(key, IncarnationKey::new([1; 32], 2));
        assert_ne!(key.epoch(), IncarnationKey::new([1; 32], 3).epoch());
        assert_ne!(key.epoch(), IncarnationKey::new([3; 32], 2).epoch());
    }

    #[test]
    fn the_regions_of_two_ranks_and_of_two_starts_have_different_numbers() {
        let (first, second) = (IncarnationKey::new([1; 32], 2), IncarnationKey::new([3; 32], 2));
        let numbers = [first.first_region(0), first.first_region(1), second.first_region(0), second.first_region(1)];
        assert_eq!(std::collections::HashSet::from(numbers).len(), 4);
    }

    #[test]
    fn a_key_is_not_shown() {
        let key = IncarnationKey::from_bytes(b"0123456789abcdef").unwrap();
        assert!(!format!("{key:?}").contains("48, 49"), "{key:?}");
    }
}
