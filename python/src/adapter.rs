//! The PD adapter for Python.
//!
//! The interpreter is released around calls that can wait: creation and closing. Submitting and querying never wait, and
//! releasing the interpreter there would mean waiting for it afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    os::fd::AsRawFd as _,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use l2_adapter::{
    adapter::{
        AdapterStatus, Bitmap, CreationContext, L2Adapter as _, LoadChunk, StoreChunk, SystemClock, TaskId, TaskKind,
    },
    adapters::pd_l2_adapter::{PdL2Adapter, RequestWords},
};
use pyo3::{
    exceptions::{PyOSError, PyRuntimeError, PyValueError},
    prelude::*,
};

use crate::{
    buffers::{self, Lent},
    config::PdConfig,
    keys::{object_key, object_keys},
    layouts::{Layout, group_layouts},
    logs,
    notifications::{Audience, Notifications},
};

/// A running PD adapter.
#[pyclass(frozen, module = "l2_adapter._native")]
pub(crate) struct Adapter {
    adapter: PdL2Adapter,
    notifications: Notifications,
    /// The buffers of each task whose result was not taken.
    lent: Mutex<BTreeMap<TaskId, Vec<Lent>>>,
}

/// The number of a task's keys, and the indices of those that were found or loaded.
type Found = (usize, Vec<usize>);

/// A task's id, whether it succeeded, how many bytes it moved, and why it failed.
type Stored = (u64, bool, u64, Option<String>);

#[pymethods]
impl Adapter {
    /// Starts an adapter. `l1_memory` is address, size and alignment in bytes; `adapter` returns the object whose listeners are
    /// notified, or None; `log_level` is one of Python's `logging`.
    #[new]
    fn new(
        py: Python<'_>,
        config: &Bound<'_, PdConfig>,
        l1_memory: Option<(usize, usize, usize)>,
        package_folders: Vec<PathBuf>,
        adapter: Py<PyAny>,
        key_class: Py<PyAny>,
        log_level: u32,
    ) -> PyResult<Self> {
        logs::show(log_level);
        let mut context = CreationContext::new(Arc::new(SystemClock::new()), fastrand::u64(..));
        context.l1_arena = l1_memory.map(buffers::l1_arena).transpose()?;
        context.package_folders = package_folders;
        let config = &config.get().config;
        let adapter_audience = Audience { adapter, key_class };
        let adapter = py
            .detach(|| PdL2Adapter::new(config, &context))
            .map_err(|error| PyRuntimeError::new_err(with_causes(&error)))?;
        let notifications = Notifications::start(adapter_audience).map_err(PyOSError::new_err)?;
        adapter.register_listener(notifications.listener());
        Ok(Self { adapter, notifications, lent: Mutex::default() })
    }

    fn store_event_fd(&self) -> i32 {
        self.adapter.completion_event(TaskKind::Store).as_raw_fd()
    }

    fn lookup_and_lock_event_fd(&self) -> i32 {
        self.adapter.completion_event(TaskKind::LookupAndLock).as_raw_fd()
    }

    fn load_event_fd(&self) -> i32 {
        self.adapter.completion_event(TaskKind::Load).as_raw_fd()
    }

    /// Stores the bytes of memory objects, as part of a request if one is named. `layouts` has one for each object, or None
    /// where it is not known; it may be shorter.
    #[pyo3(signature = (keys, objects, layouts=Vec::new(), request=None))]
    fn submit_store(
        &self,
        keys: Vec<Bound<'_, PyAny>>,
        objects: Vec<Bound<'_, PyAny>>,
        layouts: Vec<Option<Bound<'_, Layout>>>,
        request: Option<&str>,
    ) -> PyResult<u64> {
        let store = |key: &Bound<'_, PyAny>, object: &Bound<'_, PyAny>| {
            let (buffer, lent) = buffers::store_buffer(object)?;
            Ok((StoreChunk::new(object_key(key)?, buffer), lent))
        };
        let (mut chunks, lent) = paired(&keys, &objects, store)?;
        for (chunk, layout) in chunks.iter_mut().zip(layouts) {
            chunk.layout = layout.map(|layout| layout.get().get().clone());
        }
        Ok(self.submit(lent, || match request {
            Some(request) => self.adapter.submit_store_task_of_request(request, chunks),
            None => self.adapter.submit_store_task(chunks),
        }))
    }

