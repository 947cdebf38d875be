//! The requests of a node, as its callers and its store tasks use them: the tracker behind a lock, the clock, and the proxy.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use super::{
    requests::{Notice, RequestCounters, RequestLimits, RequestTracker},
    words::RequestWords,
};
use crate::{
    adapter::{Clock, ObjectKey, StoreChunk, StoreResult},
    adapters::pd_l2_adapter::proxy::{ProxyCounters, ProxyNotifier},
};

/// Follows requests, and notifies the proxy when they are over. Used by every thread of the adapter.
pub(super) struct FollowedRequests {
    shared: Arc<Shared>,
    /// Ends requests whose time is over. Only with a proxy: without one, the next call does it.
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    tracker: Mutex<RequestTracker>,
    clock: Arc<dyn Clock>,
    proxy: Option<ProxyNotifier>,
    /// Set by the first request: a server that announces none pays nothing for them.
    is_following: AtomicBool,
    is_closed: AtomicBool,
    /// The next deadline is sooner than it was, or the end has come.
    changed: Condvar,
}

impl FollowedRequests {
    /// Starts the thread if there is a proxy to notify.
    ///
    /// # Errors
    ///
    /// The system has no thread left.
    pub(super) fn start(
        receiver_name: Option<String>,
        limits: RequestLimits,
        clock: Arc<dyn Clock>,
        proxy: Option<ProxyNotifier>,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            tracker: Mutex::new(RequestTracker::new(receiver_name, limits)),
            clock,
            proxy,
            is_following: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            changed: Condvar::new(),
        });
        let watching = shared.proxy.is_some().then(|| Arc::clone(&shared));
        let thread = watching
            .map(|shared| std::thread::Builder::new().name("pd-requests".to_owned()).spawn(move || shared.watch()))
            .transpose()?;
        Ok(Self { shared, thread: Mutex::new(thread) })
    }

    pub(super) fn expect(
        &self,
        request: &str,
        keys: impl IntoIterator<Item = ObjectKey>,
        words: &RequestWords,
    ) -> bool {
        self.shared.is_following.store(true, Ordering::Release);
        self.shared.with(|tracker, now| tracker.expect(now, request, keys, words))
    }

    pub(super) fn finish(&self, request: &str) {
        self.shared.is_following.store(true, Ordering::Release);
        self.shared.with(|tracker, now| tracker.finish(now, request));
    }

    pub(super) fn reject(&self, request: &str, reason: &str) {
        self.shared.with(|tracker, now| tracker.reject(now, request, reason));
    }

    pub(super) fn fail_keys(&self, request: &str, keys: &[ObjectKey], reason: &str) {
        self.shared.with(|tracker, now| tracker.fail_keys(now, request, keys, reason));
    }

    pub(super) fn unclaimed(&self, request: &str) -> Vec<ObjectKey> {
        self.shared.tracker().unclaimed(request)
    }

    /// Keeps the chunks of a task that are for this sender. Returns the callback for the task's end, `None` if requests are not
    /// followed.
    pub(super) fn task_begins(&self, chunks: &mut Vec<StoreChunk>) -> Option<Box<dyn FnOnce(&StoreResult) + Send>> {
        if !self.shared.is_following.load(Ordering::Acquire) {
            return None;
        }
        let mut keys = Vec::with_capacity(chunks.len());
        self.shared.with(|tracker, now| {
            chunks.retain(|chunk| {
                let key = chunk.key.clone();
                let is_ours = tracker.key_begins(now, &key);
                if is_ours {
                    keys.push(key);
                }
                is_ours
            });
        });
        let shared = Arc::clone(&self.shared);
        Some(Box::new(move |result| {
            let failure = result.failure.as_deref();
            shared.with(|tracker, now| tracker.task_ends(now, &keys, failure));
        }))
    }

    pub(super) fn counters(&self) -> RequestCounters {
        self.shared.tracker().counters()
    }

    pub(super) fn proxy_counters(&self) -> Option<ProxyCounters> {
        self.shared.proxy.as_ref().map(ProxyNotifier::counters)
    }

    /// Ends all requests, and gives the proxy until the bound to take the notifications.
    pub(super) fn close(&self, bound: Duration) {
        if self.shared.is_following.load(Ordering::Acquire) {
            self.shared.with(RequestTracker::close);
        }
        // Under the lock, so that the thread either sees it or waits already.
        let tracker = self.shared.tracker();
        self.shared.is_closed.store(true, Ordering::Release);
        drop(tracker);
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It waits for nothing but `changed`; a panic in it has ended it, too.
            let _ = thread.join();
        }
        if let Some(proxy) = &self.shared.proxy {
            proxy.close(bound);
        }
    }
}

