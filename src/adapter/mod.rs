//! The definition of an L2 adapter of any type: the contract between a server and the code that keeps its KV chunks somewhere
//! else. It knows no adapter type and no configuration.
//!
//! Names and behaviour are those of LMCache's `L2AdapterInterface` (0.5.6, `v1/distributed/l2_adapters/base.py`).
//!
//! ```text
//! contract              tests of the contract, for any adapter
//! shares                one task on several threads
//! completions           task ids, results and the three events (board, event)
//! creation, arena       what a server provides at creation; its L1 memory
//! listener, usage       notifications of keys; used bytes
//! task                  submitted tasks and their results
//! buffer, bitmap        lent memory; one bit for each key
//! layout, object_key    the layout of a chunk; its name
//! sync                  locks and counters, replaceable by the model checker's
//! ```

#[expect(unsafe_code, reason = "addresses name the server's memory")]
mod arena;
mod bitmap;
#[cfg(all(feature = "runtime", unix))]
mod board;
#[expect(unsafe_code, reason = "addresses name the caller's memory")]
mod buffer;
#[cfg(all(feature = "runtime", unix))]
mod completions;
#[cfg(all(feature = "contract", unix))]
pub mod contract;
mod creation;
#[cfg(all(feature = "runtime", unix))]
mod event;
mod layout;
mod listener;
mod object_key;
#[cfg(all(feature = "runtime", unix))]
mod shares;
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
pub use layout::{ChunkLayout, GroupLayouts, Tensor};
pub use listener::{KeyListener, Listeners};
pub use object_key::{KvRank, KvRankError, ObjectKey, ObjectKeyError};
#[cfg(all(feature = "runtime", unix))]
pub use shares::{BitmapShare, StoreShare, WhenStored};
pub use task::{LoadChunk, StoreChunk, StoreResult, TaskId, TaskKind};
pub use usage::{Usage, UsageLedger};

use std::{fmt, sync::Arc};

/// The descriptor that a caller polls for completions.
#[cfg(unix)]
pub type EventHandle<'a> = std::os::fd::BorrowedFd<'a>;
/// The descriptor that a caller polls for completions.
#[cfg(windows)]
pub type EventHandle<'a> = std::os::windows::io::BorrowedHandle<'a>;

/// A running L2 adapter.
///
/// # Contract
///
/// An adapter may be called from any thread, and from several at once. No `submit_*` method waits, whatever is queued: it
/// returns the id of the task, and the task completes exactly once, whatever happens. Task ids are distinct over all kinds. A
/// result can be taken once; a task that is running, unknown or whose result was taken has none.
///
/// A key identifies its bytes, which never change. A key that is present is neither stored nor counted again; a store of only
/// such keys succeeds with 0 bytes. A task may name a key twice, which counts as once. A task without keys succeeds.
///
/// A lookup finds a chunk whole or not at all, at the latest when a store of it has succeeded. The chunk then stays until it
/// is deleted, evicted or lost with its storage. Loading does not need a lock, and a locked chunk can be lost only with its
/// storage.
///
/// A chunk that was stored with a [`ChunkLayout`] is not found by a lookup that expects another one for its object group. If
/// one of the two is unknown, or the chunk's size is not that of the layout, it is found.
///
/// A lookup may wait while one of its keys is being stored, and for a bounded time for keys that no store has named yet. It
/// waits for nothing else, and delays no other task. When it completes it has found every key that is present.
///
/// Each lookup locks each found key once, however often it names the key, and each call of [`submit_unlock`] releases one lock
/// of each key. Every task that a thread submits after [`submit_unlock`] or [`delete`] sees their effects, and so does
/// [`usage`] after such a task has completed.
///
/// # Completion and events
///
/// Each kind of task has its own event: a descriptor that polls as readable and does not block. It is signalled after a result
/// becomes available. Reading it resets it, however often it was signalled: a caller that wakes up reads it first, and then
/// takes all available results.
///
/// # Ownership of buffers
///
/// A buffer belongs to the adapter from the submission until the result can be taken; the adapter releases it before that.
/// Until then the caller must not write to a buffer that is being stored, and must not read or write a buffer that is being
/// loaded. The contents of a chunk's buffer are unspecified if the chunk was not loaded.
///
/// # Close
///
/// [`close`] may be called at any time, by several threads at once, and repeatedly. Each call returns, within a bounded time,
/// when every task has completed and every thread, socket and port is released. Open tasks fail. Tasks submitted later complete
/// at once: a store fails, a lookup or a load finds nothing. Results can still be taken, and the three events stay open until
/// the adapter is dropped, so that no caller polls a descriptor that has been reused. Dropping an adapter closes it.
///
/// # Errors
///
/// A store task succeeds if all its keys are present, and fails otherwise with a readable reason; some of its keys may be
/// present even then. A key that a lookup or a load could not provide is an unset bit. Unlocking and deleting never fail: keys
/// that are unknown, not locked (unlock) or locked (delete) are ignored.
///
/// # Differences by adapter
///
/// Each adapter documents what is not defined here: whether, when and in which order it evicts; what it keeps after [`close`];
/// whether it can keep chunks without bytes; how long tasks take.
///
/// An adapter without deletion ignores it, one that does not count bytes reports [`Usage::default`], and one without
/// notifications never calls listeners.
///
/// If two machines form one adapter (`pd`), each completes the tasks of the other side at once, before the submission returns,
/// and keeps nothing of them: the reading side completes a store with success and 0 bytes, and the writing side finds nothing.
/// The writing side counts no bytes and notifies no listeners.
///
/// `adapter::contract`, behind the feature `contract`, tests these sentences for any adapter.
///
/// # Display
///
/// `Display` names the adapter for logs: its type and whatever distinguishes it from others of that type, but never a secret.
///
/// [`submit_unlock`]: Self::submit_unlock
/// [`delete`]: Self::delete
/// [`usage`]: Self::usage
/// [`close`]: Self::close
pub trait L2Adapter: Send + Sync + fmt::Debug + fmt::Display {
    /// The `type` name of the config it was created from.
    fn type_name(&self) -> &'static str;

    /// The event that completions of one kind signal: three distinct ones.
    fn completion_event(&self, kind: TaskKind) -> EventHandle<'_>;

    /// Stores chunks.
    fn submit_store_task(&self, chunks: Vec<StoreChunk>) -> TaskId;

    /// Takes the results of all store tasks that have completed.
    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)>;

    /// Looks keys up, and locks the found ones. Each lookup that finds a key adds one lock.
    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>, layouts: GroupLayouts) -> TaskId;

    /// Takes the result of a lookup: which keys were found and locked. `None` while the lookup runs, after its result was taken,
    /// and for an unknown task.
    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap>;

    /// Releases one lock of each key. Never fails: keys that are unknown or not locked are ignored.
    fn submit_unlock(&self, keys: Vec<ObjectKey>);

    /// Loads chunks into buffers of their exact sizes.
    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId;

    /// Takes the result of a load: which chunks were loaded into their buffers. `None` as for lookups.
    fn query_load_result(&self, task: TaskId) -> Option<Bitmap>;

    /// Deletes chunks. Unknown and locked keys are ignored.
    fn delete(&self, keys: Vec<ObjectKey>);

    /// The bytes in use, and the capacity.
    fn usage(&self) -> Usage;

    /// Whether the adapter serves.
    fn report_status(&self) -> AdapterStatus;

    /// Registers a listener, which is notified of keys from now on.
    fn register_listener(&self, listener: Arc<dyn KeyListener>);

    /// Stops serving, completes every task and releases every thread, socket and port, within a bounded time.
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