    fn pop_completed_stores(&self) -> Vec<Stored> {
        let results = self.adapter.pop_completed_store_tasks();
        self.give_back(results.iter().map(|(task, _)| *task));
        let stored = |(task, result): (TaskId, l2_adapter::adapter::StoreResult)| {
            (task.0, result.is_successful(), result.bytes_transferred, result.failure)
        };
        results.into_iter().map(stored).collect()
    }

    /// No further key belongs to a request.
    fn finish_request(&self, request: &str) {
        self.adapter.finish_request(request);
    }

    /// The indices of the keys of a request for which this adapter waits and which no store task has.
    fn unclaimed(&self, request: &str, keys: Vec<Bound<'_, PyAny>>) -> PyResult<Vec<usize>> {
        let unclaimed: BTreeSet<_> = self.adapter.unclaimed_keys(request).into_iter().collect();
        if unclaimed.is_empty() {
            return Ok(Vec::new());
        }
        let keys = object_keys(&keys)?;
        Ok((0..).zip(&keys).filter(|(_, key)| unclaimed.contains(key)).map(|(place, _)| place).collect())
    }

    /// Keys of a request were not stored and will not be.
    fn fail_keys(&self, request: &str, keys: Vec<Bound<'_, PyAny>>, reason: &str) -> PyResult<()> {
        self.adapter.fail_keys(request, &object_keys(&keys)?, reason);
        Ok(())
    }

    /// Looks keys up; `layouts` has the expected layout of each object group's chunks, if it is known.
    #[pyo3(signature = (keys, layouts=Vec::new()))]
    fn submit_lookup_and_lock(
        &self,
        keys: Vec<Bound<'_, PyAny>>,
        layouts: Vec<(u32, Bound<'_, Layout>)>,
    ) -> PyResult<u64> {
        Ok(self.adapter.submit_lookup_and_lock_task(object_keys(&keys)?, group_layouts(layouts)).0)
    }

    fn query_lookup_and_lock(&self, task: u64) -> Option<Found> {
        self.adapter.query_lookup_and_lock_result(TaskId(task)).map(|found| indices(&found))
    }

    fn unlock(&self, keys: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        self.adapter.submit_unlock(object_keys(&keys)?);
        Ok(())
    }

    /// Loads into the bytes of memory objects.
    fn submit_load(&self, keys: Vec<Bound<'_, PyAny>>, objects: Vec<Bound<'_, PyAny>>) -> PyResult<u64> {
        let load = |key: &Bound<'_, PyAny>, object: &Bound<'_, PyAny>| {
            let (buffer, lent) = buffers::load_buffer(object)?;
            Ok((LoadChunk { key: object_key(key)?, buffer }, lent))
        };
        let (chunks, lent) = paired(&keys, &objects, load)?;
        Ok(self.submit(lent, || self.adapter.submit_load_task(chunks)))
    }

    fn query_load(&self, task: u64) -> Option<Found> {
        let loaded = self.adapter.query_load_result(TaskId(task))?;
        self.give_back([TaskId(task)]);
        Some(indices(&loaded))
    }

    fn delete(&self, keys: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        self.adapter.delete(object_keys(&keys)?);
        Ok(())
    }

    /// Bytes in use, the capacity if it is known, and the bytes of each cache salt.
    fn usage(&self) -> (u64, Option<u64>, BTreeMap<String, u64>) {
        let usage = self.adapter.usage();
        (usage.total_bytes_used, usage.total_capacity_bytes, usage.bytes_by_cache_salt)
    }

    /// Why the adapter does not serve; None if it does.
    fn trouble(&self) -> Option<String> {
        match self.adapter.report_status() {
            AdapterStatus::Healthy => None,
            AdapterStatus::Unhealthy(reason) => Some(reason),
            AdapterStatus::Closed => Some("it is closed".to_owned()),
            other => Some(format!("{other:?}")),
        }
    }

    /// The status of each rank and of the proxy, as a JSON object.
    fn status(&self) -> String {
        self.adapter.status().to_string()
    }

    /// The same as OpenMetrics text.
    fn metrics(&self) -> String {
        self.adapter.metrics()
    }

    fn __repr__(&self) -> String {
        format!("<{}>", self.adapter)
    }

    /// Closes the adapter within a bounded time. Idempotent, and safe to call from several threads.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.end());
        let lent = std::mem::take(&mut *self.lent());
        drop(lent);
    }
}

