//! Whether a rank's thread may still touch its callers' buffers.

use std::sync::{Mutex, PoisonError};

/// Closing returns every buffer to its caller, even if a rank's thread did not end in time and may continue later. Shared by
/// that thread and the one that closes.
#[derive(Debug, Default)]
pub(super) struct Lending {
    is_over: Mutex<bool>,
}

impl Lending {
    /// Runs a function on a caller's buffer; `None` if the buffer was returned. It must take no longer than a copy of one
    /// chunk: [`end`](Self::end) waits for it.
    pub(super) fn touch<T>(&self, touch: impl FnOnce() -> T) -> Option<T> {
        let is_over = self.is_over.lock().unwrap_or_else(PoisonError::into_inner);
        (!*is_over).then(touch)
    }

    /// From now on nothing is touched.
    pub(super) fn end(&self) {
        *self.is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}
