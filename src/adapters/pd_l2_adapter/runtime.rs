//! The asynchronous runtime of one thread.

use std::io;

use tokio::runtime::{Builder, EnterGuard, Runtime};

/// Runs the futures of one thread. Dropping it, also in a panic, never waits: tokio resolves names on its own threads, and one that
/// hangs there must not prevent a node from closing.
pub(super) struct ThreadRuntime(Option<Runtime>);

impl ThreadRuntime {
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(Some(Builder::new_current_thread().enable_all().build()?)))
    }

    /// Lets the thread create sockets and tasks of the runtime while the guard lives.
    pub(super) fn enter(&self) -> Option<EnterGuard<'_>> {
        self.0.as_ref().map(Runtime::enter)
    }

    pub(super) fn block_on(&self, future: impl Future<Output = ()>) {
        if let Some(runtime) = &self.0 {
            runtime.block_on(future);
        }
    }
}

impl Drop for ThreadRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
