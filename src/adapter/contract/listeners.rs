//! Notifications of listeners.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, OnceLock, Weak},
};

use super::{Subject, run::Run};
use crate::adapter::{GroupLayouts, KeyListener, L2Adapter, ObjectKey};

/// The notifications that a listener got, in order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Notifications {
    stored: Vec<(ObjectKey, u64)>,
    accessed: Vec<ObjectKey>,
    deleted: Vec<(ObjectKey, u64)>,
}

/// A listener, called by the adapter's threads, that the test's thread reads.
#[derive(Debug, Default)]
struct Recorder {
    notified: Mutex<Notifications>,
    changed: Condvar,
}

impl Recorder {
    fn note(&self, note: impl FnOnce(&mut Notifications)) {
        note(&mut self.notified.lock().unwrap());
        self.changed.notify_all();
    }

    /// Waits until the listener was notified of this much.
    fn wait_until(&self, subject: &Subject, what: &str, enough: impl Fn(&Notifications) -> bool) -> Notifications {
        let notified = self.notified.lock().unwrap();
        let (notified, _) =
            self.changed.wait_timeout_while(notified, subject.patience, |notified| !enough(notified)).unwrap();
        assert!(enough(&notified), "a listener was not notified {what}: {notified:?}");
        notified.clone()
    }
}

impl KeyListener for Recorder {
    fn keys_stored(&self, keys: &[(ObjectKey, u64)]) {
        self.note(|notified| notified.stored.extend_from_slice(keys));
    }

    fn keys_accessed(&self, keys: &[ObjectKey]) {
        self.note(|notified| notified.accessed.extend_from_slice(keys));
    }

    fn keys_deleted(&self, keys: &[(ObjectKey, u64)]) {
        self.note(|notified| notified.deleted.extend_from_slice(keys));
    }
}

/// Eviction and quotas depend on this: each chunk is reported once as stored and once as deleted, with its size.
pub fn listeners_are_notified_of_stored_accessed_and_deleted_keys(subject: &Subject) {
    let run = Run::new(subject);
    let (recorder, of_writer) = (Arc::new(Recorder::default()), Arc::new(Recorder::default()));
    run.reader.register_listener(recorder.clone());
    if run.is_split() {
        run.writer.register_listener(of_writer.clone());
    }
    let sized = |names: &[usize]| names.iter().map(|name| (run.key(*name), run.chunks_bytes(1))).collect::<Vec<_>>();

    assert!(run.store(&run.keys([0, 1, 0])).is_successful());
    assert!(run.store(&run.keys([1, 2])).is_successful());
    run.find(&run.keys([0, 9]));
    run.load(&run.keys([1, 9]));
    run.reader.delete(run.keys([0, 9]));
    run.pass();
    if !subject.abilities.listeners {
        assert_eq!(
            *recorder.notified.lock().unwrap(),
            Notifications::default(),
            "an adapter without listeners notified one"
        );
        return;
    }
    let notified = recorder.wait_until(subject, "of 3 chunks that were stored", |notified| notified.stored.len() >= 3);
    let mut stored = notified.stored;
    stored.sort_unstable();
    assert_eq!(stored, sized(&[0, 1, 2]), "each chunk is reported once, with its size");

    let both = |notified: &Notifications| [0, 1].into_iter().all(|name| notified.accessed.contains(&run.key(name)));
    recorder.wait_until(subject, "of chunks that were found or loaded", both);
    if subject.abilities.delete {
        recorder.wait_until(subject, "of a chunk that was deleted", |notified| notified.deleted.len() == 1);
    }
    run.pass();
    let notified = recorder.notified.lock().unwrap().clone();
    assert_eq!(notified.deleted, if subject.abilities.delete { sized(&[0]) } else { Vec::new() });
    assert!(!notified.accessed.contains(&run.key(9)), "a listener was notified of a missing key");
    assert_eq!(
        *of_writer.notified.lock().unwrap(),
        Notifications::default(),
        "the side that only writes keeps nothing"
    );
}

/// Calls everything that a listener may call.
struct Caller {
    adapter: OnceLock<Weak<dyn L2Adapter>>,
    key: ObjectKey,
    recorder: Recorder,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller")
    }
}

impl Caller {
    fn call(&self) {
        let Some(adapter) = self.adapter.get().and_then(Weak::upgrade) else { return };
        adapter.usage();
        adapter.report_status();
        adapter.submit_unlock(vec![self.key.clone()]);
        adapter.delete(vec![self.key.clone()]);
        adapter.submit_lookup_and_lock_task(vec![self.key.clone()], GroupLayouts::default());
        adapter.submit_load_task(Vec::new());
        adapter.pop_completed_store_tasks();
        adapter.register_listener(Arc::new(Recorder::default()));
    }
}

impl KeyListener for Caller {
    fn keys_stored(&self, keys: &[(ObjectKey, u64)]) {
        self.call();
        self.recorder.keys_stored(keys);
    }

    fn keys_accessed(&self, keys: &[ObjectKey]) {
        self.call();
        self.recorder.keys_accessed(keys);
    }

    fn keys_deleted(&self, keys: &[(ObjectKey, u64)]) {
        self.call();
        self.recorder.keys_deleted(keys);
    }
}

/// A listener is called outside every lock.
pub fn a_listener_may_call_the_adapter(subject: &Subject) {
    let run = Run::new(subject);
    let caller = Arc::new(Caller { adapter: OnceLock::new(), key: run.key(9), recorder: Recorder::default() });
    caller.adapter.set(Arc::downgrade(&run.reader)).unwrap();
    run.reader.register_listener(caller.clone());
    // The listener may take its result.
    run.submit_store(&run.keys([0]));
    if !subject.abilities.listeners {
        run.pass();
        assert_eq!(
            *caller.recorder.notified.lock().unwrap(),
            Notifications::default(),
            "an adapter without listeners notified one"
        );
        return;
    }
    caller
        .recorder
        .wait_until(subject, "of a chunk, or calls the adapter under a lock", |notified| !notified.stored.is_empty());
    assert_eq!(run.load(&run.keys([0])).count(), 1);
    caller
        .recorder
        .wait_until(subject, "of a load, or calls the adapter under a lock", |notified| !notified.accessed.is_empty());
    if subject.abilities.delete {
        run.reader.delete(run.keys([0]));
        let enough = |notified: &Notifications| !notified.deleted.is_empty();
        caller.recorder.wait_until(subject, "of a deletion, or calls the adapter under a lock", enough);
    }
}
