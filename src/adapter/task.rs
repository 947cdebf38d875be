//! Tasks: submissions and results.

use std::fmt;

use super::{ChunkLayout, LoadBuffer, ObjectKey, StoreBuffer};

/// The id of one submitted task. An adapter never uses it twice, also for another kind of task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The three kinds of tasks, each with a separate event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// Storing chunks.
    Store,
    /// Looking keys up and locking found ones.
    LookupAndLock,
    /// Loading chunks.
    Load,
}

/// One chunk to store.
#[derive(Debug)]
pub struct StoreChunk {
    /// Its name.
    pub key: ObjectKey,
    /// Its bytes.
    pub buffer: StoreBuffer,
    /// The layout of its tensors; `None` if the server does not know it.
    pub layout: Option<ChunkLayout>,
}

impl StoreChunk {
    /// A chunk of unknown layout.
    pub fn new(key: ObjectKey, buffer: StoreBuffer) -> Self {
        Self { key, buffer, layout: None }
    }

    /// The layout, if the bytes can have it. Bytes of another size are packed, and their contents are unknown.
    pub fn layout_of_bytes(&self) -> Option<&ChunkLayout> {
        self.layout.as_ref().filter(|layout| layout.size_bytes() == self.buffer.len() as u64)
    }
}

/// One chunk to load.
#[derive(Debug)]
pub struct LoadChunk {
    /// Its name.
    pub key: ObjectKey,
    /// The destination of its bytes. The chunk has to be exactly as long.
    pub buffer: LoadBuffer,
}

/// The result of a store task. As in LMCache, a task succeeds or fails as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreResult {
    /// The bytes that were transferred, without those of keys that were already present.
    pub bytes_transferred: u64,
    /// The reason of a failure, for people; `None` on success.
    pub failure: Option<String>,
}

impl StoreResult {
    /// A success.
    pub fn success(bytes_transferred: u64) -> Self {
        Self { bytes_transferred, failure: None }
    }

    /// A failure.
    pub fn failure(reason: impl Into<String>) -> Self {
        Self { bytes_transferred: 0, failure: Some(reason.into()) }
    }

    /// Whether every key of the task is stored.
    pub fn is_successful(&self) -> bool {
        self.failure.is_none()
    }
}
