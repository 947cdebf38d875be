//! The locks and counters that threads of an adapter meet at: the standard library's, or those of the model checker, which
//! tries every order of what threads do.

#[cfg(loom)]
pub(super) use loom::sync::{Mutex, MutexGuard, atomic};
#[cfg(not(loom))]
pub(super) use std::sync::{Mutex, MutexGuard, atomic};