impl Shared {
    fn tracker(&self) -> MutexGuard<'_, RequestTracker> {
        self.tracker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a function on the tracker, and notifies the proxy of the requests that it has ended.
    fn with<R>(&self, use_tracker: impl FnOnce(&mut RequestTracker, Duration) -> R) -> R {
        let now = self.clock.now();
        let mut tracker = self.tracker();
        let before = tracker.next_deadline();
        tracker.expire(now);
        let result = use_tracker(&mut tracker, now);
        let (notices, after) = (tracker.take_notices(), tracker.next_deadline());
        drop(tracker);
        if after.is_some_and(|after| before.is_none_or(|before| after < before)) {
            self.changed.notify_all();
        }
        self.notify(&notices);
        result
    }

    fn notify(&self, notices: &[Notice]) {
        for Notice { request, failure } in notices {
            if let Some(reason) = failure {
                tracing::warn!(request, reason, "not all chunks of the request are at the receiver");
            }
            if let Some(proxy) = &self.proxy {
                proxy.notify(request, failure.as_deref());
            }
        }
    }

    /// Ends requests when their time is over.
    fn watch(&self) {
        let mut tracker = self.tracker();
        while !self.is_closed.load(Ordering::Acquire) {
            tracker.expire(self.clock.now());
            let notices = tracker.take_notices();
            if !notices.is_empty() {
                drop(tracker);
                self.notify(&notices);
                tracker = self.tracker();
                continue;
            }
            tracker = match tracker.next_deadline() {
                None => self.changed.wait(tracker).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let rest = deadline.saturating_sub(self.clock.now());
                    self.changed.wait_timeout(tracker, rest).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::{
        adapter::SystemClock,
        adapters::pd_l2_adapter::{ProxyProtocol, host::Host, proxy::ProxySettings},
    };

    /// How long a test waits for an event that must come.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Requests, and a proxy that is not there: notifications wait for it.
    fn followed(limits: RequestLimits) -> FollowedRequests {
        let settings = ProxySettings {
            host: Host::new("127.0.0.1"),
            port: 9,
            protocol: ProxyProtocol::Http,
            rank_count: 1,
            queue_max: 100,
            send_deadline: PATIENCE,
            confirm_deadline: PATIENCE,
            retry_delay: PATIENCE,
            retry_delay_max: PATIENCE,
        };
        let proxy = ProxyNotifier::start(settings).unwrap();
        FollowedRequests::start(None, limits, Arc::new(SystemClock::new()), Some(proxy)).unwrap()
    }

    fn key() -> ObjectKey {
        ObjectKey::new("model", 0, &[1]).unwrap()
    }

    #[test]
    fn an_expired_request_is_notified_without_a_call() {
        let requests = followed(RequestLimits { after_end: Duration::from_millis(1), ..RequestLimits::default() });
        requests.expect("aborted", [key()], &RequestWords::default());
        requests.finish("aborted");
        let start = Instant::now();
        while requests.proxy_counters().map(|counters| counters.waiting) != Some(1) {
            assert!(start.elapsed() < PATIENCE, "{:?}", requests.counters());
            std::thread::yield_now();
        }
        assert_eq!(requests.counters(), RequestCounters { open: 0, failed: 1, missing_chunks: 1 });
        requests.close(Duration::ZERO);
    }

    #[test]
    fn closing_ends_the_thread_and_every_request() {
        let requests = followed(RequestLimits::default());
        requests.expect("open", [key()], &RequestWords::default());
        requests.close(Duration::ZERO);
        let dropped = requests.proxy_counters().map(|counters| counters.dropped);
        assert_eq!((requests.counters().failed, dropped), (1, Some(1)));
        requests.close(Duration::ZERO);
    }
}
