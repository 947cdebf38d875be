//! The slice of a KV cache: the four numbers that LMCache packs into a key's `kv_rank`.

use l2_adapter_schema::counted;

/// One worker among those that share a model, as LMCache's `ComputeKVRank` packs it: a byte for each number, the first on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KvRank {
    /// The number of workers, TP times PP.
    pub world_size: u8,
    /// The index of this worker among them, from 0.
    pub global_rank: u8,
    /// The number of workers on this worker's node.
    pub local_world_size: u8,
    /// The index of this worker on its node, from 0.
    pub local_rank: u8,
}

impl KvRank {
    /// The number that a key carries.
    ///
    /// LMCache checks nothing here: a number beyond a byte overflows into its neighbour, and two workers share their keys.
    ///
    /// # Errors
    ///
    /// The worker does not exist.
    pub fn to_bits(self) -> Result<u32, KvRankError> {
        let Self { world_size, global_rank, local_world_size, local_rank } = self;
        if global_rank >= world_size {
            return Err(KvRankError::GlobalRank { global_rank, world_size });
        }
        if local_rank >= local_world_size {
            return Err(KvRankError::LocalRank { local_rank, local_world_size });
        }
        if local_world_size > world_size {
            return Err(KvRankError::LocalWorld { local_world_size, world_size });
        }
        Ok(u32::from_be_bytes([world_size, global_rank, local_world_size, local_rank]))
    }

    /// The four numbers of a key, whether or not there can be such a worker: keys come from servers that do not check.
    pub fn from_bits(bits: u32) -> Self {
        let [world_size, global_rank, local_world_size, local_rank] = bits.to_be_bytes();
        Self { world_size, global_rank, local_world_size, local_rank }
    }
}

/// Why a worker does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KvRankError {
    /// The rank is not below the number of workers.
    #[error("global rank {global_rank} does not exist among {}: ranks count from 0", counted(.world_size, "worker"))]
    GlobalRank {
        /// The rank.
        global_rank: u8,
        /// The number of workers.
        world_size: u8,
    },
    /// The local rank is not below the number of workers on the node.
    #[error(
        "local rank {local_rank} does not exist among {} of a node: ranks count from 0",
        counted(.local_world_size, "worker")
    )]
    LocalRank {
        /// The rank.
        local_rank: u8,
        /// The number of workers on the node.
        local_world_size: u8,
    },
    /// A node has more workers than the whole model.
    #[error("a node cannot have {local_world_size} of {world_size} workers")]
    LocalWorld {
        /// The number of workers on the node.
        local_world_size: u8,
        /// The number of workers.
        world_size: u8,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rank(world_size: u8, global_rank: u8, local_world_size: u8, local_rank: u8) -> KvRank {
        KvRank { world_size, global_rank, local_world_size, local_rank }
    }

    /// The results of `ObjectKey.ComputeKVRank` of LMCache 0.5.6 for the same numbers.
    #[test]
    fn numbers_are_packed_as_lmcache_packs_them() {
        assert_eq!(rank(8, 5, 4, 1).to_bits(), Ok(0x0805_0401));
        assert_eq!(rank(1, 0, 1, 0).to_bits(), Ok(0x0100_0100));
        assert_eq!(rank(16, 15, 8, 7).to_bits(), Ok(0x100f_0807));
    }

    #[test]
    fn only_existing_workers_are_accepted() {
        assert_eq!(rank(255, 254, 255, 254).to_bits(), Ok(0xfffe_fffe));
        assert_eq!(rank(4, 4, 4, 0).to_bits(), Err(KvRankError::GlobalRank { global_rank: 4, world_size: 4 }));
        assert_eq!(rank(4, 3, 2, 2).to_bits(), Err(KvRankError::LocalRank { local_rank: 2, local_world_size: 2 }));
        assert_eq!(rank(4, 3, 5, 4).to_bits(), Err(KvRankError::LocalWorld { local_world_size: 5, world_size: 4 }));
        assert_eq!(rank(0, 0, 1, 0).to_bits(), Err(KvRankError::GlobalRank { global_rank: 0, world_size: 0 }));
    }

    proptest! {
        #[test]
        fn packed_numbers_unpack_to_themselves(bits: u32) {
            let rank = KvRank::from_bits(bits);
            prop_assert!(rank.to_bits().map_or(true, |again| again == bits), "{rank:?}");
            prop_assert_eq!(bits.to_be_bytes(), [rank.world_size, rank.global_rank, rank.local_world_size, rank.local_rank]);
        }
    }
}
