//! The adapter as its server sees it.

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::Ordering,
        mpsc::{self, Sender},
    },
    thread::{self, JoinHandle},
};

use super::{
    Chunks, MockL2AdapterConfig,
    worker::{Job, Shared, Worker},
};
use crate::{
    L2AdapterConfig as _,
    adapter::{
        AdapterStatus, Bitmap, Completions, CreateError, CreationContext, EventHandle, GroupLayouts, KeyListener,
        L2Adapter, LoadChunk, ObjectKey, StoreChunk, StoreResult, TaskId, TaskKind, Usage,
    },
};

const GIB: f64 = (1_u64 << 30) as f64;

/// Keeps chunks in memory, up to a capacity. Then it evicts unlocked chunks, the least recently used one first. A task without room
/// even after that fails at once and changes nothing. After `close` nothing is kept.
///
/// Stores and loads take as long as their bytes would take, one after the other, over one link with the simulated bandwidth.
#[derive(Debug)]
pub struct MockL2Adapter {
    max_size_gb: f64,
    mock_bandwidth_gb: f64,
    shared: Arc<Shared>,
    /// `None` once it is closed.
    jobs: Mutex<Option<Sender<Job>>>,
    /// `None` after closing. Locked during the wait for the thread, so that every `close` returns after its end.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl MockL2Adapter {
    /// Creates an adapter and its thread.
    ///
    /// # Errors
    ///
    /// The system has no descriptor or no thread left.
    pub fn create(config: &MockL2AdapterConfig, context: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
        let unusable = |what: &str, source: io::Error| CreateError::Unusable {
            type_name: MockL2AdapterConfig::TYPE_NAME,
            reason: format!("{what} cannot be made: raise the process's limits (`ulimit -n`, `ulimit -u`)"),
            source: Some(source.into()),
        };
        // The cast saturates: a larger number means unlimited anyway.
        let capacity_bytes = (config.max_size_gb * GIB) as u64;
        let completions = Completions::new().map_err(|error| unusable("its three events", error))?;
        let shared = Arc::new(Shared::new(completions, Chunks::new(capacity_bytes)));
        let (jobs, queue) = mpsc::channel();
        let bytes_per_second = config.mock_bandwidth_gb * GIB;
        let worker = Worker::new(Arc::clone(&shared), Arc::clone(&context.clock), queue, bytes_per_second);
        let thread = thread::Builder::new()
            .name("l2-mock".to_owned())
            .spawn(|| worker.run())
            .map_err(|error| unusable("its thread", error))?;
        Ok(Box::new(Self {
            max_size_gb: config.max_size_gb,
            mock_bandwidth_gb: config.mock_bandwidth_gb,
            shared,
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
        }))
    }

    /// Sends a job to the thread. If this fails, the task has completed or will complete when the thread ends.
    fn submit(&self, job: Job) {
        if let Some(jobs) = &*self.jobs.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = jobs.send(job);
        }
    }
}

impl fmt::Display for MockL2Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mock({} GiB at {} GiB/s)", self.max_size_gb, self.mock_bandwidth_gb)
    }
}

impl L2Adapter for MockL2Adapter {
    fn type_name(&self) -> &'static str {
        MockL2AdapterConfig::TYPE_NAME
    }

    fn completion_event(&self, kind: TaskKind) -> EventHandle<'_> {
        self.shared.completions.event(kind)
    }

    fn submit_store_task(&self, chunks: Vec<StoreChunk>) -> TaskId {
        let task = self.shared.completions.begin(TaskKind::Store, chunks.len());
        self.submit(Job::Store(task, chunks));
        task
    }

    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        self.shared.completions.pop_completed_store_tasks()
    }

    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>, layouts: GroupLayouts) -> TaskId {
        let task = self.shared.completions.begin(TaskKind::LookupAndLock, keys.len());
        self.submit(Job::LookupAndLock(task, keys, layouts));
        task
    }

    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        self.shared.completions.query_lookup_and_lock_result(task)
    }

    fn submit_unlock(&self, keys: Vec<ObjectKey>) {
        self.shared.chunks().unlock(&keys);
    }

    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId {
        let task = self.shared.completions.begin(TaskKind::Load, chunks.len());
        self.submit(Job::Load(task, chunks));
        task
    }

    fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        self.shared.completions.query_load_result(task)
    }

    fn delete(&self, keys: Vec<ObjectKey>) {
        let deleted = self.shared.chunks().delete(&keys);
        if !deleted.is_empty() {
            self.shared.listeners.keys_deleted(&deleted);
        }
    }

    fn usage(&self) -> Usage {
        self.shared.chunks().usage()
    }

    fn report_status(&self) -> AdapterStatus {
        if self.shared.is_closed.load(Ordering::Acquire) { AdapterStatus::Closed } else { AdapterStatus::Healthy }
    }

    fn register_listener(&self, listener: Arc<dyn KeyListener>) {
        self.shared.listeners.register(listener);
    }

    fn close(&self) {
        self.shared.is_closed.store(true, Ordering::Release);
        // The thread ends with its queue.
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // If it panicked, its tasks have completed nevertheless.
            let _ = thread.join();
        }
        self.shared.chunks().clear();
    }
}

impl Drop for MockL2Adapter {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, poll};

    use super::*;
    use crate::{
        CommonConfig,
        adapter::{Clock, StoreBuffer},
    };

    #[derive(Debug, Default)]
    struct StandingClock(Mutex<Duration>);

    impl Clock for StandingClock {
        fn now(&self) -> Duration {
            *self.0.lock().unwrap()
        }
    }

    /// Waits until the thread has handled all earlier jobs; after that it reads the clock again.
    fn pass(adapter: &dyn L2Adapter) {
        let task = adapter.submit_lookup_and_lock_task(Vec::new(), GroupLayouts::default());
        while adapter.query_lookup_and_lock_result(task).is_none() {
            let event = adapter.completion_event(TaskKind::LookupAndLock);
            poll(&mut [PollFd::from_borrowed_fd(event, PollFlags::IN)], None).unwrap();
            rustix::io::read(event, &mut [0; 8]).unwrap();
        }
    }

    #[test]
    fn a_store_completes_when_its_bytes_have_moved_at_the_simulated_bandwidth() {
        let clock = Arc::new(StandingClock::default());
        let context = CreationContext::new(Arc::<StandingClock>::clone(&clock), 0);
        // An hour for 3600 bytes: a test that waited for the wall clock would not end.
        let config =
            MockL2AdapterConfig { max_size_gb: 1.0, mock_bandwidth_gb: 1.0 / GIB, common: CommonConfig::default() };
        let adapter = MockL2Adapter::create(&config, &context).unwrap();
        let key = ObjectKey::new("model", 0, b"key").unwrap();
        let task = adapter.submit_store_task(vec![StoreChunk::new(key, StoreBuffer::new(vec![7; 3600]))]);
        pass(&*adapter);
        *clock.0.lock().unwrap() = Duration::from_secs(3599);
        pass(&*adapter);
        assert_eq!(adapter.pop_completed_store_tasks(), []);

        *clock.0.lock().unwrap() = Duration::from_secs(3600);
        pass(&*adapter);
        // The lookup completed before the thread handled the arrivals.
        pass(&*adapter);
        assert_eq!(adapter.pop_completed_store_tasks(), [(task, StoreResult::success(3600))]);
    }
}
