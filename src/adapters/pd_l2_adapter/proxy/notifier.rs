//! The thread that notifies the proxy.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::{Notify, watch};

use super::{http, message, unsent::Unsent, zmq::ZmqProxy};
use crate::adapters::pd_l2_adapter::{ProxyProtocol, host::Host, runtime::ThreadRuntime};

/// The proxy's address and the timeouts.
#[derive(Debug, Clone)]
pub(crate) struct ProxySettings {
    pub(crate) host: Host,
    pub(crate) port: u16,
    pub(crate) protocol: ProxyProtocol,
    /// One message is sent for each TP rank: the classic proxy counts them.
    pub(crate) rank_count: usize,
    /// Limit of queued notifications. One more drops the oldest.
    pub(crate) queue_max: usize,
    /// How long connecting and sending may take, each time.
    pub(crate) send_deadline: Duration,
    /// How long a proxy with an open connection may take to confirm that it has read a message. After that the message counts
    /// as sent: for a proxy that counts messages a duplicate would be worse than a late message.
    pub(crate) confirm_deadline: Duration,
    /// The first delay before a failed notification is sent again; it doubles up to `retry_delay_max`.
    pub(crate) retry_delay: Duration,
    pub(crate) retry_delay_max: Duration,
}

/// Counters of notifications, in messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ProxyCounters {
    pub(crate) sent: u64,
    pub(crate) retried: u64,
    pub(crate) dropped: u64,
    pub(crate) waiting: u64,
}

/// Notifies the proxy from a separate thread. Used by every thread of the adapter.
#[derive(Debug)]
pub(crate) struct ProxyNotifier {
    queue: Arc<Queue>,
    /// How long the thread may continue after it was asked to end.
    end: watch::Sender<Option<Duration>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Queue {
    settings: ProxySettings,
    messages: Mutex<Messages>,
    arrived: Notify,
    sent: AtomicU64,
    retried: AtomicU64,
    dropped: AtomicU64,
}

/// One message: a request, and the rank that it is sent for.
#[derive(Debug, Clone)]
struct Notification {
    request: Arc<Request>,
    rank: usize,
}

#[derive(Debug)]
struct Request {
    id: String,
    /// The reason of a failed request.
    failure: Option<String>,
}

#[derive(Debug, Default)]
struct Messages {
    waiting: VecDeque<Notification>,
    /// The thread has ended.
    is_closed: bool,
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
        let runtime = ThreadRuntime::new()?;
        let (end, ending) = watch::channel(None);
        let serving = Arc::clone(&queue);
        let thread = std::thread::Builder::new().name("pd-proxy".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(&serving, ending.clone()) => {}
                    () = time_is_up(ending) => {}
                }
            });
            serving.close();
        })?;
        Ok(Self { queue, end, thread: Mutex::new(Some(thread)) })
    }

    /// Queues the notification of a request whose chunks are all there, or that has failed. The classic proxy's message cannot
    /// contain the reason. Returns at once.
    pub(crate) fn notify(&self, request: &str, failure: Option<&str>) {
        let request = Arc::new(Request { id: request.to_owned(), failure: failure.map(str::to_owned) });
        (0..self.queue.settings.rank_count).for_each(|rank| self.queue.add(&request, rank));
        self.queue.arrived.notify_one();
    }

    pub(crate) fn counters(&self) -> ProxyCounters {
        ProxyCounters {
            sent: self.queue.sent.load(Ordering::Relaxed),
            retried: self.queue.retried.load(Ordering::Relaxed),
            dropped: self.queue.dropped.load(Ordering::Relaxed),
            waiting: self.queue.messages().waiting.len() as u64,
        }
    }

    /// Ends the thread. Queued messages are still sent as long as the proxy accepts them, for at most `bound`; the rest is
    /// dropped.
    pub(crate) fn close(&self, bound: Duration) {
        self.end.send_replace(Some(bound));
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // The thread ends within the bound, or has ended by a panic.
            let _ = thread.join();
        }
    }
}

impl Drop for ProxyNotifier {
    fn drop(&mut self) {
        self.close(Duration::ZERO);
    }
}

/// Waits until the thread must end, and then until its remaining time is over.
async fn time_is_up(mut ending: watch::Receiver<Option<Duration>>) {
    let bound = ending.wait_for(Option::is_some).await.map_or(None, |bound| *bound);
    tokio::time::sleep(bound.unwrap_or_default()).await;
}

