//! Who is told which keys came, were read, and went.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use super::ObjectKey;

/// Is told of keys. Called outside every lock of the adapter, on one of its threads: it returns soon.
pub trait KeyListener: Send + Sync + fmt::Debug {
    /// These keys are there now, with these sizes in bytes.
    fn keys_stored(&self, keys: &[(ObjectKey, u64)]);

    /// These keys were looked up or loaded.
    fn keys_accessed(&self, keys: &[ObjectKey]);

    /// These keys are there no longer; their sizes in bytes.
    fn keys_deleted(&self, keys: &[(ObjectKey, u64)]);
}

/// The listeners of an adapter: registered by its callers, called by its threads.
#[derive(Debug, Default)]
pub struct Listeners(RwLock<Vec<Arc<dyn KeyListener>>>);

impl Listeners {
    /// Has a listener told of keys from now on.
    pub fn register(&self, listener: Arc<dyn KeyListener>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Whether nobody listens.
    pub fn is_empty(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Tells all of keys that are there now.
    pub fn keys_stored(&self, keys: &[(ObjectKey, u64)]) {
        self.each(|listener| listener.keys_stored(keys));
    }

    /// Tells all of keys that were looked up or loaded.
    pub fn keys_accessed(&self, keys: &[ObjectKey]) {
        self.each(|listener| listener.keys_accessed(keys));
    }

    /// Tells all of keys that are gone.
    pub fn keys_deleted(&self, keys: &[(ObjectKey, u64)]) {
        self.each(|listener| listener.keys_deleted(keys));
    }

    /// The lock is not held while a listener runs: it may register another.
    fn each(&self, tell: impl Fn(&dyn KeyListener)) {
        let listeners = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        listeners.iter().for_each(|listener| tell(listener.as_ref()));
    }
}
