//! The thread that tells the proxy.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::{Notify, oneshot};

use super::{http, message, zmq::ZmqProxy};
use crate::adapters::pd_l2_adapter::ProxyProtocol;

/// Where the proxy is and how patient we are with it.
#[derive(Debug, Clone)]
pub(crate) struct ProxySettings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) protocol: ProxyProtocol,
    /// One message goes out for each TP rank: the classic proxy counts them.
    pub(crate) rank_count: usize,
    /// Notifications that may wait. One more drops the oldest.
    pub(crate) queue_max: usize,
    /// How long connecting and sending may take, each time.
    pub(crate) send_deadline: Duration,
    /// Before a failed notification is sent again, at first; it doubles up to `retry_delay_max`.
    pub(crate) retry_delay: Duration,
    pub(crate) retry_delay_max: Duration,
}

/// What has become of notifications, in messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ProxyCounters {
    pub(crate) sent: u64,
    pub(crate) retried: u64,
    pub(crate) dropped: u64,
    pub(crate) waiting: u64,
}

/// Why a message did not go out.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unsent(pub(super) String);

/// Tells the proxy, from a thread of its own. Used by every thread of the adapter.
#[derive(Debug)]
pub(crate) struct ProxyNotifier {
    queue: Arc<Queue>,
    /// Dropped to end the thread.
    stop: Mutex<Option<oneshot::Sender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Queue {
    settings: ProxySettings,
    /// Messages: a request and the rank it is told for.
    messages: Mutex<VecDeque<(Arc<str>, usize)>>,
    arrived: Notify,
    sent: AtomicU64,
    retried: AtomicU64,
    dropped: AtomicU64,
}

impl ProxyNotifier {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// The system has no thread or descriptor left.
    pub(crate) fn start(settings: ProxySettings) -> io::Result<Self> {
        let queue = Arc::new(Queue {
            settings,
            messages: Mutex::default(),
            arrived: Notify::new(),
            sent: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&queue);
        let thread = std::thread::Builder::new().name("pd-proxy".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(&serving) => {}
                    _ = stopped => {}
                }
            });
            // What the sockets' own tasks still hold is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Self { queue, stop: Mutex::new(Some(stop)), thread: Mutex::new(Some(thread)) })
    }

    /// The request's chunks are all there. Returns at once.
    pub(crate) fn notify(&self, request: &str) {
        let request: Arc<str> = request.into();
        let settings = &self.queue.settings;
        let mut messages = self.queue.messages.lock().unwrap_or_else(PoisonError::into_inner);
        for rank in 0..settings.rank_count {
            if messages.len() >= settings.queue_max {
                messages.pop_front();
                self.queue.dropped.fetch_add(1, Ordering::Relaxed);
            }
            messages.push_back((Arc::clone(&request), rank));
        }
        drop(messages);
        self.queue.arrived.notify_one();
    }

    pub(crate) fn counters(&self) -> ProxyCounters {
        ProxyCounters {
            sent: self.queue.sent.load(Ordering::Relaxed),
            retried: self.queue.retried.load(Ordering::Relaxed),
            dropped: self.queue.dropped.load(Ordering::Relaxed),
            waiting: self.queue.messages.lock().unwrap_or_else(PoisonError::into_inner).len() as u64,
        }
    }

    /// Ends the thread. Messages that wait are dropped.
    pub(crate) fn close(&self) {
        drop(self.stop.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It ends at its next await; a panic in it has ended it, too.
            let _ = thread.join();
        }
    }
}

impl Drop for ProxyNotifier {
    fn drop(&mut self) {
        self.close();
    }
}

/// Sends one message after the other, each until the proxy has it.
async fn serve(queue: &Queue) {
    let settings = &queue.settings;
    let mut socket = None;
    let mut delay = settings.retry_delay;
    loop {
        let Some((request, rank)) = queue.first() else {
            queue.arrived.notified().await;
            continue;
        };
        let sending = send(settings, &mut socket, &request, rank);
        let result = match tokio::time::timeout(settings.send_deadline, sending).await {
            Ok(result) => result,
            Err(_) => Err(Unsent(format!("it does not answer within {} s", settings.send_deadline.as_secs_f64()))),
        };
        match result {
            Ok(()) => {
                queue.remove(&request, rank);
                queue.sent.fetch_add(1, Ordering::Relaxed);
                delay = settings.retry_delay;
            }
            Err(error) => {
                tracing::warn!(
                    %error, %request, host = settings.host, port = settings.port,
                    "the proxy was not told that a request is stored; it is tried again"
                );
                socket = None;
                queue.retried.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(delay).await;
                delay = (delay * 2).min(settings.retry_delay_max);
            }
        }
    }
}

async fn send(
    settings: &ProxySettings,
    socket: &mut Option<ZmqProxy>,
    request: &str,
    rank: usize,
) -> Result<(), Unsent> {
    match settings.protocol {
        ProxyProtocol::Zmq => {
            let proxy = match socket {
                Some(proxy) => proxy,
                None => socket.insert(ZmqProxy::connect(&settings.host, settings.port).await?),
            };
            proxy.send(message::zmq_message(request)).await
        }
        ProxyProtocol::Http => {
            let message = message::http_message(request, settings.rank_count, rank);
            http::post(&settings.host, settings.port, message).await
        }
    }
}

impl Queue {
    fn first(&self) -> Option<(Arc<str>, usize)> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).front().cloned()
    }

    /// Takes a message off that was sent; a full queue may have dropped it meanwhile.
    fn remove(&self, request: &Arc<str>, rank: usize) {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        if messages.front().is_some_and(|(first, of_rank)| Arc::ptr_eq(first, request) && *of_rank == rank) {
            messages.pop_front();
        }
    }
}
