//! Memory by pages: each page is represented by a tag, which names its last write.

use crate::adapter::ObjectKey;

pub(super) const PAGE_BYTES: u64 = 4096;

pub(super) fn key(index: usize) -> ObjectKey {
    let name = u8::try_from(index).expect("a world has fewer keys than that");
    ObjectKey::new("model", 0, &[name]).expect("the model's name is valid")
}

pub(super) fn index_of(key: &ObjectKey) -> usize {
    usize::from(key.chunk_hash()[0])
}

/// Chunks have different sizes, so that free memory becomes fragmented.
pub(super) fn pages_of(key: usize) -> u64 {
    1 + key as u64 % 3
}

/// Some chunks leave a part of their last page free, from one byte to nearly all of it.
pub(super) fn length_of(key: usize) -> u64 {
    pages_of(key) * PAGE_BYTES - [0, 1, 0, PAGE_BYTES - 1][key % 4]
}

/// The tags of a chunk's pages.
pub(super) fn tags_of(key: usize) -> Vec<u64> {
    (0..pages_of(key)).map(|page| ((key as u64 + 1) << 32) + (page << 16) + 0xc0de).collect()
}

/// A hash that depends on every tag and on their order, like one of the bytes.
pub(super) fn checksum(tags: &[u64]) -> u64 {
    tags.iter().fold(0xcbf2_9ce4_8422_2325, |hash, tag| (hash ^ tag).wrapping_mul(0x0100_0000_01b3).rotate_left(17))
}

/// The pages of a range.
pub(super) fn pages(offset_bytes: u64, length_bytes: u64) -> std::ops::Range<usize> {
    let first = usize::try_from(offset_bytes / PAGE_BYTES).expect("a world has fewer pages than that");
    first..first + usize::try_from(length_bytes.div_ceil(PAGE_BYTES)).expect("a world has fewer pages than that")
}

/// A receiver's region, or a sender's staging buffer.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    tags: Vec<u64>,
}

impl Memory {
    pub(super) fn new(pages: u64) -> Self {
        Self { tags: vec![0; usize::try_from(pages).expect("a world has fewer pages than that")] }
    }

    pub(super) fn read(&self, offset_bytes: u64, length_bytes: u64) -> &[u64] {
        &self.tags[pages(offset_bytes, length_bytes)]
    }

    pub(super) fn write(&mut self, offset_bytes: u64, tags: &[u64]) {
        let first = pages(offset_bytes, 0).start;
        self.tags[first..first + tags.len()].copy_from_slice(tags);
    }

    pub(super) fn spoil(&mut self, page: usize) {
        self.tags[page] ^= 1;
    }

    pub(super) fn len(&self) -> usize {
        self.tags.len()
    }
}
