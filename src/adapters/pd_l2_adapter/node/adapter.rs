//! `PdL2Adapter`: the contract of an L2 adapter, over the threads of the TP ranks.

use std::{
    fmt, fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::Value;

use super::{
    deletions::Deletions,
    following::FollowedRequests,
    incarnation,
    memory::MachineMemory,
    messages::ReceiverMessage,
    metrics,
    ranks::Ranks,
    requests::RequestLimits,
    settings::{NodeSettings, seconds},
    status::{self, RankStatus},
    unusable::{system, unusable},
    words::RequestWords,
};
use crate::{
    L2AdapterConfig,
    adapter::{
        AdapterStatus, Bitmap, BitmapShare, Completions, CreateError, CreationContext, EventHandle, GroupLayouts,
        KeyListener, L2Adapter, Listeners, LoadChunk, ObjectKey, StoreChunk, StoreResult, TaskId, TaskKind, Usage,
        UsageLedger,
    },
    adapters::pd_l2_adapter::{
        PdL2AdapterConfig, Role,
        host::Host,
        proxy::{ProxyNotifier, ProxySettings},
        receiver::WantedLayouts,
    },
};

/// The PD adapter of one node: a sender next to prefill workers, or a receiver next to decode workers.
///
/// | | sender | receiver |
/// |---|---|---|
/// | store | pushes every chunk; succeeds when all of them are committed at the receiver | succeeds at once, with 0 bytes |
/// | lookup | all missing at once | committed keys, locked |
/// | load | all missing at once | copies committed bytes |
/// | unlock, delete | no effect | unlocks, deletes |
///
/// It can be used from any thread.
pub struct PdL2Adapter {
    ranks: Ranks,
    address: String,
    completions: Arc<Completions>,
    listeners: Arc<Listeners>,
    ledger: Arc<UsageLedger>,
    capacity_bytes: u64,
    requests: FollowedRequests,
    deletions: Arc<Deletions>,
    close_bound: Duration,
    is_closed: AtomicBool,
}

impl PdL2Adapter {
    /// Starts the adapter of a config: a thread for each TP rank. A receiver's ports are bound when this returns; a sender
    /// connects to its receiver by itself, now and whenever the connection is lost.
    ///
    /// # Errors
    ///
    /// [`CreateError::Unusable`] if the machine or the server does not match the config: fewer ports than ranks, a port in use,
    /// too little memory, no NIXL.
    pub fn new(config: &PdL2AdapterConfig, context: &CreationContext) -> Result<Self, CreateError> {
        let incarnation = incarnation::draw(context.random_seed);
        let incarnation = incarnation.map_err(|error| system("random numbers", error))?;
        let settings = NodeSettings::new(config, context, incarnation)?;
        look_at_memory(settings.all_buffers_bytes())?;
        let completions = Completions::new().map_err(|error| system("its completion events", error))?;
        let (listeners, ledger) = (Arc::new(Listeners::default()), Arc::new(UsageLedger::default()));
        Ok(Self {
            requests: followed_requests(config, context)?,
            ranks: Ranks::start(&settings, &listeners, &ledger)?,
            address: format!("{}:{:?}", Host::new(&config.peer_host), config.peer_init_port),
            completions: Arc::new(completions),
            listeners,
            ledger,
            capacity_bytes: config.buffer_size.saturating_mul(config.peer_init_port.len() as u64),
            deletions: Arc::default(),
            close_bound: seconds(settings.timing.close_seconds),
            is_closed: AtomicBool::new(false),
        })
    }

    /// As [`new`](Self::new), for the registry.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn create(config: &PdL2AdapterConfig, context: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
        Ok(Box::new(Self::new(config, context)?))
    }

    /// These keys belong to a request of the serving engine: when the request is [finished](Self::finish_request) and all its keys
    /// are settled, the proxy is notified. May be called again for further keys, and has to come before the keys' store tasks.
    ///
    /// A key is settled when a store task with it has ended, also one that finds it at the receiver, and when it is not for
    /// this sender: the words may [name another receiver](RequestWords::receiver). A request that waits for keys in vain fails
    /// 10 s after its end, or 900 s after its last event if it does not end. The proxy is also notified of a failed request.
    ///
    /// Returns whether the request is for this sender. [`expect_at`](Self::expect_at) is for servers with several.
    ///
    /// # Bounds
    ///
    /// 65,536 requests are followed, and 524,288 keys of all of them together. One more request ends the one that was idle
    /// for longest, as failed; a request with more keys fails at its end.
    pub fn expect(&self, request: &str, keys: impl IntoIterator<Item = ObjectKey>, words: &RequestWords) -> bool {
        self.ranks.role() == Role::Sender && self.requests.expect(request, keys, words)
    }

    /// [`expect`](Self::expect) at all senders of a server; receivers are ignored. If the request names a receiver that none of
    /// them has, it fails, and the first of them notifies its proxy.
    pub fn expect_at(senders: &[&Self], request: &str, keys: &[ObjectKey], words: &RequestWords) {
        let senders = || senders.iter().filter(|adapter| adapter.role() == Role::Sender);
        let is_ours = |sender: &&&Self| sender.expect(request, keys.iter().cloned(), words);
        if senders().filter(is_ours).count() == 0
            && let (Some(first), Some(named)) = (senders().next(), &words.receiver)
        {
            let reason = format!(
                "`{}` is \"{named}\", and no sender of this server has that `receiver_name`",
                RequestWords::RECEIVER
            );
            first.requests.reject(request, &reason);
        }
    }

    /// Stores chunks of a request of the serving engine: [`expect`](Self::expect) and a store task.
    pub fn submit_store_task_of_request(&self, request: &str, chunks: Vec<StoreChunk>) -> TaskId {
        self.expect(request, chunks.iter().map(|chunk| chunk.key.clone()), &RequestWords::default());
        self.submit(chunks)
    }

    /// No further key belongs to the request. The L2 interface of LMCache carries no request ids, so this call and
    /// [`expect`](Self::expect) are how they come in. A request without keys is over at once.
    pub fn finish_request(&self, request: &str) {
        if self.ranks.role() == Role::Sender {
            self.requests.finish(request);
        }
    }

    /// Keys of a request were not stored and will not be. Those that are settled, or in a store task, are left as they are.
    pub fn fail_keys(&self, request: &str, keys: &[ObjectKey], reason: &str) {
        self.requests.fail_keys(request, keys, reason);
    }

    /// Keys of a request that this sender waits for, and that are in no store task.
    pub fn unclaimed_keys(&self, request: &str) -> Vec<ObjectKey> {
        self.requests.unclaimed(request)
    }

    /// How the node is doing, for programs: `{"ranks": [...], "proxy": ...}` with an object for each TP rank. Keys may come; none
    /// will go.
    pub fn status(&self) -> Value {
        let (requests, proxy) = (self.requests.counters(), self.requests.proxy_counters());
        status::report(&self.ranks.statuses(), &self.ranks.calls(), requests, proxy)
    }

    /// The same as OpenMetrics text, for Prometheus.
    pub fn metrics(&self) -> String {
        let (requests, proxy) = (self.requests.counters(), self.requests.proxy_counters());
        metrics::openmetrics(&self.ranks.statuses(), requests, proxy)
    }

    /// The duration of an empty call to the receiver over the connection of a rank. `None` on a receiver and without a
    /// connection. Waits for the call.
    #[cfg(feature = "cli")]
    pub(crate) fn ping(&self, tp_rank: usize) -> Option<Duration> {
        self.ranks.ping(tp_rank)
    }

    /// Which end of the transfer it is.
    pub fn role(&self) -> Role {
        self.ranks.role()
    }

    fn submit(&self, mut chunks: Vec<StoreChunk>) -> TaskId {
        let task = self.completions.begin(TaskKind::Store, chunks.len());
        let when_stored = self.requests.task_begins(&mut chunks);
        if self.completions.is_open(TaskKind::Store, task) {
            self.ranks.store(&self.completions, task, chunks, when_stored);
        } else if let Some(when_stored) = when_stored {
            when_stored(&StoreResult::failure("the task was not taken"));
        }
        task
    }
}

