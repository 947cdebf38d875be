//! Waiting for an adapter's results, as a server's controller does: by polling its events.

use std::{io, time::Duration};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::adapter::{Bitmap, GroupLayouts, L2Adapter, LoadChunk, ObjectKey, StoreChunk, StoreResult, TaskKind};

/// Longer than every deadline of an adapter: only an adapter with a bug exceeds it.
const PATIENCE: Duration = Duration::from_secs(300);

/// A task that failed.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum TaskFailed {
    #[error("a store task failed: {0}")]
    Store(String),
    #[error("a task of {adapter} has not completed within {} s, which is a bug: please report it", PATIENCE.as_secs())]
    NeverCompleted { adapter: String },
    #[error("an adapter's event cannot be polled")]
    Event(#[source] io::Error),
}

/// Stores chunks in tasks, so many of them in flight at once, and waits for all of them.
pub(in crate::cli) fn store(
    adapter: &dyn L2Adapter,
    tasks: Vec<Vec<StoreChunk>>,
    in_flight: usize,
) -> Result<(), TaskFailed> {
    let (mut tasks, mut open) = (tasks.into_iter(), 0);
    loop {
        for chunks in tasks.by_ref().take(in_flight.max(1) - open) {
            adapter.submit_store_task(chunks);
            open += 1;
        }
        if open == 0 {
            return Ok(());
        }
        for (_, result) in wait_for(adapter, TaskKind::Store, || some(adapter.pop_completed_store_tasks()))? {
            let StoreResult { failure, .. } = result;
            failure.map_or(Ok(()), |reason| Err(TaskFailed::Store(reason)))?;
            open -= 1;
        }
    }
}

/// Looks keys up and locks those that are found.
pub(super) fn look_up(adapter: &dyn L2Adapter, keys: Vec<ObjectKey>) -> Result<Bitmap, TaskFailed> {
    let task = adapter.submit_lookup_and_lock_task(keys, GroupLayouts::default());
    wait_for(adapter, TaskKind::LookupAndLock, || adapter.query_lookup_and_lock_result(task))
}

/// Loads chunks.
pub(super) fn load(adapter: &dyn L2Adapter, chunks: Vec<LoadChunk>) -> Result<Bitmap, TaskFailed> {
    let task = adapter.submit_load_task(chunks);
    wait_for(adapter, TaskKind::Load, || adapter.query_load_result(task))
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    Some(items).filter(|items| !items.is_empty())
}

fn wait_for<T>(adapter: &dyn L2Adapter, kind: TaskKind, result: impl Fn() -> Option<T>) -> Result<T, TaskFailed> {
    loop {
        let event = adapter.completion_event(kind);
        let mut polled = [PollFd::from_borrowed_fd(event, PollFlags::IN)];
        let patience = Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
        match poll(&mut polled, Some(&patience)) {
            Ok(0) => return Err(TaskFailed::NeverCompleted { adapter: adapter.to_string() }),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(TaskFailed::Event(error.into())),
        }
        rustix::io::read(event, &mut [0; 8]).map_err(|error| TaskFailed::Event(error.into()))?;
        if let Some(result) = result() {
            return Ok(result);
        }
    }
}
