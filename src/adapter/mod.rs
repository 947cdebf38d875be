//! What an L2 adapter *is*, whatever its type: the contract between a server and the code that keeps its KV chunks
//! somewhere else. It knows no adapter type and no configuration.
//!
//! Names and behaviour are those of LMCache's `L2AdapterInterface` (0.5.6, `v1/distributed/l2_adapters/base.py`).

#[expect(unsafe_code, reason = "memory of the server's is named by address")]
mod arena;
mod bitmap;
#[cfg(all(feature = "runtime", unix))]
mod board;
#[expect(unsafe_code, reason = "memory of the caller's is lent by address")]
mod buffer;
#[cfg(all(feature = "runtime", unix))]
mod completions;
mod creation;
#[cfg(all(feature = "runtime", unix))]
mod event;
mod listener;
mod object_key;
#[cfg(all(feature = "runtime", unix))]
mod sync;
mod task;
mod usage;

pub use arena::L1Arena;
pub use bitmap::Bitmap;
pub use buffer::{KeepAlive, LoadBuffer, LoadedBytes, StoreBuffer};
#[cfg(all(feature = "runtime", unix))]
pub use completions::Completions;
pub use creation::{Clock, CreateError, CreationContext, SystemClock};
#[cfg(all(feature = "runtime", unix))]
pub use event::CompletionEvent;
pub use listener::{KeyListener, Listeners};
pub use object_key::{KvRank, KvRankError, ObjectKey, ObjectKeyError};
pub use task::{LoadChunk, StoreChunk, StoreResult, TaskId, TaskKind};
pub use usage::{Usage, UsageLedger};

use std::{fmt, sync::Arc};

/// What a caller polls for a completion.
#[cfg(unix)]
pub type EventHandle<'a> = std::os::fd::BorrowedFd<'a>;
/// What a caller polls for a completion.
#[cfg(windows)]
pub type EventHandle<'a> = std::os::windows::io::BorrowedHandle<'a>;

/// A running L2 adapter.
///
/// # Contract
///
/// It may be called from any thread. No `submit_*` method waits: it names the task and returns, and the task completes
/// later, exactly once, whatever happens. A result can be taken once.
///
/// # Completion
///
/// Each kind of task has an event of its own. It is signalled after a result can be taken, and reading it resets it.
///
/// # Buffers
///
/// A buffer is lent from the submission until the task's result can be taken.
///
/// # Display
///
/// `Display` names the adapter for logs: its type and what tells it from others of that type, never a secret.
pub trait L2Adapter: Send + Sync + fmt::Debug + fmt::Display {
    /// The `type` name of the config it was created from.
    fn type_name(&self) -> &'static str;

    /// The event that completions of one kind signal: three distinct ones.
    fn completion_event(&self, kind: TaskKind) -> EventHandle<'_>;

    /// Stores chunks.
    fn submit_store_task(&self, chunks: Vec<StoreChunk>) -> TaskId;

    /// Takes the results of all store tasks that have completed.
    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)>;

    /// Looks keys up, and locks those that are there until they are unlocked.
    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>) -> TaskId;

    /// Takes the result of a look-up: which keys are there and locked. `None` while it runs, for a result that was taken,
    /// and for a task that never was.
    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap>;

    /// Gives back one lock of each key. Never fails: keys that are unknown or not locked are ignored.
    fn submit_unlock(&self, keys: Vec<ObjectKey>);

    /// Loads chunks into buffers of their exact sizes.
    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId;

    /// Takes the result of a load: which chunks are in their buffers. `None` as for look-ups.
    fn query_load_result(&self, task: TaskId) -> Option<Bitmap>;

    /// Forgets chunks. Keys that are unknown are ignored, and so are those that are locked.
    fn delete(&self, keys: Vec<ObjectKey>);

    /// How full it is.
    fn usage(&self) -> Usage;

    /// Whether the adapter serves.
    fn report_status(&self) -> AdapterStatus;

    /// Has a listener told of keys from now on.
    fn register_listener(&self, listener: Arc<dyn KeyListener>);

    /// Stops serving and gives back every thread, socket and port, within a bounded time. Tasks that have not completed
    /// fail. Calling it again does nothing. Results can still be taken: the three events stay open until the adapter is
    /// dropped, so that nobody polls a descriptor that has become something else.
    fn close(&self);
}

/// Whether an adapter serves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdapterStatus {
    /// It serves.
    Healthy,
    /// It does not, for this reason.
    Unhealthy(String),
    /// It was closed.
    Closed,
}