impl L2Adapter for PdL2Adapter {
    fn type_name(&self) -> &'static str {
        PdL2AdapterConfig::TYPE_NAME
    }

    fn completion_event(&self, kind: TaskKind) -> EventHandle<'_> {
        self.completions.event(kind)
    }

    fn submit_store_task(&self, chunks: Vec<StoreChunk>) -> TaskId {
        self.submit(chunks)
    }

    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        self.completions.pop_completed_store_tasks()
    }

    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>, layouts: GroupLayouts) -> TaskId {
        let task = self.completions.begin(TaskKind::LookupAndLock, keys.len());
        let layouts = WantedLayouts::from(&layouts);
        let event = |keys, share| ReceiverMessage::LookupAndLock { keys, layouts: layouts.clone(), share };
        if self.completions.is_open(TaskKind::LookupAndLock, task) {
            self.ranks.look(
                &self.completions,
                (task, BitmapShare::split_lookup_and_lock),
                keys,
                ObjectKey::tp_rank,
                event,
            );
        }
        task
    }

    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_lookup_and_lock_result(task)
    }

    fn submit_unlock(&self, keys: Vec<ObjectKey>) {
        self.ranks.tell(keys, |keys| Some(ReceiverMessage::Unlock { keys }));
    }

    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId {
        let task = self.completions.begin(TaskKind::Load, chunks.len());
        let event = |chunks, share| ReceiverMessage::Load { chunks, share };
        let tp_rank = |chunk: &LoadChunk| chunk.key.tp_rank();
        if self.completions.is_open(TaskKind::Load, task) {
            self.ranks.look(&self.completions, (task, BitmapShare::split_load), chunks, tp_rank, event);
        }
        task
    }

    fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_load_result(task)
    }

    fn delete(&self, keys: Vec<ObjectKey>) {
        let admit = |keys: Vec<ObjectKey>| {
            let place = self.deletions.admit(keys.len())?;
            Some(ReceiverMessage::Delete { keys, place })
        };
        self.ranks.tell(keys, admit);
    }

    fn usage(&self) -> Usage {
        match self.ranks.role() {
            // A sender keeps nothing.
            Role::Sender => Usage::default(),
            Role::Receiver => self.ledger.usage(Some(self.capacity_bytes)),
        }
    }

    fn report_status(&self) -> AdapterStatus {
        if self.is_closed.load(Ordering::Acquire) {
            return AdapterStatus::Closed;
        }
        let trouble = |(tp_rank, status): (usize, RankStatus)| {
            status.trouble().map(|reason| format!("TP rank {tp_rank}: {reason}"))
        };
        let reasons: Vec<String> = (0..).zip(self.ranks.statuses()).filter_map(trouble).collect();
        if reasons.is_empty() { AdapterStatus::Healthy } else { AdapterStatus::Unhealthy(reasons.join("; ")) }
    }

    fn register_listener(&self, listener: Arc<dyn KeyListener>) {
        self.listeners.register(listener);
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        // A second caller waits for the first, in the threads' locks.
        self.ranks.close(self.close_bound);
        self.requests.close(self.close_bound);
        self.completions.close();
    }
}

