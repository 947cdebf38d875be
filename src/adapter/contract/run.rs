//! One run of a behaviour: a fresh deployment, and a controller that submits, waits for events and takes results.

use std::{
    collections::{HashMap, HashSet},
    mem,
    os::fd::BorrowedFd,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Deployment, Subject};
use crate::adapter::{
    Bitmap, GroupLayouts, L2Adapter, LoadBuffer, LoadChunk, LoadedBytes, ObjectKey, StoreBuffer, StoreChunk,
    StoreResult, TaskId, TaskKind,
};

pub(super) const KINDS: [TaskKind; 3] = [TaskKind::Store, TaskKind::LookupAndLock, TaskKind::Load];

/// Used by the test's thread; other threads may use its adapters.
pub(super) struct Run<'a> {
    pub(super) subject: &'a Subject,
    pub(super) writer: Arc<dyn L2Adapter>,
    pub(super) reader: Arc<dyn L2Adapter>,
    deployment: Option<Deployment>,
    closes: bool,
    /// Results that were taken while waiting for others.
    stores: Mutex<HashMap<TaskId, StoreResult>>,
    popped: Mutex<HashSet<TaskId>>,
}

impl<'a> Run<'a> {
    pub(super) fn new(subject: &'a Subject) -> Self {
        let deployment = subject.create();
        Self {
            subject,
            writer: Arc::clone(&deployment.writer),
            reader: Arc::clone(&deployment.reader),
            deployment: Some(deployment),
            closes: true,
            stores: Mutex::default(),
            popped: Mutex::default(),
        }
    }

    /// Ends the run by dropping the adapters.
    pub(super) fn drop_without_closing(mut self) {
        self.closes = false;
    }

    pub(super) fn is_split(&self) -> bool {
        !Arc::ptr_eq(&self.writer, &self.reader)
    }

    pub(super) fn key(&self, name: usize) -> ObjectKey {
        ObjectKey::new("contract/model", self.subject.kv_rank, &name.to_be_bytes()).unwrap()
    }

    pub(super) fn keys<const N: usize>(&self, names: [usize; N]) -> Vec<ObjectKey> {
        names.map(|name| self.key(name)).into()
    }

    /// The bytes of a key: different for each name, and not uniform.
    pub(super) fn bytes(&self, key: &ObjectKey) -> Vec<u8> {
        let name = key.chunk_hash().last().copied().unwrap_or_default();
        (0..self.subject.chunk_bytes).map(|index| (index / 251 + index * 7) as u8 ^ name.wrapping_mul(31)).collect()
    }

    pub(super) fn chunks_bytes(&self, chunks: usize) -> u64 {
        (self.subject.chunk_bytes * chunks) as u64
    }

    pub(super) fn store_chunk(&self, key: &ObjectKey) -> StoreChunk {
        StoreChunk::new(key.clone(), StoreBuffer::new(self.bytes(key)))
    }

    pub(super) fn submit_store(&self, keys: &[ObjectKey]) -> TaskId {
        self.writer.submit_store_task(keys.iter().map(|key| self.store_chunk(key)).collect())
    }

    pub(super) fn submit_load(&self, keys: &[ObjectKey]) -> Load {
        self.submit_load_into(keys.iter().map(|key| (key.clone(), self.subject.chunk_bytes)).collect())
    }

    pub(super) fn submit_load_into(&self, keys: Vec<(ObjectKey, usize)>) -> Load {
        let (mut chunks, mut memory) = (Vec::new(), Vec::new());
        for (key, length) in keys {
            let (buffer, loaded) = LoadBuffer::new(length);
            chunks.push(LoadChunk { key: key.clone(), buffer });
            memory.push((key, loaded));
        }
        Load { task: self.reader.submit_load_task(chunks), memory }
    }

    /// Stores chunks, and waits for the result.
    pub(super) fn store(&self, keys: &[ObjectKey]) -> StoreResult {
        let task = self.submit_store(keys);
        self.wait_for_store(task)
    }

    pub(super) fn look_up(&self, keys: &[ObjectKey]) -> Bitmap {
        let task = self.reader.submit_lookup_and_lock_task(keys.to_vec(), GroupLayouts::default());
        self.wait_for_lookup(task, keys.len())
    }

