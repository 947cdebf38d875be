//! The bytes of a hash, cheap to copy whatever their number.

use std::{
    cmp::Ordering,
    hash::{Hash, Hasher},
    ops::Deref,
    sync::Arc,
};

/// LMCache's hashes have 8 to 32 bytes.
const SHORT_BYTES: usize = 32;

/// A hash of tokens. A short one lies in the key itself, a longer one is shared by the copies of the key.
#[derive(Clone)]
pub(super) enum ChunkHash {
    /// The first `length` bytes, at most [`SHORT_BYTES`].
    Short {
        length: u8,
        bytes: [u8; SHORT_BYTES],
    },
    Long(Arc<[u8]>),
}

impl From<&[u8]> for ChunkHash {
    fn from(hash: &[u8]) -> Self {
        let mut bytes = [0; SHORT_BYTES];
        match (bytes.get_mut(..hash.len()), u8::try_from(hash.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(hash);
                Self::Short { length, bytes }
            }
            _ => Self::Long(hash.into()),
        }
    }
}

impl Deref for ChunkHash {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes } => &bytes[..usize::from(*length)],
            Self::Long(bytes) => bytes,
        }
    }
}

impl PartialEq for ChunkHash {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ChunkHash {}

impl PartialOrd for ChunkHash {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ChunkHash {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for ChunkHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_every_length_are_read_back_and_ordered_by_their_bytes() {
        let hashes: Vec<Vec<u8>> = (0..70).map(|length| vec![7; length]).collect();
        for (left, right) in hashes.iter().flat_map(|left| hashes.iter().map(move |right| (left, right))) {
            let [one, other] = [left, right].map(|hash| ChunkHash::from(&hash[..]));
            assert_eq!(*one, left[..]);
            assert_eq!((one == other, one.cmp(&other)), (left == right, left.cmp(right)), "{left:?} {right:?}");
        }
    }

    #[test]
    fn a_copy_of_a_hash_of_any_length_allocates_nothing() {
        for length in [0, 32, 33, 1025] {
            let hash = ChunkHash::from(&vec![7; length][..]);
            assert_eq!(allocation_counter::measure(|| drop(hash.clone())).count_total, 0, "{length}");
        }
    }
}
