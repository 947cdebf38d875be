//! A `mock` with one fault: what somebody who writes an adapter gets wrong.

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
    DeletionsNotTold,
    DescriptorLeft,
    DuplicatesCounted,
    EventBeforeResult,
    EventMissing,
    EventShared,
    LayoutIgnored,
    LengthIgnored,
    ListenerUnderLock,
    LockForEachMention,
    LocksIgnored,
    LocksLeaked,
    LookUpsInLine,
    LookUpsOutliveClose,
    LooksHealthyWhenClosed,
    ResultGivenTwice,
    StoreGivenTwice,
    SubmitWaits,
    TaskIdsByKind,
    TaskLost,
    ThreadLeft,
    UnlockInAdvance,
    UsageWithoutSalts,
}

impl Fault {
    /// Whether somebody waits in vain, and patience is to be short.
    pub(crate) fn hangs(self) -> bool {
        use Fault::*;
        matches!(
            self,
            DeletionsNotTold
                | DescriptorLeft
                | EventMissing
                | ListenerUnderLock
                | LookUpsInLine
                | SubmitWaits
                | TaskLost
                | ThreadLeft
        )
    }
}

#[derive(Debug)]
pub(crate) struct Faulty {
    fault: Fault,
    sound: Arc<dyn L2Adapter>,
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
            sound: mock::adapter(),
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

    /// Whether this is the first time that somebody asks for a result.
    fn is_asked_first(&self, task: TaskId) -> bool {
        let mut asked = self.asked.lock().unwrap();
        let first = !asked.contains(&task);
        asked.push(task);
        first
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {:?}", self.sound, self.fault)
    }
}

impl L2Adapter for Faulty {
    fn type_name(&self) -> &'static str {
        self.sound.type_name()
    }

    fn completion_event(&self, kind: TaskKind) -> EventHandle<'_> {
        match (self.fault, kind) {
            (Fault::EventShared, TaskKind::Load) => self.sound.completion_event(TaskKind::Store),
            (Fault::EventMissing | Fault::EventBeforeResult, TaskKind::LookupAndLock) => self.event.handle(),
            _ => self.sound.completion_event(kind),
        }
    }

    fn submit_store_task(&self, chunks: Vec<StoreChunk>) -> TaskId {
        if self.has(Fault::BufferKept) {
            self.buffers.lock().unwrap().extend(chunks.iter().map(|chunk| chunk.buffer.clone()));
        }
        let task = self.sound.submit_store_task(chunks);
        while self.has(Fault::SubmitWaits) && task.0 > 500 {
            thread::park();
        }
        task
    }

    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        let mut results = self.sound.pop_completed_store_tasks();
        if self.has(Fault::CloseLosesTasks) && self.is_closed.load(Ordering::SeqCst) {
            results.retain(|(_, result)| result.is_successful());
        }
        if self.has(Fault::DuplicatesCounted) {
            results.iter_mut().for_each(|(_, result)| result.bytes_transferred = result.bytes_transferred.max(4096));
        }
        if self.has(Fault::StoreGivenTwice) {
            let before = mem::replace(&mut *self.stores.lock().unwrap(), results.clone());
            results.extend(before);
        }
        results
    }

    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>, layouts: GroupLayouts) -> TaskId {
        if self.has(Fault::LockForEachMention) {
            let mut distinct: Vec<&ObjectKey> = keys.iter().collect();
            distinct.dedup();
            if distinct.len() < keys.len() {
                self.sound.submit_lookup_and_lock_task(keys.clone(), layouts.clone());
            }
        }
        let layouts = if self.has(Fault::LayoutIgnored) { GroupLayouts::default() } else { layouts };
        let task = self.sound.submit_lookup_and_lock_task(keys.clone(), layouts);
        self.lookups.lock().unwrap().insert(task, keys);
        if self.has(Fault::EventBeforeResult) {
            self.event.signal();
        }
        // What the next task will be called, of whatever kind.
        if self.has(Fault::TaskIdsByKind) { TaskId(task.0 + 1) } else { task }
    }

    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        if self.has(Fault::TaskLost) || self.has(Fault::EventBeforeResult) && self.is_asked_first(task) {
            return None;
        }
        let is_behind = |before: &TaskId| *before < task;
        match self.fault {
            Fault::LookUpsInLine if self.lookups.lock().unwrap().keys().any(is_behind) => return None,
            Fault::LookUpsOutliveClose if self.is_closed.load(Ordering::SeqCst) => return None,
            _ => {}
        }
        let found = self.sound.query_lookup_and_lock_result(task)?;
        let keys = self.lookups.lock().unwrap().remove(&task).unwrap_or_default();
        match self.fault {
            Fault::LocksIgnored => self.sound.submit_unlock(keys),
            Fault::UnlockInAdvance => {
                let unlocked = self.unlocked.lock().unwrap();
                self.sound.submit_unlock(keys.into_iter().filter(|key| unlocked.contains(key)).collect());
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
            self.sound.submit_unlock(keys);
        }
    }

    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId {
        self.sound.submit_load_task(chunks)
    }

    fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        let mut loads = self.loads.lock().unwrap();
        match (self.sound.query_load_result(task), self.fault) {
            (Some(loaded), Fault::ResultGivenTwice) => {
                loads.insert(task, loaded.clone());
                Some(loaded)
            }
            (None, Fault::ResultGivenTwice) => loads.remove(&task),
            (Some(loaded), Fault::LengthIgnored) => Some((0..loaded.len()).map(|_| true).collect()),
            (result, _) => result,
        }
    }

    fn delete(&self, keys: Vec<ObjectKey>) {
        self.sound.delete(keys);
    }

    fn usage(&self) -> Usage {
        let _locked = self.listener_lock.lock().unwrap();
        let mut usage = self.sound.usage();
        if self.has(Fault::UsageWithoutSalts) {
            usage.bytes_by_cache_salt = [(String::new(), usage.total_bytes_used)].into();
        }
        usage
    }

    fn report_status(&self) -> AdapterStatus {
        if self.has(Fault::LooksHealthyWhenClosed) { AdapterStatus::Healthy } else { self.sound.report_status() }
    }

    fn register_listener(&self, listener: Arc<dyn KeyListener>) {
        let lock = Arc::clone(&self.listener_lock);
        self.sound.register_listener(match self.fault {
            Fault::ListenerUnderLock => Arc::new(Between { listener, lock: Some(lock), tells_deletions: true }),
            Fault::DeletionsNotTold => Arc::new(Between { listener, lock: None, tells_deletions: false }),
            _ => listener,
        });
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        self.sound.close();
    }
}

/// Between an adapter and its listener.
#[derive(Debug)]
struct Between {
    listener: Arc<dyn KeyListener>,
    lock: Option<Arc<Mutex<()>>>,
    tells_deletions: bool,
}

impl KeyListener for Between {
    fn keys_stored(&self, keys: &[(ObjectKey, u64)]) {
        let _locked = self.lock.as_ref().map(|lock| lock.lock().unwrap());
        self.listener.keys_stored(keys);
    }

    fn keys_accessed(&self, keys: &[ObjectKey]) {
        self.listener.keys_accessed(keys);
    }

    fn keys_deleted(&self, keys: &[(ObjectKey, u64)]) {
        if self.tells_deletions {
            self.listener.keys_deleted(keys);
        }
    }
}
