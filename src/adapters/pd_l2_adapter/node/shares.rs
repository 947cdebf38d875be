//! One task over several TP ranks: each rank's thread ends its share, and the last one completes the task.
//!
//! A share that is dropped unended, because its thread is gone, ends as failed: every task completes exactly once, whatever
//! dies.

use std::sync::{Arc, Mutex, PoisonError};

use crate::adapter::{Bitmap, Completions, StoreResult, TaskId};

/// Called once, with how a store task of all ranks ended.
pub(super) type WhenStored = Box<dyn FnOnce(&StoreResult) + Send>;

/// A rank's part of a store task. Belongs to that rank's thread.
pub(super) struct StoreShare {
    task: Option<Arc<StoreTask>>,
}

struct StoreTask {
    task: TaskId,
    completions: Arc<Completions>,
    progress: Mutex<StoreProgress>,
}

struct StoreProgress {
    /// Shares that have not ended. The task is completed by the one that takes this to zero.
    open: usize,
    result: StoreResult,
    when_stored: Option<WhenStored>,
}

impl StoreShare {
    /// Splits a task into as many shares as ranks work on it, at least one.
    pub(super) fn split(
        task: TaskId,
        completions: &Arc<Completions>,
        ranks: usize,
        when_stored: Option<WhenStored>,
    ) -> Vec<Self> {
        let progress = StoreProgress { open: ranks, result: StoreResult::success(0), when_stored };
        let whole = Arc::new(StoreTask { task, completions: Arc::clone(completions), progress: Mutex::new(progress) });
        (0..ranks).map(|_| Self { task: Some(Arc::clone(&whole)) }).collect()
    }

    /// Ends the share. A task has failed where one of its shares has; the first failure is the one that is told.
    pub(super) fn end(mut self, result: StoreResult) {
        if let Some(task) = self.task.take() {
            task.end_share(result);
        }
    }
}

impl Drop for StoreShare {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.end_share(StoreResult::failure("the adapter's thread of this rank has ended"));
        }
    }
}

impl StoreTask {
    fn end_share(&self, share: StoreResult) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.result.bytes_transferred += share.bytes_transferred;
        progress.result.failure = progress.result.failure.take().or(share.failure);
        progress.open -= 1;
        if progress.open > 0 {
            return;
        }
        let result = progress.result.clone();
        let when_stored = progress.when_stored.take();
        drop(progress);
        if let Some(when_stored) = when_stored {
            when_stored(&result);
        }
        self.completions.complete_store(self.task, result);
    }
}

/// Which of the two kinds of tasks with a bitmap a task is.
#[derive(Debug, Clone, Copy)]
pub(super) enum BitmapTaskKind {
    LookupAndLock,
    Load,
}

/// A rank's part of a look-up or a load: the keys at `positions` of the task. Belongs to that rank's thread.
pub(super) struct BitmapShare {
    task: Option<Arc<BitmapTask>>,
    /// Where the share's keys stand in the task, in ascending order.
    positions: Vec<usize>,
}

struct BitmapTask {
    task: TaskId,
    kind: BitmapTaskKind,
    completions: Arc<Completions>,
    progress: Mutex<BitmapProgress>,
}

struct BitmapProgress {
    open: usize,
    bitmap: Bitmap,
}

impl BitmapShare {
    /// Splits a task of `length` keys; `positions` has the keys of each rank that works on it, at least one rank.
    pub(super) fn split(
        task: TaskId,
        kind: BitmapTaskKind,
        completions: &Arc<Completions>,
        length: usize,
        positions: Vec<Vec<usize>>,
    ) -> Vec<Self> {
        let progress = Mutex::new(BitmapProgress { open: positions.len(), bitmap: Bitmap::new(length) });
        let whole = Arc::new(BitmapTask { task, kind, completions: Arc::clone(completions), progress });
        positions.into_iter().map(|positions| Self { task: Some(Arc::clone(&whole)), positions }).collect()
    }

    /// Ends the share: bit `i` of `found` is the share's key `i`.
    pub(super) fn end(mut self, found: &Bitmap) {
        if let Some(task) = self.task.take() {
            let set = self.positions.iter().enumerate().filter(|(index, _)| found.test(*index));
            task.end_share(set.map(|(_, position)| *position));
        }
    }
}

impl Drop for BitmapShare {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.end_share(std::iter::empty());
        }
    }
}

impl BitmapTask {
    fn end_share(&self, found: impl Iterator<Item = usize>) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        found.for_each(|position| progress.bitmap.set(position));
        progress.open -= 1;
        if progress.open > 0 {
            return;
        }
        let bitmap = progress.bitmap.clone();
        drop(progress);
        match self.kind {
            BitmapTaskKind::LookupAndLock => self.completions.complete_lookup_and_lock(self.task, bitmap),
            BitmapTaskKind::Load => self.completions.complete_load(self.task, bitmap),
        }
    }
}
