//! A new adapter type in one file: its config is declared, the adapter is created from a spec by the type's name.
//!
//! Run it with `cargo run --example new_adapter`.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

use l2_adapter::{
    L2AdapterConfig, SharedConfig,
    adapter::{
        AdapterStatus, Bitmap, Completions, CreateError, CreationContext, EventHandle, KeyListener, L2Adapter,
        LoadChunk, ObjectKey, StoreChunk, StoreResult, SystemClock, TaskId, TaskKind, Usage,
    },
    config::parse_l2_adapters,
    registry,
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
    pub shared: SharedConfig,
}

/// Files are written and read on one thread, so that no caller waits. Nothing is ever evicted, so that locks have nothing to
/// hold.
#[derive(Debug)]
struct ScratchAdapter {
    path: PathBuf,
    completions: Arc<Completions>,
    /// `None` once it is closed.
    worker: Mutex<Option<Worker>>,
}

#[derive(Debug)]
struct Worker {
    jobs: mpsc::Sender<Job>,
    thread: thread::JoinHandle<()>,
}

type Job = Box<dyn FnOnce() + Send>;

impl ScratchAdapter {
    /// Refuses, in words for the operator, what only this machine can tell.
    fn create(config: &ScratchL2AdapterConfig, _: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
        let unusable = |reason: String, source: Option<std::io::Error>| CreateError::Unusable {
            type_name: ScratchL2AdapterConfig::TYPE_NAME,
            reason,
            source: source.map(Into::into),
        };
        if config.path.is_file() {
            return Err(unusable(format!("{} is a file: name a folder", config.path.display()), None));
        }
        let completions = Completions::new().map_err(|error| unusable("no descriptor is left".into(), Some(error)))?;
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = thread::Builder::new()
            .spawn(move || queue.into_iter().for_each(|job| job()))
            .map_err(|error| unusable("its thread cannot be made".into(), Some(error)))?;
        let worker = Mutex::new(Some(Worker { jobs, thread }));
        Ok(Box::new(Self { path: config.path.clone(), completions: Arc::new(completions), worker }))
    }

    /// Has the worker do something. Once the adapter is closed nothing is done: its task has completed already, or does so
    /// with the end.
    fn run(&self, job: impl FnOnce(&Path, &Completions) + Send + 'static) {
        let (folder, completions) = (self.path.clone(), Arc::clone(&self.completions));
        if let Some(worker) = &*self.worker() {
            // The worker outlives its queue.
            let _ = worker.jobs.send(Box::new(move || job(&folder, &completions)));
        }
    }

    fn worker(&self) -> MutexGuard<'_, Option<Worker>> {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file of a key: hashed and salted names are safe in a path but for the `/` of a model's name.
    fn file(folder: &Path, key: &ObjectKey) -> PathBuf {
        folder.join(key.to_string().replace('/', "%2F"))
    }
}

impl fmt::Display for ScratchAdapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "scratch({})", self.path.display())
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
        let task = self.completions.begin(TaskKind::Store, chunks.len());
        self.run(move |folder, completions| {
            let write = |chunk: &StoreChunk| fs::write(Self::file(folder, &chunk.key), chunk.buffer.as_slice());
            let written = fs::create_dir_all(folder).and_then(|()| chunks.iter().try_for_each(write));
            let bytes = chunks.iter().map(|chunk| chunk.buffer.len() as u64).sum();
            // The caller may reuse its buffers as soon as it has the result.
            drop(chunks);
            let result =
                written.map_or_else(|error| StoreResult::failure(error.to_string()), |()| StoreResult::success(bytes));
            completions.complete_store(task, result);
        });
        task
    }

    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        self.completions.pop_completed_store_tasks()
    }

    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>) -> TaskId {
        let task = self.completions.begin(TaskKind::LookupAndLock, keys.len());
        self.run(move |folder, completions| {
            let mut found = Bitmap::new(keys.len());
            let there = keys.iter().enumerate().filter(|(_, key)| Self::file(folder, key).is_file());
            there.for_each(|(index, _)| found.set(index));
            completions.complete_lookup_and_lock(task, found);
        });
        task
    }

    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_lookup_and_lock_result(task)
    }

    fn submit_unlock(&self, _: Vec<ObjectKey>) {}

    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId {
        let task = self.completions.begin(TaskKind::Load, chunks.len());
        self.run(move |folder, completions| {
            let mut loaded = Bitmap::new(chunks.len());
            for (index, mut chunk) in chunks.into_iter().enumerate() {
                let bytes = fs::read(Self::file(folder, &chunk.key)).unwrap_or_default();
                if !bytes.is_empty() && bytes.len() == chunk.buffer.len() {
                    chunk.buffer.fill_from(0, &bytes);
                    loaded.set(index);
                }
            }
            completions.complete_load(task, loaded);
        });
        task
    }

    fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_load_result(task)
    }

    fn delete(&self, keys: Vec<ObjectKey>) {
        // A key that is not there need not be deleted.
        keys.iter().for_each(|key| drop(fs::remove_file(Self::file(&self.path, key))));
    }

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn report_status(&self) -> AdapterStatus {
        if self.worker().is_none() { AdapterStatus::Closed } else { AdapterStatus::Healthy }
    }

    fn register_listener(&self, _: Arc<dyn KeyListener>) {}

    fn close(&self) {
        let worker = self.worker().take();
        if let Some(Worker { jobs, thread }) = worker {
            drop(jobs);
            // What is queued is done first: its buffers are still lent.
            let _ = thread.join();
        }
        self.completions.close();
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", ScratchL2AdapterConfig::help());

    let specs = parse_l2_adapters([r#"{"type": "scratch", "path": "/scratch/kv", "num_workers": 8}"#])?;
    let context = CreationContext::new(Arc::new(SystemClock::new()), 0);
    let adapter = registry::global()?.create(&specs[0].value, &context)?;
    println!("{adapter}: {:?}", adapter.report_status());
    adapter.close();

    if let Err(error) = parse_l2_adapters([r#"{"type": "scratch", "pth": "/scratch/kv", "num_workers": 0}"#]) {
        println!("\n{error}");
    }
    Ok(())
}