impl Drop for PdL2Adapter {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for PdL2Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PdL2Adapter").field("address", &self.address).finish_non_exhaustive()
    }
}

impl fmt::Display for PdL2Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ranks.role() {
            Role::Sender => write!(f, "pd sender to {}", self.address),
            Role::Receiver => write!(f, "pd receiver at {}", self.address),
        }
    }
}

/// Before a page is touched: the kernel would kill the process later.
fn look_at_memory(wanted_bytes: u64) -> Result<(), CreateError> {
    let memory = MachineMemory::read(&|path| fs::read_to_string(path).ok());
    if let Some(reason) = memory.refusal(wanted_bytes) {
        return Err(unusable(format!("`buffer_size` {reason}")));
    }
    if let Some(warning) = memory.warning(wanted_bytes) {
        tracing::warn!("`buffer_size` {warning}");
    }
    Ok(())
}

fn followed_requests(config: &PdL2AdapterConfig, context: &CreationContext) -> Result<FollowedRequests, CreateError> {
    let started = FollowedRequests::start(
        config.receiver_name.clone(),
        RequestLimits::default(),
        Arc::clone(&context.clock),
        proxy(config)?,
    );
    started.map_err(|error| system("the thread that follows requests", error))
}

fn proxy(config: &PdL2AdapterConfig) -> Result<Option<ProxyNotifier>, CreateError> {
    if config.role != Role::Sender || config.proxy_port == 0 {
        return Ok(None);
    }
    let settings = ProxySettings {
        host: Host::new(&config.proxy_host),
        port: config.proxy_port,
        protocol: config.proxy_protocol,
        rank_count: config.peer_init_port.len(),
        queue_max: 65_536,
        send_deadline: Duration::from_secs(5),
        confirm_deadline: Duration::from_secs(15),
        retry_delay: Duration::from_millis(50),
        retry_delay_max: Duration::from_secs(2),
    };
    let started = ProxyNotifier::start(settings);
    started.map(Some).map_err(|error| system("the thread that notifies the proxy", error))
}
