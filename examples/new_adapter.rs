//! A new adapter type in one file: its config is declared, the adapter is created from a spec by the type's name, and its tests
//! are those that every adapter passes.
//!
//! Run it with `cargo run --example new_adapter`, and its tests with
//! `cargo test --features contract --example new_adapter`.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
};

use l2_adapter::{
    CommonConfig, L2AdapterConfig,
    adapter::{
        AdapterStatus, Bitmap, Completions, CreateError, CreationContext, EventHandle, GroupLayouts, KeyListener,
        L2Adapter, LoadBuffer, LoadChunk, ObjectKey, StoreChunk, StoreResult, SystemClock, TaskId, TaskKind, Usage,
        UsageLedger,
    },
    registry,
    specs::L2AdapterArgs,
};

/// Keeps KV chunks in a folder of a scratch disk.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "scratch", factory = ScratchAdapter::create)]
pub struct ScratchL2AdapterConfig {
    /// The folder. It is created if it does not exist.
    #[config(required, min_length = 1, example = "/scratch/kv")]
    pub path: PathBuf,
    /// Threads that read and write.
    #[config(default = 4, min = 1, max = 64)]
    pub num_workers: u32,
    /// How much may be stored. Absent or null: as much as the disk holds.
    #[config(min = 1, unit = gib)]
    pub max_capacity_gb: Option<u32>,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// Reads and writes files on its own threads, so that no caller waits. It never deletes chunks, so locks have no effect and
/// listeners cannot evict.
#[derive(Debug)]
struct ScratchAdapter {
    folder: Arc<Folder>,
    completions: Arc<Completions>,
    is_closed: Arc<AtomicBool>,
    /// `None` after closing.
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    /// Locked during the wait for their end, so that every call of `close` returns after it.
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

type Job = Box<dyn FnOnce() + Send>;

impl ScratchAdapter {
    /// Creates the adapter, or returns an error for the operator if it cannot run on this machine.
    fn create(config: &ScratchL2AdapterConfig, _: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
        let unusable = |reason: String, source: Option<io::Error>| CreateError::Unusable {
            type_name: ScratchL2AdapterConfig::TYPE_NAME,
            reason,
            source: source.map(Into::into),
        };
        if config.path.is_file() {
            return Err(unusable(format!("{} is a file: name a folder", config.path.display()), None));
        }
        let completions = Completions::new().map_err(|error| unusable("no descriptor is left".into(), Some(error)))?;
        let (jobs, queue) = mpsc::channel::<Job>();
        let (queue, is_closed) = (Arc::new(Mutex::new(queue)), Arc::new(AtomicBool::new(false)));
        let spawn = |_| {
            let (queue, is_closed) = (Arc::clone(&queue), Arc::clone(&is_closed));
            thread::Builder::new().spawn(move || work(&queue, &is_closed))
        };
        let threads = (0..config.num_workers).map(spawn).collect::<io::Result<Vec<_>>>();
        Ok(Box::new(Self {
            folder: Arc::new(Folder::open(config)),
            completions: Arc::new(completions),
            is_closed,
            jobs: Mutex::new(Some(jobs)),
            threads: Mutex::new(threads.map_err(|error| unusable("no thread is left".into(), Some(error)))?),
        }))
    }

