//! One task on several threads: each ends its share, and the last one completes the task.

use std::{
    fmt,
    sync::{Arc, PoisonError},
};

use super::{Bitmap, Completions, StoreResult, TaskId, sync::Mutex};

/// Called once with the result of the whole store task, before that result can be taken.
pub type WhenStored = Box<dyn FnOnce(&StoreResult) + Send>;

/// A thread's part of a store task. It belongs to that thread.
///
/// A share that is dropped before its end, because its thread died, ends as failed, so every task completes exactly once.
///
/// ```
/// use std::sync::Arc;
/// use l2_adapter::adapter::{Completions, StoreResult, StoreShare, TaskKind};
///
/// let completions = Arc::new(Completions::new()?);
/// let task = completions.begin(TaskKind::Store, 2);
/// let mut shares = StoreShare::split(task, &completions, 2, None);
/// drop(shares.pop());
/// for share in shares {
///     share.end(StoreResult::success(4096));
/// }
/// let results = completions.pop_completed_store_tasks();
/// assert_eq!(results[0].1.bytes_transferred, 4096);
/// assert!(!results[0].1.is_successful());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct StoreShare {
    task: Option<Arc<StoreTask>>,
}

struct StoreTask {
    task: TaskId,
    completions: Arc<Completions>,
    progress: Mutex<StoreProgress>,
}

struct StoreProgress {
    /// Shares that have not ended. The one that decrements this to zero completes the task.
    open: usize,
    result: StoreResult,
    when_stored: Option<WhenStored>,
}

impl StoreShare {
    /// Splits an open task into as many shares as threads work on it, at least one.
    pub fn split(
        task: TaskId,
        completions: &Arc<Completions>,
        shares: usize,
        when_stored: Option<WhenStored>,
    ) -> Vec<Self> {
        let progress = StoreProgress { open: shares, result: StoreResult::success(0), when_stored };
        let whole = Arc::new(StoreTask { task, completions: Arc::clone(completions), progress: Mutex::new(progress) });
        (0..shares).map(|_| Self { task: Some(Arc::clone(&whole)) }).collect()
    }

    /// Ends the share. The task fails if one of its shares has failed; the first failure is reported.
    pub fn end(mut self, result: StoreResult) {
        if let Some(task) = self.task.take() {
            task.end_share(result);
        }
    }
}

impl Drop for StoreShare {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.end_share(StoreResult::failure("the thread of the adapter that was to store it has ended"));
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

/// How a task with a bitmap is completed.
type Complete = fn(&Completions, TaskId, Bitmap);

/// A thread's part of a lookup or a load: some of the task's keys. It belongs to that thread.
///
/// A share that is dropped unended has found nothing.
pub struct BitmapShare {
    task: Option<Arc<BitmapTask>>,
    /// The indices of the share's keys in the task, ascending.
    positions: Vec<usize>,
}

struct BitmapTask {
    task: TaskId,
    complete: Complete,
    completions: Arc<Completions>,
    progress: Mutex<BitmapProgress>,
}

struct BitmapProgress {
    open: usize,
    bitmap: Bitmap,
}

impl BitmapShare {
    /// Splits an open lookup of `length` keys; `positions` has the keys of each thread that works on it, at least one thread.
    pub fn split_lookup_and_lock(
        task: TaskId,
        completions: &Arc<Completions>,
        length: usize,
        positions: Vec<Vec<usize>>,
    ) -> Vec<Self> {
        Self::split(task, completions, length, positions, Completions::complete_lookup_and_lock)
    }

    /// Splits an open load, as [`split_lookup_and_lock`](Self::split_lookup_and_lock) does a lookup.
    pub fn split_load(
        task: TaskId,
        completions: &Arc<Completions>,
        length: usize,
        positions: Vec<Vec<usize>>,
    ) -> Vec<Self> {
        Self::split(task, completions, length, positions, Completions::complete_load)
    }

    fn split(
        task: TaskId,
        completions: &Arc<Completions>,
        length: usize,
        positions: Vec<Vec<usize>>,
        complete: Complete,
    ) -> Vec<Self> {
        let progress = Mutex::new(BitmapProgress { open: positions.len(), bitmap: Bitmap::new(length) });
        let whole = Arc::new(BitmapTask { task, complete, completions: Arc::clone(completions), progress });
        positions.into_iter().map(|positions| Self { task: Some(Arc::clone(&whole)), positions }).collect()
    }

    /// Ends the share: bit `i` of `found` is the share's key `i`.
    pub fn end(mut self, found: &Bitmap) {
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
        (self.complete)(&self.completions, self.task, bitmap);
    }
}

impl fmt::Debug for StoreShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreShare").field(&self.task.as_ref().map(|whole| whole.task)).finish()
    }
}

impl fmt::Debug for BitmapShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BitmapShare").field(&self.task.as_ref().map(|whole| whole.task)).finish()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::adapter::TaskKind;

    #[test]
    fn a_task_reports_its_first_failure() {
        let completions = Arc::new(Completions::new().unwrap());
        let task = completions.begin(TaskKind::Store, 1);
        let results = [StoreResult::success(1), StoreResult::failure("first"), StoreResult::failure("second")];
        let shares = StoreShare::split(task, &completions, 3, None);
        shares.into_iter().zip(results).for_each(|(share, result)| share.end(result));
        let expected = StoreResult { bytes_transferred: 1, failure: Some("first".to_owned()) };
        assert_eq!(completions.pop_completed_store_tasks(), [(task, expected)]);
    }

    #[test]
    fn bits_have_the_positions_of_their_keys_in_the_task() {
        let completions = Arc::new(Completions::new().unwrap());
        let task = completions.begin(TaskKind::Load, 4);
        let mut shares = BitmapShare::split_load(task, &completions, 4, vec![vec![0, 3], vec![1, 2]]);
        // A dropped share has found nothing.
        drop(shares.pop());
        let found: Bitmap = [false, true].into_iter().collect();
        shares.into_iter().for_each(|share| share.end(&found));
        let loaded = completions.query_load_result(task).unwrap();
        assert_eq!(loaded.ones().collect::<Vec<_>>(), [3]);
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use loom::{model, thread};

    use super::*;
    use crate::adapter::TaskKind;

    #[test]
    fn a_store_completes_once_with_all_its_bytes_whichever_thread_ends_last() {
        model(|| {
            let completions = Arc::new(Completions::new().unwrap());
            let task = completions.begin(TaskKind::Store, 2);
            let mut shares = StoreShare::split(task, &completions, 2, None);
            let theirs = shares.pop().unwrap();
            let other = thread::spawn(move || theirs.end(StoreResult::success(2)));
            shares.into_iter().for_each(|share| share.end(StoreResult::success(1)));
            other.join().unwrap();
            assert_eq!(completions.pop_completed_store_tasks(), [(task, StoreResult::success(3))]);
        });
    }

    #[test]
    fn a_lookup_whose_thread_dies_completes_with_the_chunks_that_others_found() {
        model(|| {
            let completions = Arc::new(Completions::new().unwrap());
            let task = completions.begin(TaskKind::LookupAndLock, 2);
            let mut shares = BitmapShare::split_lookup_and_lock(task, &completions, 2, vec![vec![1], vec![0]]);
            let theirs = shares.pop().unwrap();
            let other = thread::spawn(move || drop(theirs));
            let found: Bitmap = [true].into_iter().collect();
            shares.into_iter().for_each(|share| share.end(&found));
            other.join().unwrap();
            let found = completions.query_lookup_and_lock_result(task).unwrap();
            assert_eq!(found.ones().collect::<Vec<_>>(), [1]);
        });
    }
}
