//! The subject of the tests: an adapter, or the two that form one.

use std::{any::Any, fmt, sync::Arc, time::Duration};

use crate::adapter::{KvRank, L2Adapter};

/// The most chunks a behaviour keeps in one deployment.
pub const CHUNKS_MAX: usize = 16;

/// An adapter to test: how to create it, and its abilities.
pub struct Subject {
    create: Box<dyn Fn() -> Deployment + Send + Sync>,
    /// Its abilities.
    pub abilities: Abilities,
    /// The size of the chunks it is given, in bytes. At least [`CHUNKS_MAX`] of them must have room. Defaults to 4096.
    pub chunk_bytes: usize,
    /// The `kv_rank` of all keys. Defaults to that of the only worker.
    pub kv_rank: u32,
    /// How long a behaviour waits before it fails. Defaults to 30 seconds.
    pub patience: Duration,
}

impl Subject {
    /// An adapter with these abilities. `create` is called for each behaviour, perhaps by several threads at once; it returns
    /// an adapter that already serves and is empty.
    pub fn new(abilities: Abilities, create: impl Fn() -> Deployment + Send + Sync + 'static) -> Self {
        // All four numbers are those of one worker.
        let kv_rank = KvRank { world_size: 1, global_rank: 0, local_world_size: 1, local_rank: 0 }.to_bits().unwrap();
        Self { create: Box::new(create), abilities, chunk_bytes: 4096, kv_rank, patience: Duration::from_secs(30) }
    }

    pub(super) fn create(&self) -> Deployment {
        (self.create)()
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("abilities", &self.abilities).finish_non_exhaustive()
    }
}

/// Optional abilities. An adapter without one has no effect instead, as the contract requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Abilities {
    /// `delete` deletes keys that are not locked.
    pub delete: bool,
    /// `usage` counts bytes by cache salt.
    pub usage: bool,
    /// Listeners are notified.
    pub listeners: bool,
    /// Layouts are compared: a chunk of another layout is not found. An adapter without this ability finds it.
    pub layouts: bool,
}

impl Abilities {
    /// All of them.
    pub const ALL: Self = Self { delete: true, usage: true, listeners: true, layouts: true };

    /// None of them: an adapter that stores, finds and loads.
    pub const NONE: Self = Self { delete: false, usage: false, listeners: false, layouts: false };
}

/// An adapter that serves: one that stores and loads, or one for each.
pub struct Deployment {
    pub(super) writer: Arc<dyn L2Adapter>,
    pub(super) reader: Arc<dyn L2Adapter>,
    /// Dropped last.
    _kept: Option<Box<dyn Any + Send + Sync>>,
}

impl Deployment {
    /// One adapter that stores and loads.
    pub fn whole(adapter: Arc<dyn L2Adapter>) -> Self {
        Self { writer: Arc::clone(&adapter), reader: adapter, _kept: None }
    }

    /// Two adapters: `reader` finds and loads what `writer` stores; it also unlocks, deletes, counts and notifies listeners.
    pub fn split(writer: Arc<dyn L2Adapter>, reader: Arc<dyn L2Adapter>) -> Self {
        Self { writer, reader, _kept: None }
    }

    /// The same deployment with a value that must live as long, such as a folder or a server.
    #[must_use]
    pub fn keeping(self, kept: impl Any + Send + Sync) -> Self {
        Self { _kept: Some(Box::new(kept)), ..self }
    }
}

impl fmt::Debug for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deployment({}, {})", self.writer, self.reader)
    }
}
