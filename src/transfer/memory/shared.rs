//! Staging memory that another process of this machine can map: a memfd, opened as `/proc/<pid>/fd/<descriptor>`. Nothing of it
//! outlives the processes that have it mapped.

use std::{
    fs::OpenOptions,
    os::fd::{AsFd, AsRawFd, OwnedFd},
    process,
};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use serde::{Deserialize, Serialize};

use super::{
    StagingMemory, checked, copy, in_memory,
    mapping::{Mapping, memory_error},
};
use crate::transfer::TransferError;

/// The first page identifies the memory: a process id is reused, a token is not.
const HEADER_BYTES: usize = 4096;
const TOKEN_BYTES: usize = 16;

const CHANNEL: &str = "mock_memory";

/// Memory of this process that peers may map.
#[derive(Debug)]
pub(in crate::transfer) struct SharedMemory {
    pub(in crate::transfer) memory: StagingMemory,
    descriptor: OwnedFd,
    token: [u8; TOKEN_BYTES],
}

/// The address for a peer.
#[derive(Serialize, Deserialize)]
struct Address {
    process: u32,
    descriptor: i32,
    token: [u8; TOKEN_BYTES],
}

impl SharedMemory {
    /// Memory of this many bytes, backed by pages from the start. The token distinguishes it from all other memory.
    pub(in crate::transfer) fn new(length_bytes: u64, token: [u8; TOKEN_BYTES]) -> Result<Self, TransferError> {
        let length = in_memory(length_bytes)?.saturating_add(HEADER_BYTES);
        let descriptor = memfd_create("l2-adapter-staging", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)
            .map_err(|error| memory_error("creating shared memory", length, error))?;
        ftruncate(&descriptor, length as u64).map_err(|error| memory_error("sizing shared memory", length, error))?;
        // Touching a mapping beyond the end of its file kills the process, so its size is fixed.
        fcntl_add_seals(&descriptor, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)
            .map_err(|error| memory_error("sealing shared memory", length, error))?;
        let mapping = Mapping::shared(descriptor.as_fd(), length)?;
        mapping.take_into_use();
        // SAFETY: the mapping begins with a page, which is longer than a token; nothing else uses it yet.
        unsafe { copy::copy(token.as_ptr(), mapping.start(), TOKEN_BYTES) };
        Ok(Self { memory: StagingMemory { mapping, header: HEADER_BYTES }, descriptor, token })
    }

    /// What a peer needs to map it.
    pub(in crate::transfer) fn metadata(&self) -> Vec<u8> {
        let address = Address { process: process::id(), descriptor: self.descriptor.as_raw_fd(), token: self.token };
        // Numbers and an array can always be encoded as JSON.
        serde_json::to_vec(&address).unwrap_or_default()
    }
}

/// Another process's memory, mapped into this one.
#[derive(Debug)]
pub(in crate::transfer) struct PeerMemory {
    mapping: Mapping,
}

impl PeerMemory {
    /// Maps the memory that a peer's metadata names.
    pub(in crate::transfer) fn open(metadata: &[u8], length_bytes: u64) -> Result<Self, TransferError> {
        let unreachable = |reason: String| TransferError::Unreachable { channel: CHANNEL, reason };
        let address: Address = serde_json::from_slice(metadata)
            .map_err(|error| unreachable(format!("its metadata is not from this channel: {error}")))?;
        let path = format!("/proc/{}/fd/{}", address.process, address.descriptor);
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(|error| {
            unreachable(format!(
                "{path} cannot be opened ({error}): `mock_memory` works within one machine and one user"
            ))
        })?;
        let length = in_memory(length_bytes)?.saturating_add(HEADER_BYTES);
        let size = file.metadata().map_err(|error| unreachable(error.to_string()))?.len();
        if size != length as u64 {
            return Err(unreachable(format!("{path} has {size} bytes instead of {length}")));
        }
        let mapping = Mapping::shared(file.as_fd(), length)?;
        let mut token = [0; TOKEN_BYTES];
        // SAFETY: the mapping begins with a page, which is longer than a token.
        unsafe { copy::copy(mapping.start(), token.as_mut_ptr(), TOKEN_BYTES) };
        if token != address.token {
            return Err(unreachable(format!("{path} is another memory now")));
        }
        Ok(Self { mapping })
    }

    /// The address of a part of it, checked against its end.
    pub(in crate::transfer) fn at(&self, offset_bytes: u64, length: usize) -> Result<*mut u8, TransferError> {
        checked(&self.mapping, HEADER_BYTES, offset_bytes, length)
    }
}

/// Copies between two checked places.
///
/// # Safety
///
/// See [`copy::copy`].
pub(in crate::transfer) unsafe fn copy_between(from: *const u8, to: *mut u8, length: usize) {
    // SAFETY: the caller's promises are passed on.
    unsafe { copy::copy(from, to, length) }
}
