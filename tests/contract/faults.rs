//! A `mock` with one fault, which is a likely mistake in an adapter.

use std::{
    collections::HashMap,
    fmt, mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use l2_adapter::adapter::{
    AdapterStatus, Bitmap, CompletionEvent, EventHandle, GroupLayouts, KeyListener, L2Adapter, LoadChunk, ObjectKey,
    StoreBuffer, StoreChunk, StoreResult, TaskId, TaskKind, Usage,
};

use crate::mock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    BitsInReverse,
    BufferKept,
    CloseLosesTasks,
    DeletionsNotNotified,
    DescriptorLeft,
    DuplicatesCounted,
    EventBeforeResult,
    EventMissing,
    EventShared,
    LayoutIgnored,
    LengthIgnored,
    ListenerUnderLock,
    LockForEachRepetition,
    LocksIgnored,
    LocksLeaked,
    LookupsWaitForEachOther,
    LookupsOutliveClose,
    LooksHealthyWhenClosed,
    ResultReturnedTwice,
    StorePoppedTwice,
    SubmitWaits,
    TaskIdsByKind,
    TaskLost,
    ThreadLeft,
    UnlockInAdvance,
    UsageWithoutSalts,
}

impl Fault {
    /// Whether the suite waits in vain for something, and so needs a short patience.
    pub(crate) fn hangs(self) -> bool {
        use Fault::*;
        matches!(
            self,
            DeletionsNotNotified
                | DescriptorLeft
                | EventMissing
                | ListenerUnderLock
                | LookupsWaitForEachOther
                | SubmitWaits
                | TaskLost
                | ThreadLeft
        )
    }
}

#[derive(Debug)]
pub(crate) struct Faulty {
    fault: Fault,
    mock: Arc<dyn L2Adapter>,
    event: CompletionEvent,
    is_closed: AtomicBool,
    loads: Mutex<HashMap<TaskId, Bitmap>>,
    lookups: Mutex<HashMap<TaskId, Vec<ObjectKey>>>,
    stores: Mutex<Vec<(TaskId, StoreResult)>>,
    asked: Mutex<Vec<TaskId>>,
    buffers: Mutex<Vec<StoreBuffer>>,
    unlocked: Mutex<Vec<ObjectKey>>,
    listener_lock: Arc<Mutex<()>>,
}

impl Faulty {
    pub(crate) fn new(fault: Fault) -> Self {
        match fault {
            Fault::DescriptorLeft => mem::forget(CompletionEvent::new().unwrap()),
            Fault::ThreadLeft => {
                let (keep, wait) = mpsc::channel::<()>();
                thread::spawn(move || wait.recv());
                mem::forget(keep);
            }
            _ => {}
        }
        Self {
            fault,
            mock: mock::adapter(),
            event: CompletionEvent::new().unwrap(),
            is_closed: AtomicBool::new(false),
            loads: Mutex::default(),
            lookups: Mutex::default(),
            stores: Mutex::default(),
            asked: Mutex::default(),
            buffers: Mutex::default(),
            unlocked: Mutex::default(),
            listener_lock: Arc::default(),
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// Whether this is the first query of a result.
    fn is_asked_first(&self, task: TaskId) -> bool {
        let mut asked = self.asked.lock().unwrap();
        let first = !asked.contains(&task);
        asked.push(task);
        first
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {:?}", self.mock, self.fault)
    }
}

impl L2Adapter for Faulty {
    fn type_name(&self) -> &'static str {
        self.mock.type_name()
    }

    fn completion_event(&self, kind: TaskKind) -> EventHandle<'_> {
        match (self.fault, kind) {
            (Fault::EventShared, TaskKind::Load) => self.mock.completion_event(TaskKind::Store),
            (Fault::EventMissing | Fault::EventBeforeResult, TaskKind::LookupAndLock) => self.event.handle(),
            _ => self.mock.completion_event(kind),
        }
    }

