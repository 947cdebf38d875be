//! Notifies Python of stored, accessed and deleted keys, on a separate thread, so that no transfer ever waits for the
//! interpreter.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use l2_adapter::adapter::{KeyListener, ObjectKey};
use pyo3::{prelude::*, types::PyList};

use crate::keys;

/// Closing the adapter does not wait longer than this for a listener.
const CLOSE_BOUND: Duration = Duration::from_secs(5);

/// The most memory of undelivered notifications: half a million keys, those of 512 GiB in chunks of 1 MiB. A single
/// notification may be larger.
const BACKLOG_MAX_BYTES: usize = 64 << 20;

#[derive(Debug)]
enum Notification {
    Stored(Vec<(ObjectKey, u64)>),
    Accessed(Vec<ObjectKey>),
    Deleted(Vec<(ObjectKey, u64)>),
    End,
}

impl Notification {
    fn keys(&self) -> usize {
        match self {
            Self::Stored(chunks) | Self::Deleted(chunks) => chunks.len(),
            Self::Accessed(keys) => keys.len(),
            Self::End => 0,
        }
    }

    /// Its memory.
    fn bytes(&self) -> usize {
        let of_key = |key: &ObjectKey| {
            size_of::<(ObjectKey, u64)>() + key.model_name().len() + key.chunk_hash().len() + key.cache_salt().len()
        };
        match self {
            Self::Stored(chunks) | Self::Deleted(chunks) => chunks.iter().map(|(key, _)| of_key(key)).sum(),
            Self::Accessed(keys) => keys.iter().map(of_key).sum(),
            Self::End => 0,
        }
    }

    /// Merges another notification of the same kind into this one; otherwise returns it.
    fn join(&mut self, next: Notification) -> Option<Notification> {
        match (self, next) {
            (Self::Stored(chunks), Self::Stored(more)) | (Self::Deleted(chunks), Self::Deleted(more)) => {
                chunks.extend(more);
            }
            (Self::Accessed(keys), Self::Accessed(more)) => keys.extend(more),
            (_, next) => return Some(next),
        }
        None
    }
}

/// The notifications that were not delivered yet, and the number of discarded keys.
#[derive(Debug, Default)]
struct Backlog {
    bytes: AtomicUsize,
    dropped_keys: AtomicU64,
}

impl Backlog {
    /// Reserves room for a notification, if there is any.
    fn takes(&self, notification: &Notification) -> bool {
        let bytes = notification.bytes();
        let with_it = |before: usize| {
            let after = before.saturating_add(bytes);
            (before == 0 || after <= BACKLOG_MAX_BYTES).then_some(after)
        };
        if self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, with_it).is_ok() {
            return true;
        }
        if self.dropped_keys.fetch_add(notification.keys() as u64, Ordering::Relaxed) == 0 {
            tracing::warn!(
                "a listener is too slow: {BACKLOG_MAX_BYTES} bytes of keys wait for it. Until it catches up, further stored, \
                 accessed and deleted keys are not reported to it, so that LMCache's own eviction does not count these chunks. Check \
                 what slows down this process's Python threads (this is logged once)"
            );
        }
        false
    }

    fn were_told(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The Python objects that are notified.
pub(crate) struct Audience {
    /// A weak reference: called without arguments it returns the adapter, or None if that no longer exists.
    pub(crate) adapter: Py<PyAny>,
    /// The class of keys.
    pub(crate) key_class: Py<PyAny>,
}

/// The thread that notifies Python.
pub(crate) struct Notifications {
    queue: Sender<Notification>,
    backlog: Arc<Backlog>,
    /// The thread, and a channel that closes when the thread has finished; `None` after it was joined.
    thread: Mutex<Option<(JoinHandle<()>, Receiver<()>)>>,
}

impl Notifications {
    /// Starts the thread.
    pub(crate) fn start(audience: Audience) -> io::Result<Self> {
        let (queue, notifications) = mpsc::channel();
        let (alive, ended) = mpsc::channel();
        let backlog = Arc::<Backlog>::default();
        let to_tell = Arc::clone(&backlog);
        let tell = move || {
            audience.tell_all(&notifications, &to_tell);
            drop(alive);
        };
        let thread = thread::Builder::new().name("l2-adapter-told".to_owned()).spawn(tell)?;
        Ok(Self { queue, backlog, thread: Mutex::new(Some((thread, ended))) })
    }

    /// The adapter's listener, which queues notifications.
    pub(crate) fn listener(&self) -> Arc<dyn KeyListener> {
        Arc::new(Teller { queue: self.queue.clone(), backlog: Arc::clone(&self.backlog) })
    }

    /// Ends the thread after it has delivered everything, and waits for it. The interpreter must not be held.
    pub(crate) fn close(&self) {
        // If the thread has ended, the notification is discarded.
        let _ = self.queue.send(Notification::End);
        let mut slot = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((thread, ended)) = slot.take() else { return };
        if thread.thread().id() == thread::current().id() {
            // A listener closes the adapter: the thread ends when it returns.
        } else if ended.recv_timeout(CLOSE_BOUND) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("a listener does not return: closing without it");
        } else {
            // The panic was already printed.
            let _ = thread.join();
        }
        let dropped_keys = self.backlog.dropped_keys.load(Ordering::Relaxed);
        if dropped_keys > 0 {
            tracing::warn!(dropped_keys, "a slow listener missed the notifications of this many keys");
        }
    }
}

