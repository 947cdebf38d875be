//! A server's L1 memory, where it is one region that stays.

/// A server's L1 memory as one region: adapters read chunks from it by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct L1Arena {
    base_address: usize,
    size_bytes: usize,
    alignment_bytes: usize,
}

impl L1Arena {
    /// The region of `size_bytes` from `base`, in which every chunk begins at a multiple of `alignment_bytes`.
    ///
    /// # Safety
    ///
    /// Until every adapter that was created with it is closed:
    ///
    /// - `size_bytes` bytes from `base` are readable and belong to one allocation;
    /// - a chunk in it that is lent by a [`StoreBuffer`](super::StoreBuffer) is not written until the task's result is taken. After
    ///   that a transfer that could not be stopped may still read it: what it reads is thrown away.
    pub unsafe fn new(base: *const u8, size_bytes: usize, alignment_bytes: usize) -> Self {
        Self { base_address: base.expose_provenance(), size_bytes, alignment_bytes }
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
