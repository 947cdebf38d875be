//! Memory that belongs to the caller and is lent to an adapter for the length of a task.
//!
//! Both kinds have a safe constructor over Rust's own memory, and an unsafe one for other memory, such as LMCache's L1 arena or
//! another language's buffer.

use std::{any::Any, cell::UnsafeCell, fmt, ops::Range, ptr, slice, sync::Arc};

/// Keeps foreign memory alive while a buffer over it exists.
pub type KeepAlive = Arc<dyn Any + Send + Sync>;

/// Bytes to store. They do not change until the task's result is taken.
///
/// ```
/// use l2_adapter::adapter::StoreBuffer;
///
/// let buffer = StoreBuffer::new(vec![1, 2, 3]);
/// assert_eq!(buffer.as_slice(), [1, 2, 3]);
/// ```
#[derive(Clone)]
pub struct StoreBuffer {
    start: *const u8,
    length: usize,
    _memory: KeepAlive,
}

// SAFETY: the memory is only read through a buffer, and by the contract of `from_raw_parts` nothing else writes it meanwhile.
unsafe impl Send for StoreBuffer {}
// SAFETY: as for `Send`; shared references only read.
unsafe impl Sync for StoreBuffer {}

impl StoreBuffer {
    /// A buffer over immutable bytes.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into();
        let (start, length) = (bytes.as_ptr(), bytes.len());
        // The slice is in the inner `Arc`'s allocation, which does not move when the `Arc` does.
        Self { start, length, _memory: Arc::new(bytes) }
    }

    /// A buffer over a part of immutable bytes. `None` if the part is not inside them.
    pub fn part_of(bytes: &Arc<[u8]>, part: Range<usize>) -> Option<Self> {
        let (start, length) = bytes.get(part).map(|part| (part.as_ptr(), part.len()))?;
        Some(Self { start, length, _memory: Arc::new(Arc::clone(bytes)) })
    }

    /// A buffer over foreign memory.
    ///
    /// # Safety
    ///
    /// From now until this buffer and all its clones are dropped, and at least until the result of the task it is lent for is
    /// taken:
    ///
    /// - `length` bytes from `start` are readable and belong to one allocation, which `memory` keeps alive or which outlives
    ///   the adapter;
    /// - nothing writes to them;
    /// - `length` is at most `isize::MAX`, and `start` is not null.
    pub unsafe fn from_raw_parts(start: *const u8, length: usize, memory: KeepAlive) -> Self {
        Self { start, length, _memory: memory }
    }

    /// Its size in bytes.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The address of its first byte.
    pub fn as_ptr(&self) -> *const u8 {
        self.start
    }

    /// Its bytes.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: both constructors guarantee `length` readable bytes that nothing writes while the buffer exists.
        unsafe { slice::from_raw_parts(self.start, self.length) }
    }
}

impl fmt::Debug for StoreBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreBuffer({} bytes)", self.length)
    }
}

/// The destination of loaded bytes. Nothing else reads or writes them until the task's result is taken.
pub struct LoadBuffer {
    start: *mut u8,
    length: usize,
    _memory: KeepAlive,
}

// SAFETY: the buffer is the only way to its memory: `LoadedBytes` reads only after this buffer is dropped, and foreign memory
// is exclusive by the contract of `from_raw_parts`.
unsafe impl Send for LoadBuffer {}
// SAFETY: a shared reference gives nothing but address and length.
unsafe impl Sync for LoadBuffer {}

/// Memory that is lent by a [`LoadBuffer`] and comes back when that is dropped.
pub struct LoadedBytes {
    memory: Arc<SharedBytes>,
}

struct SharedBytes(UnsafeCell<Box<[u8]>>);

// SAFETY: only the one `LoadBuffer` writes the bytes, and `LoadedBytes` reads them when it is the only owner.
unsafe impl Send for SharedBytes {}
// SAFETY: as for `Send`.
unsafe impl Sync for SharedBytes {}

