//! The open tasks of one kind, and their results until they are taken. It is generic over results and events, so that the model
//! checker can run it with its own event.

#[cfg(all(test, loom))]
mod loom_tests;

use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::PoisonError,
};

use super::{
    TaskId,
    sync::{Mutex, MutexGuard},
};

/// Wakes the callers that wait for results.
pub(super) trait Signal {
    fn signal(&self);
}

/// A result that a task can have without being done.
pub(super) trait TaskResult {
    /// The result of a task of so many keys.
    fn undone(keys: usize, reason: Undone) -> Self;
}

/// Why a task is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undone {
    /// The board is closed.
    Closed,
    /// Too many tasks are open.
    TooMany,
}

/// Shared by an adapter's threads and its callers. A result is deposited before its event is signalled.
#[derive(Debug)]
pub(super) struct Board<R, E> {
    pub(super) event: E,
    /// The most tasks that are open, and the most results that are kept.
    limit: usize,
    state: Mutex<State<R>>,
}

/// Invariants: no task is both open and done; neither are more than `limit`; `done` and `order` have the same tasks.
#[derive(Debug)]
struct State<R> {
    /// The number of keys of each open task.
    open: HashMap<TaskId, usize>,
    /// In the order of completion.
    done: BTreeMap<u64, (TaskId, R)>,
    order: HashMap<TaskId, u64>,
    next_order: u64,
    /// Results that were not taken while `limit` later ones arrived.
    lost: u64,
    /// Tasks that begin now complete at once.
    is_closed: bool,
}

impl<R: TaskResult, E: Signal> Board<R, E> {
    pub(super) fn new(event: E, limit: usize) -> Self {
        let state = State {
            open: HashMap::new(),
            done: BTreeMap::new(),
            order: HashMap::new(),
            next_order: 0,
            lost: 0,
            is_closed: false,
        };
        Self { event, limit, state: Mutex::new(state) }
    }

    /// Opens a task, or completes it at once if it cannot be opened.
    pub(super) fn begin(&self, task: TaskId, keys: usize) {
        let mut state = self.lock();
        let reason = match (state.is_closed, state.open.len() < self.limit) {
            (false, true) => {
                state.open.insert(task, keys);
                return;
            }
            (true, _) => Undone::Closed,
            (false, false) => Undone::TooMany,
        };
        state.deposit(task, R::undone(keys, reason), self.limit);
        drop(state);
        self.event.signal();
    }

    /// Completes a task. A task that is not open is ignored.
    pub(super) fn complete(&self, task: TaskId, result: R) {
        let mut state = self.lock();
        if state.open.remove(&task).is_none() {
            return;
        }
        state.deposit(task, result, self.limit);
        drop(state);
        self.event.signal();
    }

    /// Completes every task that is open or begins later.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let open = mem::take(&mut state.open);
        if open.is_empty() {
            return;
        }
        for (task, keys) in open {
            state.deposit(task, R::undone(keys, Undone::Closed), self.limit);
        }
        drop(state);
        self.event.signal();
    }

    pub(super) fn take(&self, task: TaskId) -> Option<R> {
        let mut state = self.lock();
        let order = state.order.remove(&task)?;
        state.done.remove(&order).map(|(_, result)| result)
    }

    /// Takes all results, oldest task first.
    pub(super) fn take_all(&self) -> Vec<(TaskId, R)> {
        let mut state = self.lock();
        state.order.clear();
        let done = mem::take(&mut state.done);
        drop(state);
        let mut results: Vec<_> = done.into_values().collect();
        results.sort_unstable_by_key(|(task, _)| *task);
        results
    }

    pub(super) fn is_open(&self, task: TaskId) -> bool {
        self.lock().open.contains_key(&task)
    }

    pub(super) fn open_tasks(&self) -> usize {
        self.lock().open.len()
    }

    pub(super) fn lost_results(&self) -> u64 {
        self.lock().lost
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> State<R> {
    fn deposit(&mut self, task: TaskId, result: R, limit: usize) {
        self.done.insert(self.next_order, (task, result));
        self.order.insert(task, self.next_order);
        self.next_order += 1;
        if self.done.len() > limit
            && let Some((_, (oldest, _))) = self.done.pop_first()
        {
            self.order.remove(&oldest);
            self.lost += 1;
        }
    }
}
