//! KV-shaped chunks: names as those of a serving engine, and bytes that are unique to a name.

use std::sync::Arc;

use crate::adapter::ObjectKey;

/// Chunks of one size of one TP rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(in crate::cli) struct Workload {
    pub(in crate::cli) tp_rank: u8,
    pub(in crate::cli) chunk_bytes: usize,
    /// The number of names with distinct bytes; later names repeat the bytes.
    pub(in crate::cli) distinct: u64,
}

impl Workload {
    /// The key of a chunk.
    pub(in crate::cli) fn key(&self, name: u64) -> ObjectKey {
        // As far as a key shows, two ranks on one node.
        let kv_rank = u32::from_be_bytes([2, self.tp_rank, 2, self.tp_rank]);
        // Only an `@` in the model's name is refused.
        ObjectKey::new("l2-adapter/demo", kv_rank, &name.to_be_bytes()).expect("the model's name has no `@`")
    }

    /// The bytes of a chunk.
    pub(in crate::cli) fn bytes(&self, name: u64) -> Vec<u8> {
        let seed = (name % self.distinct.max(1)) << 8 | u64::from(self.tp_rank);
        let mut bytes = vec![0; self.chunk_bytes];
        fastrand::Rng::with_seed(seed).fill(&mut bytes);
        bytes
    }

    /// The bytes of all distinct chunks, one after the other.
    pub(in crate::cli) fn arena(&self) -> Arc<[u8]> {
        (0..self.distinct).flat_map(|name| self.bytes(name)).collect::<Vec<u8>>().into()
    }
}
