//! A range of addresses from the kernel. This is the only module that maps and unmaps.

use std::{ffi::c_void, io, os::fd::BorrowedFd, ptr};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, mmap_anonymous, munmap};

use crate::transfer::TransferError;

/// Mapped memory. Unmapped when dropped, unless it was retired or leaked.
#[derive(Debug)]
pub(super) struct Mapping {
    start: *mut u8,
    length: usize,
}

// SAFETY: mapped addresses belong to the whole process; the holder of this value, on whatever thread, is the only one that uses
// or unmaps them through it.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Private memory, in use from the start.
    #[cfg(any(test, feature = "nixl"))]
    pub(super) fn anonymous(length: usize) -> Result<Self, TransferError> {
        let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
        // SAFETY: the kernel chooses an address that is free.
        let start = unsafe { mmap_anonymous(ptr::null_mut(), length, protection, flags) };
        let mapping = Self::new(start, length)?;
        mapping.take_into_use();
        Ok(mapping)
    }

    /// Memory of a file descriptor, shared with all other mappings of it.
    pub(super) fn shared(descriptor: BorrowedFd<'_>, length: usize) -> Result<Self, TransferError> {
        let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED);
        // SAFETY: the kernel chooses an address that is free.
        let start = unsafe { mmap(ptr::null_mut(), length, protection, flags, descriptor, 0) };
        Self::new(start, length)
    }

    fn new(start: rustix::io::Result<*mut c_void>, length: usize) -> Result<Self, TransferError> {
        let start = start.map_err(|error| memory_error("mapping memory", length, error))?;
        Ok(Self { start: start.cast(), length })
    }

    /// Requests huge pages and backs every page now: the first touch of a page costs four times the copy (measured), and a
    /// shortage of memory should show at the start.
    pub(super) fn take_into_use(&self) {
        // SAFETY: the range is this mapping; the advice only changes the speed.
        let _ = unsafe { madvise(self.start.cast(), self.length, Advice::LinuxHugepage) };
        // SAFETY: the range is this mapping; populating keeps its contents.
        let populated = unsafe { madvise(self.start.cast(), self.length, Advice::LinuxPopulateWrite) };
        if populated.is_err() {
            // Kernels before 5.14: pages are backed when they are touched.
            tracing::debug!(length_bytes = self.length, "memory could not be populated in advance");
        }
    }

    pub(super) fn start(&self) -> *mut u8 {
        self.start
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Releases the pages and keeps the addresses for ever: a late write to one of them hits memory that nothing reads.
    ///
    /// The addresses stay writable: UCX copies what arrives over TCP to its address in this process, and a fault would end the
    /// process (measured).
    pub(super) fn retire(self) -> io::Result<()> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
        // SAFETY: the range is this mapping, and nothing refers to it any more: it is consumed here.
        let replaced = unsafe { mmap_anonymous(self.start.cast(), self.length, protection, flags) };
        std::mem::forget(self);
        replaced.map(drop).map_err(io::Error::from)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: this value mapped the range, and nothing else refers to it.
        let _ = unsafe { munmap(self.start.cast(), self.length) };
    }
}

pub(super) fn memory_error(what: &'static str, length: usize, source: impl Into<io::Error>) -> TransferError {
    TransferError::Memory { what, size_bytes: length as u64, source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retired_address_is_zeroed_and_accepts_a_late_write() {
        let mapping = Mapping::anonymous(4096).unwrap();
        let start = mapping.start();
        // SAFETY: the mapping has as many bytes and more.
        unsafe { start.write_volatile(7) };
        mapping.retire().unwrap();
        // SAFETY: the address stays mapped for ever, which is what this tests.
        assert_eq!(unsafe { start.read_volatile() }, 0);
        // SAFETY: as above.
        unsafe { start.write_volatile(8) };
    }
}
