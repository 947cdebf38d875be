//! The locks and counters that an adapter's threads share: the standard library's, or those of the model checker, which tries
//! every interleaving of threads.

#[cfg(loom)]
pub(super) use loom::sync::{Mutex, MutexGuard, atomic};
#[cfg(not(loom))]
pub(super) use std::sync::{Mutex, MutexGuard, atomic};
