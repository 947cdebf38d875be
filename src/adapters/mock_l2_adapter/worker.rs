//! The one thread of a mock adapter: it moves bytes, and completes tasks when the link has them.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
};

use super::{Chunks, Link};
use crate::adapter::{
    Bitmap, Clock, Completions, GroupLayouts, Listeners, LoadChunk, ObjectKey, StoreChunk, StoreResult, TaskId,
    TaskKind,
};

/// The state that the thread and the adapter's callers share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) completions: Completions,
    pub(super) listeners: Listeners,
    pub(super) is_closed: AtomicBool,
    /// Locked only for short accesses, never while bytes are moved or a listener is notified.
    chunks: Mutex<Chunks>,
}

impl Shared {
    pub(super) fn new(completions: Completions, chunks: Chunks) -> Self {
        let (listeners, is_closed) = (Listeners::default(), AtomicBool::new(false));
        Self { completions, listeners, is_closed, chunks: Mutex::new(chunks) }
    }

    pub(super) fn chunks(&self) -> MutexGuard<'_, Chunks> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One task that was submitted.
#[derive(Debug)]
pub(super) enum Job {
    Store(TaskId, Vec<StoreChunk>),
    LookupAndLock(TaskId, Vec<ObjectKey>, GroupLayouts),
    Load(TaskId, Vec<LoadChunk>),
}

/// The event for which a worker has waited.
enum Next {
    Job(Job),
    Arrival,
    End,
}

/// A result that the link still delays.
#[derive(Debug)]
enum Arrival {
    Store(TaskId, StoreResult),
    Load(TaskId, Bitmap),
}

/// Owned by its thread.
#[derive(Debug)]
pub(super) struct Worker {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    /// `None` after the end.
    jobs: Option<Receiver<Job>>,
    link: Link<Arrival>,
}

impl Worker {
    pub(super) fn new(shared: Arc<Shared>, clock: Arc<dyn Clock>, jobs: Receiver<Job>, bytes_per_second: f64) -> Self {
        Self { shared, clock, jobs: Some(jobs), link: Link::new(bytes_per_second) }
    }

    /// Runs until the adapter is closed.
    pub(super) fn run(mut self) {
        loop {
            let next = self.next();
            if self.shared.is_closed.load(Ordering::Acquire) {
                return;
            }
            match next {
                Next::Job(Job::Store(task, chunks)) => self.store(task, chunks),
                Next::Job(Job::LookupAndLock(task, keys, layouts)) => self.lookup_and_lock(task, &keys, &layouts),
                Next::Job(Job::Load(task, chunks)) => self.load(task, chunks),
                Next::Arrival => {}
                Next::End => return,
            }
            self.complete_arrived();
        }
    }

    /// Waits for a job, or until something arrives.
    fn next(&self) -> Next {
        let Some(jobs) = &self.jobs else { return Next::End };
        let Some(arrival) = self.link.next_arrival() else { return jobs.recv().map_or(Next::End, Next::Job) };
        match jobs.recv_timeout(arrival.saturating_sub(self.clock.now())) {
            Ok(job) => Next::Job(job),
            Err(RecvTimeoutError::Timeout) => Next::Arrival,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }

    fn store(&mut self, task: TaskId, chunks: Vec<StoreChunk>) {
        if !self.shared.completions.is_open(TaskKind::Store, task) {
            return;
        }
        let now = self.clock.now();
        let are_there: Bitmap = {
            let kept = self.shared.chunks();
            chunks.iter().map(|chunk| kept.contains(&chunk.key)).collect()
        };
        let copies = chunks.into_iter().enumerate().map(|(index, chunk)| {
            let layout = chunk.layout_of_bytes().cloned();
            (chunk.key, (!are_there.test(index)).then(|| (Arc::from(chunk.buffer.as_slice()), layout)))
        });
        // The buffers are released here, before the task can complete.
        let copies = copies.collect();
        let stored = self.shared.chunks().store(copies);
        match stored {
            Ok(changed) => {
                self.tell(&changed.evicted, Listeners::keys_deleted);
                self.tell(&changed.stored, Listeners::keys_stored);
                let bytes = changed.stored.iter().map(|(_, bytes)| bytes).sum();
                self.link.send(now, bytes, Arrival::Store(task, StoreResult::success(bytes)));
            }
            Err(no_room) => {
                self.shared.completions.complete_store(task, StoreResult::failure(no_room.to_string()));
            }
        }
    }

    fn lookup_and_lock(&self, task: TaskId, keys: &[ObjectKey], layouts: &GroupLayouts) {
        if !self.shared.completions.is_open(TaskKind::LookupAndLock, task) {
            return;
        }
        let found = self.shared.chunks().lookup_and_lock(keys, layouts);
        let accessed: Vec<_> = found.ones().filter_map(|index| keys.get(index).cloned()).collect();
        self.tell(&accessed, Listeners::keys_accessed);
        self.shared.completions.complete_lookup_and_lock(task, found);
    }

    fn load(&mut self, task: TaskId, chunks: Vec<LoadChunk>) {
        if !self.shared.completions.is_open(TaskKind::Load, task) {
            return;
        }
        let now = self.clock.now();
        let mut loaded = Bitmap::new(chunks.len());
        let (mut bytes, mut accessed) = (0, Vec::new());
        for (index, LoadChunk { key, mut buffer }) in chunks.into_iter().enumerate() {
            let kept = self.shared.chunks().load(&key, buffer.len());
            if let Some(kept) = kept {
                bytes += buffer.fill_from(0, &kept) as u64;
                loaded.set(index);
                accessed.push(key);
            }
        }
        self.tell(&accessed, Listeners::keys_accessed);
        self.link.send(now, bytes, Arrival::Load(task, loaded));
    }

    fn complete_arrived(&mut self) {
        let now = self.clock.now();
        while let Some(arrival) = self.link.take_arrived(now) {
            match arrival {
                Arrival::Store(task, result) => self.shared.completions.complete_store(task, result),
                Arrival::Load(task, loaded) => self.shared.completions.complete_load(task, loaded),
            }
        }
    }

    fn tell<T>(&self, keys: &[T], tell: fn(&Listeners, &[T])) {
        if !keys.is_empty() {
            tell(&self.shared.listeners, keys);
        }
    }
}

/// When the thread ends, also by a panic, it completes all tasks and releases all buffers.
impl Drop for Worker {
    fn drop(&mut self) {
        drop(mem::take(&mut self.jobs));
        self.shared.completions.close();
    }
}