    /// Begins a task and queues its job. After closing, the task has already completed, or closing completes it.
    fn submit(
        &self,
        kind: TaskKind,
        keys: usize,
        job: impl FnOnce(TaskId, &Folder, &Completions) + Send + 'static,
    ) -> TaskId {
        let task = self.completions.begin(kind, keys);
        let (folder, completions) = (Arc::clone(&self.folder), Arc::clone(&self.completions));
        if let (true, Some(jobs)) = (completions.is_open(kind, task), &*lock(&self.jobs)) {
            // This cannot fail: the threads outlive their queue.
            let _ = jobs.send(Box::new(move || job(task, &folder, &completions)));
        }
        task
    }
}

/// Runs jobs until the queue is closed. Jobs that are still queued then are dropped, which returns their buffers.
fn work(queue: &Mutex<mpsc::Receiver<Job>>, is_closed: &AtomicBool) {
    loop {
        let Ok(job) = lock(queue).recv() else { return };
        if !is_closed.load(Ordering::Acquire) {
            job();
        }
    }
}

/// Locks a mutex. A thread that panicked cannot have left its value incomplete.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Chunks as files, each under the text of its key.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    capacity_bytes: Option<u64>,
    usage: UsageLedger,
    /// The number of the next temporary file.
    next_part: AtomicU64,
}

impl Folder {
    /// Opens the folder, and counts the chunks that are already in it.
    fn open(config: &ScratchL2AdapterConfig) -> Self {
        let usage = UsageLedger::default();
        for entry in fs::read_dir(&config.path).into_iter().flatten().flatten() {
            if let (Some(key), Ok(file)) = (Self::key(&entry.file_name().to_string_lossy()), entry.metadata()) {
                usage.add(&[(key, file.len())]);
            }
        }
        let capacity_bytes = config.max_capacity_gb.map(|gib| u64::from(gib) << 30);
        Self { path: config.path.clone(), capacity_bytes, usage, next_part: AtomicU64::new(0) }
    }

    /// The path of a key's file. Only the `/` in the name of a model must be escaped.
    fn file(&self, key: &ObjectKey) -> PathBuf {
        self.path.join(key.to_string().replace('%', "%25").replace('/', "%2F"))
    }

    fn key(file: &str) -> Option<ObjectKey> {
        file.replace("%2F", "/").replace("%25", "%").parse().ok()
    }

    /// Writes a chunk that is not there yet, through a temporary file, so that it appears complete. Returns the bytes that were
    /// written.
    fn write(&self, key: &ObjectKey, bytes: &[u8]) -> Result<u64, String> {
        let file = self.file(key);
        if file.is_file() {
            return Ok(0);
        }
        let counted = [(key.clone(), bytes.len() as u64)];
        self.usage.add(&counted);
        let written = self.place(&file, bytes);
        match written {
            Ok(true) => Ok(bytes.len() as u64),
            // Another thread has written the same chunk.
            Ok(false) => {
                self.usage.remove(&counted);
                Ok(0)
            }
            Err(reason) => {
                self.usage.remove(&counted);
                Err(reason)
            }
        }
    }

    /// Writes a file, and returns whether it is new.
    fn place(&self, file: &Path, bytes: &[u8]) -> Result<bool, String> {
        let used_bytes = self.usage.usage(None).total_bytes_used;
        if let Some(capacity_bytes) = self.capacity_bytes.filter(|capacity_bytes| used_bytes > *capacity_bytes) {
            return Err(format!("the folder would hold {used_bytes} bytes and may hold {capacity_bytes}"));
        }
        let part = self.path.join(format!("{}.part", self.next_part.fetch_add(1, Ordering::Relaxed)));
        let written = fs::create_dir_all(&self.path).and_then(|()| fs::write(&part, bytes));
        let placed = match written.and_then(|()| fs::hard_link(&part, file)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(format!("{}: {error}", file.display())),
        };
        // If this fails, a later process overwrites the file.
        let _ = fs::remove_file(&part);
        placed
    }

    /// Reads a chunk, and returns whether it fills the buffer exactly.
    fn read(&self, key: &ObjectKey, buffer: &mut LoadBuffer) -> bool {
        let Ok(bytes) = fs::read(self.file(key)) else { return false };
        bytes.len() == buffer.len() && buffer.fill_from(0, &bytes) == bytes.len()
    }
}

impl fmt::Display for ScratchAdapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "scratch({})", self.folder.path.display())
    }
}

