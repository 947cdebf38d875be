//! Memory that belongs to the caller and is lent to an adapter for the length of a task.

use std::sync::Arc;

/// Bytes to store. They do not change until the task's result is taken.
#[derive(Debug, Clone)]
pub struct StoreBuffer {
    bytes: Arc<[u8]>,
}

impl StoreBuffer {
    /// A buffer over bytes that nobody can change any more.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { bytes: bytes.into() }
    }

    /// Its size in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The address of its first byte.
    pub fn as_ptr(&self) -> *const u8 {
        self.bytes.as_ptr()
    }
}

/// Where loaded bytes go. Nobody else reads or writes them until the task's result is taken.
#[derive(Debug)]
pub struct LoadBuffer {
    bytes: Box<[u8]>,
}

impl LoadBuffer {
    /// Its size in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The address of its first byte.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.bytes.as_mut_ptr()
    }
}
