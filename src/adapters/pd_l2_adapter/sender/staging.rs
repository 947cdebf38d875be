//! The taken ranges of the staging buffer. A range that a write was posted from is released when the channel reports that the
//! write has ended, and by nothing else.

use std::ops::Range;

use crate::{adapters::pd_l2_adapter::space::FreeSpace, transfer::TerminalStatus};

/// The staging buffer of one rank, by ranges.
#[derive(Debug)]
pub(super) struct Staging {
    alignment_bytes: u64,
    capacity_bytes: u64,
    free: FreeSpace,
    used_bytes: u64,
}

impl Staging {
    pub(super) fn new(capacity_bytes: u64, alignment_bytes: u64) -> Self {
        let alignment_bytes = alignment_bytes.max(1).min(capacity_bytes.max(1));
        let capacity_bytes = capacity_bytes / alignment_bytes * alignment_bytes;
        Self { alignment_bytes, capacity_bytes, free: FreeSpace::new(capacity_bytes), used_bytes: 0 }
    }

    pub(super) fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    pub(super) fn used_bytes(&self) -> u64 {
        self.used_bytes
    }

    /// A range for a chunk, if there is room now.
    pub(super) fn take(&mut self, length_bytes: u64) -> Option<Range<u64>> {
        let length_bytes = length_bytes.div_ceil(self.alignment_bytes).saturating_mul(self.alignment_bytes);
        let range = self.free.take(length_bytes)?;
        self.used_bytes += length_bytes;
        Some(range)
    }

    /// Releases ranges whose write has ended.
    pub(super) fn give_back(&mut self, ranges: Vec<Range<u64>>, _: TerminalStatus) {
        self.release(ranges);
    }

    /// Releases ranges whose write the channel refused: nothing reads them.
    pub(super) fn give_back_unposted(&mut self, ranges: Vec<Range<u64>>) {
        self.release(ranges);
    }

    fn release(&mut self, ranges: Vec<Range<u64>>) {
        for range in ranges {
            self.used_bytes -= range.end - range.start;
            self.free.give_back(range);
        }
    }
}