impl LoadBuffer {
    /// A buffer of so many bytes, zero at first, and the value that returns them when the adapter has released the buffer.
    ///
    /// ```
    /// use l2_adapter::adapter::LoadBuffer;
    ///
    /// let (mut buffer, loaded) = LoadBuffer::new(3);
    /// buffer.fill_from(0, &[1, 2, 3]);
    /// let loaded = loaded.try_into_bytes().unwrap_err(); // the buffer is still lent
    /// drop(buffer);
    /// assert_eq!(*loaded.try_into_bytes().unwrap(), [1, 2, 3]);
    /// ```
    pub fn new(length: usize) -> (Self, LoadedBytes) {
        let memory = Arc::new(SharedBytes(UnsafeCell::new(vec![0; length].into_boxed_slice())));
        // SAFETY: nothing else refers to the bytes yet.
        let start = unsafe { (*memory.0.get()).as_mut_ptr() };
        (Self { start, length, _memory: Arc::<SharedBytes>::clone(&memory) }, LoadedBytes { memory })
    }

    /// A buffer over foreign memory.
    ///
    /// # Safety
    ///
    /// From now until this buffer is dropped, and at least until the result of the task it is lent for is taken:
    ///
    /// - `length` bytes from `start` are initialised, may be read and written, and belong to one allocation, which `memory` keeps
    ///   alive or which outlives the adapter;
    /// - nothing else reads or writes them;
    /// - `length` is at most `isize::MAX`, and `start` is not null.
    pub unsafe fn from_raw_parts(start: *mut u8, length: usize, memory: KeepAlive) -> Self {
        Self { start, length, _memory: memory }
    }

    /// Its size in bytes.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The address of its first byte.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.start
    }

    /// Its bytes.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: both constructors guarantee `length` initialised bytes that only this buffer reaches.
        unsafe { slice::from_raw_parts_mut(self.start, self.length) }
    }

    /// Copies bytes into the buffer, from `offset` on. Bytes that do not fit are skipped; returns the number of copied bytes.
    pub fn fill_from(&mut self, offset: usize, bytes: &[u8]) -> usize {
        let Range { start, end } = offset.min(self.length)..offset.saturating_add(bytes.len()).min(self.length);
        let copied = end - start;
        if copied > 0 {
            // SAFETY: `start + copied` is at most `length`, for which the buffer may be written.
            let to = unsafe { self.start.add(start) };
            // SAFETY: `copied` is at most `bytes.len()`; the buffer is exclusive, so the two do not overlap.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to, copied) };
        }
        copied
    }
}

impl LoadedBytes {
    /// The bytes, once the buffer is dropped.
    ///
    /// # Errors
    ///
    /// This value again, while the buffer is still lent.
    pub fn try_into_bytes(self) -> Result<Box<[u8]>, Self> {
        Arc::try_unwrap(self.memory).map(|shared| shared.0.into_inner()).map_err(|memory| Self { memory })
    }
}

impl fmt::Debug for LoadBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoadBuffer({} bytes)", self.length)
    }
}

impl fmt::Debug for LoadedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoadedBytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_buffer_keeps_its_bytes_as_long_as_a_clone_of_it_exists() {
        let clone = StoreBuffer::new(vec![7; 3]).clone();
        assert_eq!(clone.as_slice(), [7, 7, 7]);
    }

    #[test]
    fn foreign_memory_is_kept_alive_by_the_buffer() {
        let bytes: Arc<Vec<u8>> = Arc::new(vec![1, 2, 3]);
        // SAFETY: the vector is kept alive by the buffer, and nothing writes to it.
        let buffer = unsafe { StoreBuffer::from_raw_parts(bytes.as_ptr(), 3, Arc::<Vec<u8>>::clone(&bytes)) };
        drop(bytes);
        assert_eq!(buffer.as_slice(), [1, 2, 3]);
    }

    #[test]
    fn bytes_that_do_not_fit_are_left_out() {
        let (mut buffer, loaded) = LoadBuffer::new(2);
        assert_eq!(buffer.fill_from(1, &[1, 2]), 1);
        assert_eq!(buffer.fill_from(3, &[1]), 0);
        drop(buffer);
        assert_eq!(*loaded.try_into_bytes().unwrap(), [0, 1]);
    }
}
