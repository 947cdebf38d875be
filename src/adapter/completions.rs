//! Task ids, results and the three events: the part of the contract that is the same for every adapter.

use std::{
    collections::HashMap,
    io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Bitmap, CompletionEvent, EventHandle, StoreResult, TaskId, TaskKind};

/// Hands out task ids, keeps results until they are taken, and signals the event of their kind.
///
/// Shared by the callers of an adapter and its threads. A task that is begun completes exactly once: a second result is
/// dropped, and [`close`](Self::close) completes what is open. The order that makes polling sound is kept in here: a result
/// is deposited before its event is signalled.
///
/// ```
/// # #[cfg(feature = "runtime")] {
/// use l2_adapter::adapter::{Completions, StoreResult, TaskKind};
///
/// let completions = Completions::new()?;
/// let task = completions.begin(TaskKind::Store, 1);
/// completions.complete_store(task, StoreResult::success(3));
/// assert_eq!(completions.pop_completed_store_tasks(), [(task, StoreResult::success(3))]);
/// assert_eq!(completions.pop_completed_store_tasks(), []);
/// # } Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Completions {
    next_task: AtomicU64,
    stores: Board<StoreResult>,
    lookups: Board<Bitmap>,
    loads: Board<Bitmap>,
}

#[derive(Debug)]
struct Board<R> {
    event: CompletionEvent,
    state: Mutex<BoardState<R>>,
}

/// Invariant: no task is both open and done.
#[derive(Debug)]
struct BoardState<R> {
    /// With the number of keys of each.
    open: HashMap<TaskId, usize>,
    done: HashMap<TaskId, R>,
    /// Tasks that begin now complete at once.
    is_closed: bool,
}

impl Completions {
    /// No tasks yet.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left for the three events.
    pub fn new() -> io::Result<Self> {
        Ok(Self { next_task: AtomicU64::new(1), stores: Board::new()?, lookups: Board::new()?, loads: Board::new()? })
    }

    /// Begins a task of so many keys. After [`close`](Self::close) it completes at once, as those did that were open then.
    pub fn begin(&self, kind: TaskKind, keys: usize) -> TaskId {
        let task = TaskId(self.next_task.fetch_add(1, Ordering::Relaxed));
        match kind {
            TaskKind::Store => self.stores.begin(task, keys, closed_store),
            TaskKind::LookupAndLock => self.lookups.begin(task, keys, Bitmap::new),
            TaskKind::Load => self.loads.begin(task, keys, Bitmap::new),
        }
        task
    }

    /// Completes a store task. A task that is not open is left as it is.
    pub fn complete_store(&self, task: TaskId, result: StoreResult) {
        self.stores.complete(task, result);
    }

    /// Completes a look-up. A task that is not open is left as it is.
    pub fn complete_lookup_and_lock(&self, task: TaskId, found: Bitmap) {
        self.lookups.complete(task, found);
    }

    /// Completes a load. A task that is not open is left as it is.
    pub fn complete_load(&self, task: TaskId, loaded: Bitmap) {
        self.loads.complete(task, loaded);
    }

    /// Takes the results of all store tasks that have completed, oldest task first.
    pub fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        let mut results: Vec<_> = self.stores.lock().done.drain().collect();
        results.sort_unstable_by_key(|(task, _)| *task);
        results
    }

    /// Takes the result of a look-up.
    pub fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        self.lookups.lock().done.remove(&task)
    }

    /// Takes the result of a load.
    pub fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        self.loads.lock().done.remove(&task)
    }

    /// The event of one kind of tasks.
    pub fn event(&self, kind: TaskKind) -> EventHandle<'_> {
        match kind {
            TaskKind::Store => self.stores.event.handle(),
            TaskKind::LookupAndLock => self.lookups.event.handle(),
            TaskKind::Load => self.loads.event.handle(),
        }
    }

    /// How many tasks have not completed.
    pub fn open_tasks(&self) -> usize {
        self.stores.lock().open.len() + self.lookups.lock().open.len() + self.loads.lock().open.len()
    }

    /// Completes every open task, and every one that begins later: stores fail, look-ups and loads find nothing.
    ///
    /// A buffer goes back to its caller with the result, so an adapter calls this when none of its threads holds one any more.
    pub fn close(&self) {
        self.stores.close(closed_store);
        self.lookups.close(Bitmap::new);
        self.loads.close(Bitmap::new);
    }
}

impl<R> Board<R> {
    fn new() -> io::Result<Self> {
        let state = BoardState { open: HashMap::new(), done: HashMap::new(), is_closed: false };
        Ok(Self { event: CompletionEvent::new()?, state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, BoardState<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, task: TaskId, keys: usize, when_closed: fn(usize) -> R) {
        let mut state = self.lock();
        if !state.is_closed {
            state.open.insert(task, keys);
            return;
        }
        state.done.insert(task, when_closed(keys));
        drop(state);
        self.event.signal();
    }

    fn complete(&self, task: TaskId, result: R) {
        let mut state = self.lock();
        if state.open.remove(&task).is_none() {
            return;
        }
        state.done.insert(task, result);
        drop(state);
        self.event.signal();
    }

    fn close(&self, when_closed: fn(usize) -> R) {
        let mut state = self.lock();
        state.is_closed = true;
        let open = std::mem::take(&mut state.open);
        if open.is_empty() {
            return;
        }
        state.done.extend(open.into_iter().map(|(task, keys)| (task, when_closed(keys))));
        drop(state);
        self.event.signal();
    }
}

fn closed_store(_: usize) -> StoreResult {
    StoreResult::failure("the adapter is closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_completes_once() {
        let completions = Completions::new().unwrap();
        let task = completions.begin(TaskKind::Load, 1);
        let mut loaded = Bitmap::new(1);
        loaded.set(0);
        completions.complete_load(task, loaded.clone());
        completions.complete_load(task, Bitmap::new(1));
        assert_eq!(completions.query_load_result(task), Some(loaded));
        completions.complete_load(task, Bitmap::new(1));
        assert_eq!(completions.query_load_result(task), None);
    }

    #[test]
    fn closing_completes_what_is_open_and_keeps_what_is_done() {
        let completions = Completions::new().unwrap();
        let (done, open) = (completions.begin(TaskKind::Store, 1), completions.begin(TaskKind::Store, 1));
        completions.complete_store(done, StoreResult::success(1));
        completions.close();
        let results = completions.pop_completed_store_tasks();
        assert_eq!(results[0], (done, StoreResult::success(1)));
        assert_eq!((results[1].0, results[1].1.is_successful()), (open, false));
        assert_eq!(completions.open_tasks(), 0);
    }

    #[test]
    fn a_task_that_begins_after_the_end_completes_at_once_and_is_signalled() {
        let completions = Completions::new().unwrap();
        completions.close();
        assert!(!completions.loads.event.drain());
        let task = completions.begin(TaskKind::Load, 3);
        assert!(completions.loads.event.drain());
        completions.complete_load(task, Bitmap::new(9));
        assert_eq!(completions.query_load_result(task), Some(Bitmap::new(3)));
    }

    #[test]
    fn each_kind_signals_its_own_event() {
        let completions = Completions::new().unwrap();
        let task = completions.begin(TaskKind::LookupAndLock, 1);
        completions.complete_lookup_and_lock(task, Bitmap::new(0));
        assert!(!completions.stores.event.drain());
        assert!(completions.lookups.event.drain());
        assert!(!completions.lookups.event.drain());
        assert!(!completions.loads.event.drain());
    }
}
