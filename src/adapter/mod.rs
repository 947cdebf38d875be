//! What an L2 adapter *is*, whatever its type: the contract between a server and the code that keeps its KV chunks
//! somewhere else. It knows no adapter type and no configuration.
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

#[expect(unsafe_code, reason = "memory of the server's is named by address")]
mod arena;
mod bitmap;
#[cfg(all(feature = "runtime", unix))]
mod board;
#[expect(unsafe_code, reason = "memory of the caller's is lent by address")]
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
/// It may be called from any thread, by several at once. No `submit_*` method waits, whatever is queued: it names the task and
/// returns, and the task completes exactly once, whatever happens. Task ids are distinct over all kinds. A result can be taken
/// once; for a task that is running, was taken or never was, there is none.
///
/// A key names its bytes: they never change. A key that is there is not stored again, nor counted again; a store of nothing but
/// such keys succeeds with 0 bytes. A task may name a key twice: that is the key once. A task of no keys succeeds.
///
/// A chunk is found whole or not at all, and at the latest when a store that named it has succeeded; it then stays until it is
/// deleted, evicted or lost with the place that keeps it. Loading does not need a lock, and a chunk that is locked can be lost
/// only with the place that keeps it.
///
/// A chunk that was stored with a [`ChunkLayout`] is not found by a look-up that wants another one for its object group. Where one
/// of the two is unknown, or the chunk's size is not that of the layout, it is found.
///
/// A look-up may wait: while a key of it is being stored, and for a bounded time for keys that nobody has begun to store. It
/// waits for nothing else, and holds up no other task. When it is answered it has found every key that is there.
///
/// Each look-up locks each key it finds once, however often it names the key, and each call of [`submit_unlock`] gives back
/// one lock of each key. What [`submit_unlock`] and [`delete`] do is seen by every task that their thread submits afterwards,
/// and by [`usage`] when such a task has completed.
///
/// # Completion and events
///
/// Each kind of task has an event of its own: a descriptor that polls as readable and does not block. It is signalled after a
/// result can be taken. Reading it resets it, however often it was signalled: whoever wakes up reads it first, and then takes
/// every result there is.
///
/// # Who owns the buffer when
///
/// A buffer belongs to the adapter from the submission until the result can be taken: it is let go of before that. Until then
/// nobody writes what is stored, and nobody reads or writes what is loaded into. What is in the buffer of a chunk that was not
/// loaded is not defined.
///
/// # Close
///
/// [`close`] may be called at any time, by several threads at once, and again: each call returns, within a bounded time, when
/// every task has completed and every thread, socket and port is given back. Tasks that were not done fail. Tasks submitted
/// later complete at once: a store has failed, a look-up or a load has found nothing. Results can still be taken: the three
/// events stay open until the adapter is dropped, so that nobody polls a descriptor that has become something else. Dropping
/// an adapter closes it.
///
/// # Errors
///
/// A store task succeeds when all its keys are there, and fails otherwise, with a reason for a person; some of its keys may be
/// there then. A look-up or a load that fails is a bit that is not set. Unlocking and deleting never fail: keys that are
/// unknown, not locked (unlock) or locked (delete) are left as they are.
///
/// # Differences by adapter
///
/// Not defined here, and told by each adapter: whether anything is evicted, when and in which order; what is kept after
/// [`close`]; whether chunks of no bytes can be kept; how long a task takes.
///
/// An adapter without deletion leaves every key as it is, one that does not count reports [`Usage::default`], and one that does
/// not tell listeners tells them nothing.
///
/// Where two machines make one adapter (`pd`), each completes at once, before the submission returns, what is not its part, and
/// keeps nothing of it: the side that only reads completes a store with success and 0 bytes, the side that only writes finds
/// nothing. The side that only writes counts nothing and tells its listeners nothing.
///
/// `adapter::contract`, behind the feature `contract`, tests these sentences for any adapter.
///
/// # Display
///
/// `Display` names the adapter for logs: its type and what tells it from others of that type, never a secret.
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

    /// Looks keys up, and locks those that are there until they are unlocked, as often as they were found.
    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>, layouts: GroupLayouts) -> TaskId;

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

    /// Stops serving, completes every task and gives back every thread, socket and port, within a bounded time.
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