    /// The keys that a lookup finds, unlocked at once.
    pub(super) fn find(&self, keys: &[ObjectKey]) -> Bitmap {
        let found = self.look_up(keys);
        self.reader
            .submit_unlock(keys.iter().zip(bits(&found)).filter(|(_, bit)| *bit).map(|(key, _)| key.clone()).collect());
        found
    }

    /// Loads chunks and compares their bytes; returns which were loaded.
    pub(super) fn load(&self, keys: &[ObjectKey]) -> Bitmap {
        let load = self.submit_load(keys);
        self.wait_for_load(load)
    }

    /// Waits until the reader has done everything that this thread has submitted.
    pub(super) fn pass(&self) {
        assert_eq!(self.find(&self.keys([usize::MAX])).count(), 0, "a key was found that was never stored");
    }

    pub(super) fn wait_for_store(&self, task: TaskId) -> StoreResult {
        self.wait(&*self.writer, TaskKind::Store, task, || self.take_store(task))
    }

    pub(super) fn wait_for_lookup(&self, task: TaskId, keys: usize) -> Bitmap {
        let take = || self.reader.query_lookup_and_lock_result(task);
        let found = self.wait(&*self.reader, TaskKind::LookupAndLock, task, take);
        assert_eq!(found.len(), keys, "a lookup has a bit for each key");
        found
    }

    pub(super) fn wait_for_load(&self, load: Load) -> Bitmap {
        let take = || self.reader.query_load_result(load.task);
        let loaded = self.wait(&*self.reader, TaskKind::Load, load.task, take);
        self.check_loaded(load, &loaded);
        loaded
    }

    /// Compares the loaded bytes with the stored ones.
    pub(super) fn check_loaded(&self, load: Load, loaded: &Bitmap) {
        assert_eq!(loaded.len(), load.memory.len(), "a load has a bit for each key");
        for (index, (key, memory)) in load.memory.into_iter().enumerate() {
            let bytes =
                memory.try_into_bytes().unwrap_or_else(|_| panic!("the buffer of {key} is lent after the result"));
            if loaded.test(index) {
                assert!(*bytes == self.bytes(&key), "{key} was loaded with other bytes than it was stored with");
            }
        }
    }

    /// The result of a store task, if it is there now.
    pub(super) fn take_store(&self, task: TaskId) -> Option<StoreResult> {
        let (mut stores, mut popped) = (self.stores.lock().unwrap(), self.popped.lock().unwrap());
        for (task, result) in self.writer.pop_completed_store_tasks() {
            assert!(popped.insert(task), "the result of store task {task} is returned twice");
            stores.insert(task, result);
        }
        stores.remove(&task)
    }

    /// Waits as a controller does: for the event, which it resets before it takes results.
    fn wait<T>(&self, adapter: &dyn L2Adapter, kind: TaskKind, task: TaskId, take: impl Fn() -> Option<T>) -> T {
        let deadline = Instant::now() + self.subject.patience;
        loop {
            if let Some(result) = take() {
                return result;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && is_readable(adapter.completion_event(kind), left),
                "{adapter}: {kind:?} task {task} did not complete, or its event was not signalled, within {:?}",
                self.subject.patience
            );
            reset(adapter.completion_event(kind));
        }
    }
}

/// A load that was submitted, with the memory it is loaded into.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) task: TaskId,
    memory: Vec<(ObjectKey, LoadedBytes)>,
}

impl Load {
    pub(super) fn keys(&self) -> impl Iterator<Item = &ObjectKey> {
        self.memory.iter().map(|(key, _)| key)
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // In an adapter that has just violated the contract, `close` may never return.
            mem::forget((Arc::clone(&self.writer), Arc::clone(&self.reader), self.deployment.take()));
        } else if self.closes {
            self.writer.close();
            self.reader.close();
        }
    }
}

pub(super) fn bits(bitmap: &Bitmap) -> Vec<bool> {
    (0..bitmap.len()).map(|index| bitmap.test(index)).collect()
}

/// Whether an event is signalled, or will be in this time.
pub(super) fn is_readable(event: BorrowedFd<'_>, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::from_borrowed_fd(event, PollFlags::IN)], Some(&timeout)) {
            Err(rustix::io::Errno::INTR) => {}
            result => return result.unwrap() > 0,
        }
    }
}

/// Resets an event. Returns whether it was signalled.
pub(super) fn reset(event: BorrowedFd<'_>) -> bool {
    let mut was_signalled = false;
    while rustix::io::read(event, &mut [0; 8]).is_ok() {
        was_signalled = true;
    }
    was_signalled
}