    fn submit_store_task(&self, chunks: Vec<StoreChunk>) -> TaskId {
        if self.has(Fault::BufferKept) {
            self.buffers.lock().unwrap().extend(chunks.iter().map(|chunk| chunk.buffer.clone()));
        }
        let task = self.mock.submit_store_task(chunks);
        while self.has(Fault::SubmitWaits) && task.0 > 500 {
            thread::park();
        }
        task
    }

    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        let mut results = self.mock.pop_completed_store_tasks();
        if self.has(Fault::CloseLosesTasks) && self.is_closed.load(Ordering::SeqCst) {
            results.retain(|(_, result)| result.is_successful());
        }
        if self.has(Fault::DuplicatesCounted) {
            results.iter_mut().for_each(|(_, result)| result.bytes_transferred = result.bytes_transferred.max(4096));
        }
        if self.has(Fault::StorePoppedTwice) {
            let before = mem::replace(&mut *self.stores.lock().unwrap(), results.clone());
            results.extend(before);
        }
        results
    }

    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>, layouts: GroupLayouts) -> TaskId {
        if self.has(Fault::LockForEachRepetition) {
            let mut distinct: Vec<&ObjectKey> = keys.iter().collect();
            distinct.dedup();
            if distinct.len() < keys.len() {
                self.mock.submit_lookup_and_lock_task(keys.clone(), layouts.clone());
            }
        }
        let layouts = if self.has(Fault::LayoutIgnored) { GroupLayouts::default() } else { layouts };
        let task = self.mock.submit_lookup_and_lock_task(keys.clone(), layouts);
        self.lookups.lock().unwrap().insert(task, keys);
        if self.has(Fault::EventBeforeResult) {
            self.event.signal();
        }
        // The id of the next task, which may be of another kind.
        if self.has(Fault::TaskIdsByKind) { TaskId(task.0 + 1) } else { task }
    }

    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        if self.has(Fault::TaskLost) || self.has(Fault::EventBeforeResult) && self.is_asked_first(task) {
            return None;
        }
        let is_behind = |before: &TaskId| *before < task;
        match self.fault {
            Fault::LookupsWaitForEachOther if self.lookups.lock().unwrap().keys().any(is_behind) => return None,
            Fault::LookupsOutliveClose if self.is_closed.load(Ordering::SeqCst) => return None,
            _ => {}
        }
        let found = self.mock.query_lookup_and_lock_result(task)?;
        let keys = self.lookups.lock().unwrap().remove(&task).unwrap_or_default();
        match self.fault {
            Fault::LocksIgnored => self.mock.submit_unlock(keys),
            Fault::UnlockInAdvance => {
                let unlocked = self.unlocked.lock().unwrap();
                self.mock.submit_unlock(keys.into_iter().filter(|key| unlocked.contains(key)).collect());
            }
            Fault::BitsInReverse => return Some((0..found.len()).rev().map(|index| found.test(index)).collect()),
            _ => {}
        }
        Some(found)
    }

    fn submit_unlock(&self, keys: Vec<ObjectKey>) {
        if self.has(Fault::UnlockInAdvance) {
            self.unlocked.lock().unwrap().extend(keys.clone());
        }
        if !self.has(Fault::LocksLeaked) {
            self.mock.submit_unlock(keys);
        }
    }

    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId {
        self.mock.submit_load_task(chunks)
    }

    fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        let mut loads = self.loads.lock().unwrap();
        match (self.mock.query_load_result(task), self.fault) {
            (Some(loaded), Fault::ResultReturnedTwice) => {
                loads.insert(task, loaded.clone());
                Some(loaded)
            }
            (None, Fault::ResultReturnedTwice) => loads.remove(&task),
            (Some(loaded), Fault::LengthIgnored) => Some((0..loaded.len()).map(|_| true).collect()),
            (result, _) => result,
        }
    }

    fn delete(&self, keys: Vec<ObjectKey>) {
        self.mock.delete(keys);
    }

    fn usage(&self) -> Usage {
        let _locked = self.listener_lock.lock().unwrap();
        let mut usage = self.mock.usage();
        if self.has(Fault::UsageWithoutSalts) {
            usage.bytes_by_cache_salt = [(String::new(), usage.total_bytes_used)].into();
        }
        usage
    }

    fn report_status(&self) -> AdapterStatus {
        if self.has(Fault::LooksHealthyWhenClosed) { AdapterStatus::Healthy } else { self.mock.report_status() }
    }

    fn register_listener(&self, listener: Arc<dyn KeyListener>) {
        let lock = Arc::clone(&self.listener_lock);
        self.mock.register_listener(match self.fault {
            Fault::ListenerUnderLock => {
                Arc::new(FaultyListener { listener, lock: Some(lock), notifies_deletions: true })
            }
            Fault::DeletionsNotNotified => Arc::new(FaultyListener { listener, lock: None, notifies_deletions: false }),
            _ => listener,
        });
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        self.mock.close();
    }
}

/// Passes notifications on to a listener, with faults.
#[derive(Debug)]
struct FaultyListener {
    listener: Arc<dyn KeyListener>,
    lock: Option<Arc<Mutex<()>>>,
    notifies_deletions: bool,
}

impl KeyListener for FaultyListener {
    fn keys_stored(&self, keys: &[(ObjectKey, u64)]) {
        let _locked = self.lock.as_ref().map(|lock| lock.lock().unwrap());
        self.listener.keys_stored(keys);
    }

    fn keys_accessed(&self, keys: &[ObjectKey]) {
        self.listener.keys_accessed(keys);
    }

    fn keys_deleted(&self, keys: &[(ObjectKey, u64)]) {
        if self.notifies_deletions {
            self.listener.keys_deleted(keys);
        }
    }
}