impl L2Adapter for ScratchAdapter {
    fn type_name(&self) -> &'static str {
        ScratchL2AdapterConfig::TYPE_NAME
    }

    fn completion_event(&self, kind: TaskKind) -> EventHandle<'_> {
        self.completions.event(kind)
    }

    fn submit_store_task(&self, chunks: Vec<StoreChunk>) -> TaskId {
        self.submit(TaskKind::Store, chunks.len(), move |task, folder, completions| {
            let written: Result<u64, String> =
                chunks.iter().map(|chunk| folder.write(&chunk.key, chunk.buffer.as_slice())).sum();
            // The caller may reuse its buffers as soon as it has the result.
            drop(chunks);
            completions.complete_store(task, written.map_or_else(StoreResult::failure, StoreResult::success));
        })
    }

    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        self.completions.pop_completed_store_tasks()
    }

    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>, _: GroupLayouts) -> TaskId {
        self.submit(TaskKind::LookupAndLock, keys.len(), move |task, folder, completions| {
            let found = keys.iter().map(|key| folder.file(key).is_file()).collect();
            completions.complete_lookup_and_lock(task, found);
        })
    }

    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_lookup_and_lock_result(task)
    }

    fn submit_unlock(&self, _: Vec<ObjectKey>) {}

    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId {
        self.submit(TaskKind::Load, chunks.len(), move |task, folder, completions| {
            let loaded = chunks.into_iter().map(|mut chunk| folder.read(&chunk.key, &mut chunk.buffer)).collect();
            completions.complete_load(task, loaded);
        })
    }

    fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_load_result(task)
    }

    fn delete(&self, _: Vec<ObjectKey>) {}

    fn usage(&self) -> Usage {
        self.folder.usage.usage(self.folder.capacity_bytes)
    }

    fn report_status(&self) -> AdapterStatus {
        if self.is_closed.load(Ordering::Acquire) { AdapterStatus::Closed } else { AdapterStatus::Healthy }
    }

    fn register_listener(&self, _: Arc<dyn KeyListener>) {}

    fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        drop(lock(&self.jobs).take());
        for thread in lock(&self.threads).drain(..) {
            let _ = thread.join();
        }
        self.completions.close();
    }
}

impl Drop for ScratchAdapter {
    fn drop(&mut self) {
        self.close();
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", ScratchL2AdapterConfig::help());

    let specs =
        L2AdapterArgs::from_iter([r#"{"type": "scratch", "path": "/scratch/kv", "num_workers": 8}"#]).parse()?;
    let context = CreationContext::new(Arc::new(SystemClock::new()), 0);
    let adapter = registry::global()?.create(&specs[0].value, &context)?;
    println!("{adapter}: {:?}", adapter.report_status());
    adapter.close();

    if let Err(error) =
        L2AdapterArgs::from_iter([r#"{"type": "scratch", "pth": "/scratch/kv", "num_workers": 0}"#]).parse()
    {
        println!("\n{error}");
    }
    Ok(())
}

/// An adapter honours the contract if these tests pass.
#[cfg(all(test, feature = "contract"))]
mod keeps_the_contract {
    use l2_adapter::adapter::contract::{Abilities, Deployment, Subject};

    use super::*;

    fn subject() -> Subject {
        let mut abilities = Abilities::NONE;
        abilities.usage = true;
        Subject::new(abilities, || {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let config = ScratchL2AdapterConfig {
                path: folder.path().join("kv"),
                num_workers: 3,
                max_capacity_gb: Some(1),
                common: CommonConfig::default(),
            };
            let context = CreationContext::new(Arc::new(SystemClock::new()), 0);
            let adapter = ScratchAdapter::create(&config, &context).expect("an adapter");
            Deployment::whole(adapter.into()).keeping(folder)
        })
    }

    l2_adapter::contract_tests!(subject());

    #[test]
    fn what_is_in_the_folder_from_before_is_counted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = ObjectKey::new("meta/llama%2F", 0, b"hash").and_then(|key| key.with_cache_salt("tenant"));
        let key = key.expect("a sound key");
        let open = || {
            let path = folder.path().to_owned();
            let (num_workers, max_capacity_gb) = (1, None);
            Folder::open(&ScratchL2AdapterConfig {
                path,
                num_workers,
                max_capacity_gb,
                common: CommonConfig::default(),
            })
        };
        assert_eq!(open().write(&key, b"bytes"), Ok(5));
        assert_eq!(open().usage.usage(None).bytes_by_cache_salt, [("tenant".to_owned(), 5)].into());
    }
}
