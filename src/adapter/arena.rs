//! A server's L1 memory, if it is one region that never moves.

use std::{fmt, sync::Arc};

use super::KeepAlive;

/// A server's L1 memory as one region: adapters read chunks from it by address.
#[derive(Clone)]
pub struct L1Arena {
    base_address: usize,
    size_bytes: usize,
    alignment_bytes: usize,
    /// The owner of the arena's memory.
    _memory: Option<KeepAlive>,
}

impl L1Arena {
    /// A region of immutable bytes, which adapters keep as long as they need them.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use l2_adapter::adapter::{L1Arena, StoreBuffer};
    ///
    /// let bytes: Arc<[u8]> = vec![7; 1 << 20].into();
    /// let arena = L1Arena::of_bytes(Arc::clone(&bytes));
    /// let chunk = StoreBuffer::part_of(&bytes, 4096..8192).expect("it lies within the bytes");
    /// assert_eq!(chunk.as_ptr().addr() - arena.base_address(), 4096);
    /// ```
    pub fn of_bytes(bytes: Arc<[u8]>) -> Self {
        Self {
            base_address: bytes.as_ptr().expose_provenance(),
            size_bytes: bytes.len(),
            alignment_bytes: 1,
            _memory: Some(Arc::new(bytes)),
        }
    }

    /// The region of `size_bytes` from `base`, in which every chunk begins at a multiple of `alignment_bytes`.
    ///
    /// # Safety
    ///
    /// Until every adapter that was created with it is closed:
    ///
    /// - `size_bytes` bytes from `base` are readable and belong to one allocation;
    /// - a chunk in it that is lent by a [`StoreBuffer`](super::StoreBuffer) is not written until the task's result is taken.
    ///   After that a transfer that could not be stopped may still read it, but the bytes that it reads are discarded.
    pub unsafe fn new(base: *const u8, size_bytes: usize, alignment_bytes: usize) -> Self {
        Self { base_address: base.expose_provenance(), size_bytes, alignment_bytes, _memory: None }
    }

    /// The address of its first byte.
    pub fn base_address(&self) -> usize {
        self.base_address
    }

    /// Its size in bytes.
    pub fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// The alignment of every chunk in it, in bytes.
    pub fn alignment_bytes(&self) -> usize {
        self.alignment_bytes
    }
}

impl fmt::Debug for L1Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L1Arena({} bytes at {:#x})", self.size_bytes, self.base_address)
    }
}