impl Audience {
    fn tell_all(&self, notifications: &Receiver<Notification>, backlog: &Backlog) {
        while let Ok(first) = notifications.recv() {
            let mut waiting = Vec::from([first]);
            // What has come meanwhile, up to the backlog's bound, is delivered in as few calls as possible.
            for next in notifications.try_iter() {
                let apart = match waiting.last_mut() {
                    Some(last) => last.join(next),
                    None => Some(next),
                };
                waiting.extend(apart);
            }
            let bytes = waiting.iter().map(Notification::bytes).sum();
            let is_over = waiting.iter().any(|notification| matches!(notification, Notification::End));
            let told = Python::try_attach(|py| {
                for notification in waiting {
                    self.tell(py, &notification).unwrap_or_else(|error| error.write_unraisable(py, None));
                }
            });
            backlog.were_told(bytes);
            // Without an interpreter there is no listener to notify.
            if is_over || told.is_none() {
                return;
            }
        }
    }

    fn tell(&self, py: Python<'_>, notification: &Notification) -> PyResult<()> {
        let adapter = self.adapter.bind(py).call0()?;
        if adapter.is_none() {
            return Ok(());
        }
        match notification {
            Notification::Stored(chunks) => adapter.call_method1("_notify_keys_stored", self.chunks(py, chunks)?),
            Notification::Accessed(keys) => adapter.call_method1("_notify_keys_accessed", (self.keys(py, keys)?,)),
            Notification::Deleted(chunks) => adapter.call_method1("_notify_keys_deleted", self.chunks(py, chunks)?),
            Notification::End => return Ok(()),
        }
        .map(drop)
    }

    fn chunks<'py>(
        &self,
        py: Python<'py>,
        chunks: &[(ObjectKey, u64)],
    ) -> PyResult<(Bound<'py, PyList>, Bound<'py, PyList>)> {
        let sizes = PyList::new(py, chunks.iter().map(|(_, bytes)| bytes))?;
        Ok((self.keys(py, chunks.iter().map(|(key, _)| key))?, sizes))
    }

    fn keys<'py, 'a>(
        &self,
        py: Python<'py>,
        keys: impl IntoIterator<Item = &'a ObjectKey>,
    ) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        keys.into_iter().try_for_each(|key| list.append(keys::to_python(self.key_class.bind(py), key)?))?;
        Ok(list)
    }
}

#[derive(Debug)]
struct Teller {
    queue: Sender<Notification>,
    backlog: Arc<Backlog>,
}

impl Teller {
    fn send(&self, notification: Notification) {
        if self.backlog.takes(&notification)
            && let Err(unsent) = self.queue.send(notification)
        {
            // Once the thread has ended, no listener is called any more.
            self.backlog.were_told(unsent.0.bytes());
        }
    }
}

impl KeyListener for Teller {
    fn keys_stored(&self, keys: &[(ObjectKey, u64)]) {
        self.send(Notification::Stored(keys.to_vec()));
    }

    fn keys_accessed(&self, keys: &[ObjectKey]) {
        self.send(Notification::Accessed(keys.to_vec()));
    }

    fn keys_deleted(&self, keys: &[(ObjectKey, u64)]) {
        self.send(Notification::Deleted(keys.to_vec()));
    }
}
