//! Task ids, results and the three events: the part of the contract that is the same for every adapter.

use std::io;

use super::{
    Bitmap, CompletionEvent, EventHandle, StoreResult, TaskId, TaskKind,
    board::{Board, Signal, TaskResult, Undone},
    sync::atomic::{AtomicU64, Ordering},
};

/// Hands out task ids, keeps results until they are taken, and signals the event of their kind.
///
/// Shared by the callers of an adapter and its threads. Every task completes exactly once: a second result is discarded, and
/// [`close`](Self::close) completes open tasks. This type ensures the order that makes polling correct: a result is stored
/// before its event is signalled. Nothing in here waits.
///
/// # Bounds
///
/// At most [`MAX_TASKS`](Self::MAX_TASKS) tasks of a kind are open: a task beyond that completes at once, undone. At most as
/// many results of a kind are kept: a new result displaces the oldest one, and [`lost_results`](Self::lost_results) counts it.
/// A caller with no more tasks of a kind than that, counted from submission to taking the result, never reaches either bound.
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
    stores: Board<StoreResult, CompletionEvent>,
    lookups: Board<Bitmap, CompletionEvent>,
    loads: Board<Bitmap, CompletionEvent>,
}

impl Completions {
    /// The most tasks of a kind that are open, and the most results of a kind that are kept.
    pub const MAX_TASKS: usize = 65_536;

    /// No tasks yet.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left for the three events.
    pub fn new() -> io::Result<Self> {
        let event = CompletionEvent::new;
        Ok(Self {
            next_task: AtomicU64::new(1),
            stores: Board::new(event()?, Self::MAX_TASKS),
            lookups: Board::new(event()?, Self::MAX_TASKS),
            loads: Board::new(event()?, Self::MAX_TASKS),
        })
    }

    /// Begins a task of so many keys. Beyond [`MAX_TASKS`](Self::MAX_TASKS), and after [`close`](Self::close), it completes at
    /// once: a store has failed, a lookup or a load has found nothing.
    pub fn begin(&self, kind: TaskKind, keys: usize) -> TaskId {
        let task = TaskId(self.next_task.fetch_add(1, Ordering::Relaxed));
        match kind {
            TaskKind::Store => self.stores.begin(task, keys),
            TaskKind::LookupAndLock => self.lookups.begin(task, keys),
            TaskKind::Load => self.loads.begin(task, keys),
        }
        task
    }

    /// Whether a task is still open. Work for a completed task must not be done: its locks would never be released.
    pub fn is_open(&self, kind: TaskKind, task: TaskId) -> bool {
        match kind {
            TaskKind::Store => self.stores.is_open(task),
            TaskKind::LookupAndLock => self.lookups.is_open(task),
            TaskKind::Load => self.loads.is_open(task),
        }
    }

    /// Completes a store task. A task that is not open is ignored.
    pub fn complete_store(&self, task: TaskId, result: StoreResult) {
        self.stores.complete(task, result);
    }

    /// Completes a lookup. A task that is not open is ignored.
    pub fn complete_lookup_and_lock(&self, task: TaskId, found: Bitmap) {
        self.lookups.complete(task, found);
    }

    /// Completes a load. A task that is not open is ignored.
    pub fn complete_load(&self, task: TaskId, loaded: Bitmap) {
        self.loads.complete(task, loaded);
    }

    /// Takes the results of all store tasks that have completed, oldest task first.
    pub fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        self.stores.take_all()
    }

    /// Takes the result of a lookup.
    pub fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        self.lookups.take(task)
    }

    /// Takes the result of a load.
    pub fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        self.loads.take(task)
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
        self.stores.open_tasks() + self.lookups.open_tasks() + self.loads.open_tasks()
    }

    /// How many results were not taken while [`MAX_TASKS`](Self::MAX_TASKS) later ones arrived. Above 0 only if a caller does not
    /// take its results.
    pub fn lost_results(&self) -> u64 {
        self.stores.lost_results() + self.lookups.lost_results() + self.loads.lost_results()
    }

    /// Completes every open task, and every one that begins later: stores fail, lookups and loads find nothing.
    ///
    /// A buffer returns to its caller with the result, so an adapter calls this only when none of its threads has one.
    pub fn close(&self) {
        self.stores.close();
        self.lookups.close();
        self.loads.close();
    }
}

impl Signal for CompletionEvent {
    fn signal(&self) {
        self.signal();
    }
}

impl TaskResult for StoreResult {
    fn undone(_: usize, reason: Undone) -> Self {
        match reason {
            Undone::Closed => Self::failure("the adapter is closed"),
            Undone::TooMany => {
                Self::failure(format!("{} store tasks are open: wait for their results", Completions::MAX_TASKS))
            }
        }
    }
}

impl TaskResult for Bitmap {
    fn undone(keys: usize, _: Undone) -> Self {
        Self::new(keys)
    }
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
    fn closing_completes_open_tasks_and_keeps_results() {
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
    fn a_task_that_begins_after_closing_completes_at_once_and_is_signalled() {
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

    #[test]
    fn a_task_beyond_the_limit_fails_at_once() {
        let completions = Completions::new().unwrap();
        let tasks: Vec<_> = (0..Completions::MAX_TASKS).map(|_| completions.begin(TaskKind::Store, 1)).collect();
        assert!(!completions.stores.event.drain());
        let beyond = completions.begin(TaskKind::Store, 1);
        assert!(!completions.is_open(TaskKind::Store, beyond) && completions.is_open(TaskKind::Store, tasks[0]));
        let results = completions.pop_completed_store_tasks();
        assert!(
            matches!(results.as_slice(), [(task, result)] if *task == beyond && !result.is_successful()),
            "{results:?}"
        );

        tasks.iter().for_each(|task| completions.complete_store(*task, StoreResult::success(1)));
        let results = completions.pop_completed_store_tasks();
        assert_eq!(results.len(), Completions::MAX_TASKS);
        assert_eq!((results[0].0, completions.lost_results()), (tasks[0], 0));
    }

    #[test]
    fn the_oldest_untaken_result_is_lost_beyond_the_limit() {
        let completions = Completions::new().unwrap();
        let slow = completions.begin(TaskKind::Load, 1);
        let tasks: Vec<_> = (0..=Completions::MAX_TASKS)
            .map(|_| {
                let task = completions.begin(TaskKind::Load, 1);
                completions.complete_load(task, Bitmap::new(1));
                task
            })
            .collect();
        assert_eq!((completions.query_load_result(tasks[0]), completions.lost_results()), (None, 1));
        assert_eq!(completions.query_load_result(tasks[1]), Some(Bitmap::new(1)));

        completions.complete_load(slow, Bitmap::new(1));
        assert_eq!(
            completions.query_load_result(slow),
            Some(Bitmap::new(1)),
            "the age of a result counts, not its task's"
        );
    }
}
