//! Notifications of stored, accessed and deleted keys.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, RwLock},
};

use super::ObjectKey;

/// A listener, which is notified when keys are stored, accessed or deleted.
///
/// It is called outside every lock of the adapter, on one of its threads or on that of the adapter's caller, perhaps on several
/// at once, and must return soon. It may call any method of the adapter except `close`, which waits for the thread that it runs
/// on. A notification may come after the result of the task is available.
pub trait KeyListener: Send + Sync + fmt::Debug {
    /// These keys are now present, with these sizes in bytes.
    fn keys_stored(&self, keys: &[(ObjectKey, u64)]);

    /// These keys were found by a lookup, or loaded.
    fn keys_accessed(&self, keys: &[ObjectKey]);

    /// These keys were deleted or evicted; with their sizes in bytes.
    fn keys_deleted(&self, keys: &[(ObjectKey, u64)]);
}

/// The listeners of an adapter: registered by its callers, called by its threads.
#[derive(Debug, Default)]
pub struct Listeners(RwLock<Vec<Arc<dyn KeyListener>>>);

impl Listeners {
    /// Registers a listener, which is notified of keys from now on.
    pub fn register(&self, listener: Arc<dyn KeyListener>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Whether there are no listeners.
    pub fn is_empty(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Notifies all listeners of keys that are now present.
    pub fn keys_stored(&self, keys: &[(ObjectKey, u64)]) {
        self.each(|listener| listener.keys_stored(keys));
    }

    /// Notifies all listeners of keys that were looked up or loaded.
    pub fn keys_accessed(&self, keys: &[ObjectKey]) {
        self.each(|listener| listener.keys_accessed(keys));
    }

    /// Notifies all listeners of deleted keys.
    pub fn keys_deleted(&self, keys: &[(ObjectKey, u64)]) {
        self.each(|listener| listener.keys_deleted(keys));
    }

    /// The lock is not held while a listener runs: it may register another. One that panics ends neither the others nor the
    /// adapter's thread; the panic hook has reported it.
    fn each(&self, tell: impl Fn(&dyn KeyListener)) {
        let listeners = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners {
            // The closure changes nothing of the adapter's that a panic could leave incomplete.
            let _ = catch_unwind(AssertUnwindSafe(|| tell(listener.as_ref())));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    struct Counting {
        panics: bool,
        told: Mutex<u64>,
    }

    impl KeyListener for Counting {
        fn keys_stored(&self, keys: &[(ObjectKey, u64)]) {
            *self.told.lock().unwrap() += keys.iter().map(|(_, bytes)| bytes).sum::<u64>();
            assert!(!self.panics, "expected");
        }

        fn keys_accessed(&self, _: &[ObjectKey]) {}

        fn keys_deleted(&self, _: &[(ObjectKey, u64)]) {}
    }

    #[test]
    fn a_listener_that_panics_does_not_prevent_notifications_of_others() {
        let (panicking, other) =
            (Arc::new(Counting { panics: true, ..Counting::default() }), Arc::new(Counting::default()));
        let listeners = Listeners::default();
        listeners.register(panicking.clone());
        listeners.register(other.clone());
        listeners.keys_stored(&[(ObjectKey::new("model", 0, b"key").unwrap(), 3)]);
        listeners.keys_stored(&[(ObjectKey::new("model", 0, b"key").unwrap(), 4)]);
        assert_eq!((*panicking.told.lock().unwrap(), *other.told.lock().unwrap()), (7, 7));
    }
}
