//! Staging memory: on a receiver peers write to it, on a sender chunks wait in it for their write. It knows addresses and
//! bounds, and not what its bytes are.

mod copy;
mod mapping;
mod replacement;
mod shared;

use std::{ops::Range, slice};

use twox_hash::XxHash3_64;

use self::mapping::Mapping;
pub(super) use self::{
    replacement::Replacement,
    shared::{PeerMemory, SharedMemory, copy_between},
};
use super::TransferError;
use crate::adapter::{LoadBuffer, StoreBuffer};

/// Memory for chunks. It belongs to one thread; peers write into it from outside, and the protocol reports when their writes
/// have ended.
#[derive(Debug)]
pub(super) struct StagingMemory {
    mapping: Mapping,
    /// The bytes before the first usable one.
    header: usize,
}

impl StagingMemory {
    /// Private memory, backed by pages from the start.
    #[cfg(feature = "nixl")]
    pub(super) fn new(length_bytes: u64) -> Result<Self, TransferError> {
        Ok(Self { mapping: Mapping::anonymous(in_memory(length_bytes)?)?, header: 0 })
    }

    /// The address of its first byte.
    pub(super) fn base_address(&self) -> u64 {
        self.mapping.start() as u64 + self.header as u64
    }

    /// Its size.
    pub(super) fn length_bytes(&self) -> u64 {
        (self.mapping.length() - self.header) as u64
    }

    /// Copies a part of a caller's buffer into this memory.
    pub(super) fn copy_in(
        &mut self,
        offset_bytes: u64,
        buffer: &StoreBuffer,
        part: Range<usize>,
    ) -> Result<(), TransferError> {
        let bytes = buffer.as_slice().get(part.clone()).ok_or_else(|| outside(&part, buffer.len()))?;
        let to = self.at(offset_bytes, bytes.len())?;
        // SAFETY:
        // - `bytes` is a live slice;
        // - `at` has checked that as many bytes lie in this mapping;
        // - a caller's buffer does not overlap with memory that was mapped here.
        unsafe { copy::copy(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    /// Copies from this memory into a part of a caller's buffer.
    pub(super) fn copy_out(
        &self,
        offset_bytes: u64,
        buffer: &mut LoadBuffer,
        part: Range<usize>,
    ) -> Result<(), TransferError> {
        let length = buffer.len();
        let bytes = buffer.as_mut_slice().get_mut(part.clone()).ok_or_else(|| outside(&part, length))?;
        let from = self.at(offset_bytes, bytes.len())?;
        // SAFETY:
        // - `at` has checked that as many bytes lie in this mapping;
        // - `bytes` is a live exclusive slice, elsewhere;
        // - only committed slots are read, and a commit comes after the end of their writes.
        unsafe { copy::copy(from, bytes.as_mut_ptr(), bytes.len()) };
        Ok(())
    }

    /// XXH3-64 of a part of it.
    pub(super) fn checksum(&self, offset_bytes: u64, length_bytes: u64) -> Result<u64, TransferError> {
        let length = in_memory(length_bytes)?;
        let start = self.at(offset_bytes, length)?;
        // SAFETY: as many bytes lie in this mapping; only slots whose writes have ended are hashed.
        let bytes = unsafe { slice::from_raw_parts(start, length) };
        Ok(checksum(bytes))
    }

    /// The address of a part of it, checked against its end.
    pub(super) fn at(&self, offset_bytes: u64, length: usize) -> Result<*mut u8, TransferError> {
        checked(&self.mapping, self.header, offset_bytes, length)
    }

    /// See [`Mapping::retire`].
    pub(super) fn retire(self) {
        if let Err(error) = self.mapping.retire() {
            tracing::warn!(%error, "old staging memory could not be released: its pages stay mapped");
        }
    }
}

/// XXH3-64 of bytes.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}

fn checked(mapping: &Mapping, header: usize, offset_bytes: u64, length: usize) -> Result<*mut u8, TransferError> {
    let region_bytes = mapping.length() - header;
    let fits = usize::try_from(offset_bytes)
        .ok()
        .filter(|offset| offset.checked_add(length).is_some_and(|end| end <= region_bytes))
        .ok_or(TransferError::OutOfBounds {
            offset_bytes,
            length_bytes: length as u64,
            region_bytes: region_bytes as u64,
        })?;
    // SAFETY: `header + offset` is at most the mapping's length.
    Ok(unsafe { mapping.start().add(header + fits) })
}

fn in_memory(length_bytes: u64) -> Result<usize, TransferError> {
    usize::try_from(length_bytes).map_err(|_| TransferError::OutOfBounds {
        offset_bytes: 0,
        length_bytes,
        region_bytes: usize::MAX as u64,
    })
}

fn outside(part: &Range<usize>, length: usize) -> TransferError {
    TransferError::OutOfBounds {
        offset_bytes: part.start as u64,
        length_bytes: part.end.saturating_sub(part.start) as u64,
        region_bytes: length as u64,
    }
}