impl Adapter {
    /// Submits a task, and keeps its buffers. A thread that takes the result meanwhile waits until they are kept, and so
    /// releases them.
    fn submit(&self, buffers: Vec<Lent>, submit: impl FnOnce() -> TaskId) -> u64 {
        let mut lent = self.lent();
        let task = submit();
        lent.insert(task, buffers);
        task.0
    }

    /// Releases the buffers of tasks, which are no longer in use. Called with the interpreter held, as all of Python's objects
    /// require.
    fn give_back(&self, tasks: impl IntoIterator<Item = TaskId>) {
        let mut lent = self.lent();
        let buffers: Vec<_> = tasks.into_iter().filter_map(|task| lent.remove(&task)).collect();
        // Python's own code may run when a buffer is released.
        drop(lent);
        drop(buffers);
    }

    fn lent(&self) -> MutexGuard<'_, BTreeMap<TaskId, Vec<Lent>>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.adapter.close();
        self.notifications.close();
    }
}

impl Drop for Adapter {
    /// The interpreter is held here, and a running listener may need it.
    fn drop(&mut self) {
        let adapter = &*self;
        if Python::try_attach(|py| py.detach(|| adapter.end())).is_none() {
            adapter.end();
        }
    }
}

/// Announces keys of a request to all senders among adapters. `words` are entries of the request's configs, a JSON object.
#[pyfunction]
pub(crate) fn expect(
    adapters: Vec<Bound<'_, Adapter>>,
    request: &str,
    keys: Vec<Bound<'_, PyAny>>,
    words: &str,
) -> PyResult<()> {
    let senders: Vec<&PdL2Adapter> = adapters.iter().map(|adapter| &adapter.get().adapter).collect();
    let words = serde_json::from_str(words).map_err(|error| PyValueError::new_err(error.to_string()))?;
    PdL2Adapter::expect_at(&senders, request, &object_keys(&keys)?, &RequestWords::from_configs(&words));
    Ok(())
}

/// One chunk for each key and object, and the owners of the objects' memory.
fn paired<Chunk>(
    keys: &[Bound<'_, PyAny>],
    objects: &[Bound<'_, PyAny>],
    chunk: impl Fn(&Bound<'_, PyAny>, &Bound<'_, PyAny>) -> PyResult<(Chunk, Lent)>,
) -> PyResult<(Vec<Chunk>, Vec<Lent>)> {
    if keys.len() != objects.len() {
        let message = format!("every key needs its memory object: got {} keys, {} objects", keys.len(), objects.len());
        return Err(PyValueError::new_err(message));
    }
    keys.iter().zip(objects).map(|(key, object)| chunk(key, object)).collect()
}

fn indices(bitmap: &Bitmap) -> Found {
    (bitmap.len(), bitmap.ones().collect())
}

/// An error and everything that led to it, in one line.
fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |error: &&dyn Error| (*error).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