/// Sends one message after the other, each until the proxy has it. When the thread must end, until none is left or one fails.
async fn serve(queue: &Queue, mut ending: watch::Receiver<Option<Duration>>) {
    let settings = &queue.settings;
    let mut proxy = None;
    let mut delay = settings.retry_delay;
    loop {
        let is_ending = ending.borrow().is_some();
        let Some(notification) = queue.first() else {
            if is_ending {
                return;
            }
            tokio::select! {
                () = queue.arrived.notified() => {}
                _ = ending.changed() => {}
                // The connection is made again before the next message, not in the middle of one.
                () = connection_ended(&mut proxy) => proxy = None,
            }
            continue;
        };
        if let Err(error) = send(settings, &mut proxy, &notification).await {
            tracing::warn!(
                %error, request = notification.request.id, host = %settings.host, port = settings.port,
                "could not notify the proxy that a request is stored; the notification is sent again"
            );
            proxy = None;
            if is_ending {
                return;
            }
            queue.retried.fetch_add(1, Ordering::Relaxed);
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                _ = ending.changed() => {}
            }
            delay = (delay * 2).min(settings.retry_delay_max);
            continue;
        }
        queue.remove(&notification);
        queue.sent.fetch_add(1, Ordering::Relaxed);
        delay = settings.retry_delay;
    }
}

async fn connection_ended(proxy: &mut Option<ZmqProxy>) {
    match proxy {
        Some(proxy) => {
            let error = proxy.ended().await;
            tracing::debug!(%error, "the connection to the proxy has ended");
        }
        None => std::future::pending().await,
    }
}

async fn send(
    settings: &ProxySettings,
    proxy: &mut Option<ZmqProxy>,
    notification: &Notification,
) -> Result<(), Unsent> {
    let Notification { request, rank } = notification;
    match settings.protocol {
        ProxyProtocol::Zmq => {
            within(settings.send_deadline, write_to_zmq(settings, proxy, &request.id)).await?;
            let Some(proxy) = proxy else { return Ok(()) };
            // If a proxy reads nothing, the message is in its kernel: the connection is open.
            tokio::time::timeout(settings.confirm_deadline, proxy.confirmed()).await.unwrap_or(Ok(()))
        }
        ProxyProtocol::Http => {
            let message = message::http_message(&request.id, request.failure.as_deref(), settings.rank_count, *rank);
            within(settings.send_deadline, http::post(&settings.host, settings.port, message)).await
        }
    }
}

async fn write_to_zmq(settings: &ProxySettings, proxy: &mut Option<ZmqProxy>, request: &str) -> Result<(), Unsent> {
    let proxy = match proxy {
        Some(proxy) => proxy,
        None => proxy.insert(ZmqProxy::connect(&settings.host, settings.port, settings.send_deadline).await?),
    };
    proxy.write(&message::zmq_message(request)).await
}

async fn within(deadline: Duration, sending: impl Future<Output = Result<(), Unsent>>) -> Result<(), Unsent> {
    let late = |_| Err(Unsent(format!("it did not answer within {} s", deadline.as_secs_f64())));
    tokio::time::timeout(deadline, sending).await.unwrap_or_else(late)
}

impl Queue {
    fn messages(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, request: &Arc<Request>, rank: usize) {
        let mut messages = self.messages();
        if messages.is_closed || messages.waiting.len() >= self.settings.queue_max {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            messages.waiting.pop_front();
        }
        if !messages.is_closed {
            messages.waiting.push_back(Notification { request: Arc::clone(request), rank });
        }
    }

    fn first(&self) -> Option<Notification> {
        self.messages().waiting.front().cloned()
    }

    /// Takes a message off that was sent; a full queue may have dropped it meanwhile.
    fn remove(&self, sent: &Notification) {
        let waiting = &mut self.messages().waiting;
        if waiting.front().is_some_and(|first| Arc::ptr_eq(&first.request, &sent.request) && first.rank == sent.rank) {
            waiting.pop_front();
        }
    }

    /// No further message is sent.
    fn close(&self) {
        let mut messages = self.messages();
        messages.is_closed = true;
        self.dropped.fetch_add(messages.waiting.len() as u64, Ordering::Relaxed);
        messages.waiting.clear();
    }
}
