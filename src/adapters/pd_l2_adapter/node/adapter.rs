//! `PdL2Adapter`: the contract of an L2 adapter, over the threads of the TP ranks.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    rank::{self, RankThread},
    receiving::ReceiverEvent,
    requests::{RequestTracker, RequestVerdict},
    sending::SenderEvent,
    settings::{NodeSettings, seconds},
    shares::{BitmapShare, BitmapTaskKind, StoreShare, WhenStored},
    status::RankStatus,
};
use crate::{
    L2AdapterConfig,
    adapter::{
        AdapterStatus, Bitmap, Completions, CreateError, CreationContext, EventHandle, KeyListener, L2Adapter, Listeners,
        LoadChunk, ObjectKey, StoreChunk, StoreResult, TaskId, TaskKind, Usage, UsageLedger,
    },
    adapters::pd_l2_adapter::{
        PdL2AdapterConfig, Role,
        control::{ControlTarget, ListenAddresses},
        proxy::{ProxyNotifier, ProxySettings},
    },
};

/// The PD adapter of one node: a sender beside prefill workers, or a receiver beside decode workers.
///
/// | | sender | receiver |
/// |---|---|---|
/// | store | pushes every chunk; succeeds when all of them are committed at the receiver | succeeds at once, with 0 bytes |
/// | look-up | all missing at once | committed keys, locked |
/// | load | all missing at once | copies committed bytes |
/// | unlock, delete | nothing | as they say |
///
/// It can be used from any thread.
pub struct PdL2Adapter {
    ranks: Ranks,
    address: String,
    completions: Arc<Completions>,
    listeners: Arc<Listeners>,
    ledger: Arc<UsageLedger>,
    capacity_bytes: u64,
    requests: Arc<Mutex<RequestTracker>>,
    proxy: Option<Arc<ProxyNotifier>>,
    close_bound: Duration,
    closed: AtomicBool,
}

/// The threads, by TP rank.
enum Ranks {
    Sender(Vec<RankThread<SenderEvent>>),
    Receiver(Vec<RankThread<ReceiverEvent>>),
}

impl PdL2Adapter {
    /// Starts the adapter of a config: a thread for each TP rank. A receiver's ports are bound when this returns; a sender
    /// reaches for its receiver by itself, now and whenever it is gone.
    ///
    /// # Errors
    ///
    /// [`CreateError::Unusable`] where the machine or the server does not fit the config: fewer ports than ranks, a port that
    /// is taken, memory that cannot be had, NIXL that is not installed.
    pub fn new(config: &PdL2AdapterConfig, context: &CreationContext) -> Result<Self, CreateError> {
        let settings = NodeSettings::new(config, context)?;
        let (listeners, ledger) = (Arc::new(Listeners::default()), Arc::new(UsageLedger::default()));
        let ranks = start_ranks(&settings, &listeners, &ledger)?;
        Ok(Self {
            ranks,
            address: format!("{}:{:?}", config.peer_host, config.peer_init_port),
            completions: Arc::new(Completions::new().map_err(|error| CreateError::Unusable {
                type_name: PdL2AdapterConfig::TYPE_NAME,
                reason: "its completion events cannot be made".to_owned(),
                source: Some(error.into()),
            })?),
            listeners,
            ledger,
            capacity_bytes: config.buffer_size * u64::from(settings.rank_count()),
            requests: Arc::default(),
            proxy: proxy(config)?.map(Arc::new),
            close_bound: seconds(settings.timing.close_seconds),
            closed: AtomicBool::new(false),
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

    /// Stores chunks of a request of the serving engine. When the request is [finished](Self::finish_request) and all its
    /// chunks are committed, the proxy is told.
    pub fn submit_store_task_of_request(&self, request: &str, chunks: Vec<StoreChunk>) -> TaskId {
        let (requests, proxy, name) = (Arc::clone(&self.requests), self.proxy.clone(), request.to_owned());
        if lock(&requests).task_begins(request) == RequestVerdict::Refused {
            tracing::warn!(request, "too many requests are open: the proxy will not be told of this one");
            return self.submit(chunks, None);
        }
        let ranks = self.rank_count();
        let when_stored: WhenStored = Box::new(move |result: &StoreResult| {
            let verdict = lock(&requests).task_ends(&name, result.is_successful());
            tell(proxy.as_deref(), verdict, &name, ranks);
        });
        self.submit(chunks, Some(when_stored))
    }

    /// No further chunk belongs to the request: once all it has are committed, the proxy is told, once for each rank. The L2
    /// interface of LMCache carries no request ids, so this call is how they come in. A request with a chunk that could not
    /// be stored is not told of.
    pub fn finish_request(&self, request: &str) {
        let verdict = lock(&self.requests).finish(request);
        tell(self.proxy.as_deref(), verdict, request, self.rank_count());
    }

    /// What each rank's thread last said of itself, by TP rank.
    pub(crate) fn rank_statuses(&self) -> Vec<RankStatus> {
        match &self.ranks {
            Ranks::Sender(ranks) => ranks.iter().map(RankThread::status).collect(),
            Ranks::Receiver(ranks) => ranks.iter().map(RankThread::status).collect(),
        }
    }

    /// How many requests are open and how many were told to the proxy, refused or dropped.
    pub(crate) fn proxy(&self) -> Option<&ProxyNotifier> {
        self.proxy.as_deref()
    }

    fn rank_count(&self) -> usize {
        match &self.ranks {
            Ranks::Sender(ranks) => ranks.len(),
            Ranks::Receiver(ranks) => ranks.len(),
        }
    }

    fn submit(&self, chunks: Vec<StoreChunk>, when_stored: Option<WhenStored>) -> TaskId {
        let task = self.completions.begin(TaskKind::Store);
        match &self.ranks {
            Ranks::Receiver(_) => {
                drop(chunks);
                self.completions.complete_store(task, StoreResult::success(0));
            }
            Ranks::Sender(ranks) => self.push(ranks, task, chunks, when_stored),
        }
        task
    }

    fn push(
        &self,
        ranks: &[RankThread<SenderEvent>],
        task: TaskId,
        chunks: Vec<StoreChunk>,
        when_stored: Option<WhenStored>,
    ) {
        let mut by_rank: Vec<Vec<StoreChunk>> = (0..ranks.len()).map(|_| Vec::new()).collect();
        let mut failure = self.is_closed().then(|| "the adapter is closed".to_owned());
        for chunk in chunks {
            let tp_rank = usize::from(chunk.key.tp_rank());
            match by_rank.get_mut(tp_rank) {
                Some(of_rank) => of_rank.push(chunk),
                None => failure = Some(no_port(tp_rank, ranks.len())),
            }
        }
        let used = by_rank.iter().filter(|chunks| !chunks.is_empty()).count();
        if failure.is_some() || used == 0 {
            drop(by_rank);
            let result = failure.map_or(StoreResult::success(0), StoreResult::failure);
            StoreShare::split(task, &self.completions, 1, when_stored).into_iter().for_each(|share| share.end(result.clone()));
            return;
        }
        let shares = StoreShare::split(task, &self.completions, used, when_stored);
        let busy = ranks.iter().zip(by_rank).filter(|(_, chunks)| !chunks.is_empty());
        for ((rank, chunks), share) in busy.zip(shares) {
            rank.send(SenderEvent::Store { task, chunks, share });
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

fn start_ranks(
    settings: &NodeSettings,
    listeners: &Arc<Listeners>,
    ledger: &Arc<UsageLedger>,
) -> Result<Ranks, CreateError> {
    let config = &settings.config;
    let ports = (0..).zip(config.peer_init_port.iter().copied().zip(config.peer_alloc_port.iter().copied()));
    match config.role {
        Role::Sender => ports
            .map(|(tp_rank, (init_port, alloc_port))| {
                let host = config.peer_host.clone();
                let target = ControlTarget { host, init_port, alloc_port, secret: settings.secret.clone() };
                rank::start_sending(settings, tp_rank, target)
            })
            .collect::<Result<_, _>>()
            .map(Ranks::Sender),
        Role::Receiver => ports
            .map(|(tp_rank, (init_port, alloc_port))| {
                let host = config.listen_host.as_ref().unwrap_or(&config.peer_host).clone();
                let addresses = ListenAddresses { host, init_port, alloc_port };
                rank::start_receiving(settings, tp_rank, addresses, Arc::clone(listeners), Arc::clone(ledger))
            })
            .collect::<Result<_, _>>()
            .map(Ranks::Receiver),
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
        self.submit(chunks, None)
    }

    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        self.completions.pop_completed_store_tasks()
    }

    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>) -> TaskId {
        let task = self.completions.begin(TaskKind::LookupAndLock);
        let length = keys.len();
        let kind = BitmapTaskKind::LookupAndLock;
        self.by_rank(task, kind, length, keys, |key| key.tp_rank(), |keys, share| ReceiverEvent::LookupAndLock {
            keys,
            share,
        });
        task
    }

    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_lookup_and_lock_result(task)
    }

    fn submit_unlock(&self, keys: Vec<ObjectKey>) {
        self.tell_ranks(keys, |keys| ReceiverEvent::Unlock { keys });
    }

    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId {
        let task = self.completions.begin(TaskKind::Load);
        let length = chunks.len();
        let kind = BitmapTaskKind::Load;
        self.by_rank(task, kind, length, chunks, |chunk| chunk.key.tp_rank(), |chunks, share| ReceiverEvent::Load {
            chunks,
            share,
        });
        task
    }

    fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_load_result(task)
    }

    fn delete(&self, keys: Vec<ObjectKey>) {
        self.tell_ranks(keys, |keys| ReceiverEvent::Delete { keys });
    }

    fn usage(&self) -> Usage {
        match &self.ranks {
            // A sender keeps nothing.
            Ranks::Sender(_) => Usage { total_capacity_bytes: None, ..Usage::default() },
            Ranks::Receiver(_) => self.ledger.usage(Some(self.capacity_bytes)),
        }
    }

    fn report_status(&self) -> AdapterStatus {
        if self.is_closed() {
            return AdapterStatus::Closed;
        }
        let reasons: Vec<String> = (0..)
            .zip(self.rank_statuses())
            .filter_map(|(tp_rank, status)| unhealthy(&status).map(|reason| format!("TP rank {tp_rank}: {reason}")))
            .collect();
        if reasons.is_empty() { AdapterStatus::Healthy } else { AdapterStatus::Unhealthy(reasons.join("; ")) }
    }

    fn register_listener(&self, listener: Arc<dyn KeyListener>) {
        self.listeners.register(listener);
    }

    fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        match &self.ranks {
            Ranks::Sender(ranks) => close_ranks(ranks, self.close_bound),
            Ranks::Receiver(ranks) => close_ranks(ranks, self.close_bound),
        }
        if let Some(proxy) = &self.proxy {
            proxy.close(self.close_bound);
        }
        self.completions.close();
    }
}

impl PdL2Adapter {
    /// Splits what concerns keys over the ranks of a receiver. Keys of a rank that has no port, all keys on a sender, and all
    /// keys once it is closed are not there: their bits stay unset.
    fn by_rank<T>(
        &self,
        task: TaskId,
        kind: BitmapTaskKind,
        length: usize,
        items: Vec<T>,
        tp_rank: impl Fn(&T) -> u8,
        event: impl Fn(Vec<T>, BitmapShare) -> ReceiverEvent,
    ) {
        let ranks: &[RankThread<ReceiverEvent>] = match &self.ranks {
            Ranks::Receiver(ranks) if !self.is_closed() => ranks,
            _ => &[],
        };
        let mut split: Vec<(Vec<usize>, Vec<T>)> = ranks.iter().map(|_| (Vec::new(), Vec::new())).collect();
        for (position, item) in items.into_iter().enumerate() {
            if let Some((positions, of_rank)) = split.get_mut(usize::from(tp_rank(&item))) {
                positions.push(position);
                of_rank.push(item);
            }
        }
        let (busy, parts): (Vec<_>, Vec<_>) =
            ranks.iter().zip(split).filter(|(_, (positions, _))| !positions.is_empty()).unzip();
        let (positions, parts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        if busy.is_empty() {
            // One share with no keys: dropping it completes the task.
            drop(BitmapShare::split(task, kind, &self.completions, length, vec![Vec::new()]));
            return;
        }
        let shares = BitmapShare::split(task, kind, &self.completions, length, positions);
        for ((rank, items), share) in busy.into_iter().zip(parts).zip(shares) {
            rank.send(event(items, share));
        }
    }

    fn tell_ranks(&self, keys: Vec<ObjectKey>, event: impl Fn(Vec<ObjectKey>) -> ReceiverEvent) {
        let Ranks::Receiver(ranks) = &self.ranks else { return };
        let mut split: Vec<Vec<ObjectKey>> = ranks.iter().map(|_| Vec::new()).collect();
        for key in keys {
            if let Some(of_rank) = split.get_mut(usize::from(key.tp_rank())) {
                of_rank.push(key);
            }
        }
        for (rank, keys) in ranks.iter().zip(split).filter(|(_, keys)| !keys.is_empty()) {
            rank.send(event(keys));
        }
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
        match self.ranks {
            Ranks::Sender(_) => write!(f, "pd sender to {}", self.address),
            Ranks::Receiver(_) => write!(f, "pd receiver at {}", self.address),
        }
    }
}

/// All threads are told before the first is waited for: they close side by side.
fn close_ranks<E: super::rank::RankEvent>(ranks: &[RankThread<E>], bound: Duration) {
    ranks.iter().for_each(|rank| rank.send(E::close()));
    for (tp_rank, rank) in ranks.iter().enumerate() {
        if !rank.join(bound) {
            tracing::error!(tp_rank, "the thread of a TP rank did not end in time and is left to itself");
        }
    }
}

fn unhealthy(status: &RankStatus) -> Option<String> {
    match status {
        RankStatus::Sender(sender) => sender.trouble(),
        RankStatus::Starting | RankStatus::Receiver(_) => None,
        RankStatus::Closed { .. } => Some("its thread has ended".to_owned()),
    }
}

fn no_port(tp_rank: usize, ports: usize) -> String {
    format!(
        "a chunk is of TP rank {tp_rank}, but `peer_init_port` and `peer_alloc_port` have {ports} ports: give one port in \
         each list for every rank"
    )
}

fn proxy(config: &PdL2AdapterConfig) -> Result<Option<ProxyNotifier>, CreateError> {
    if config.role != Role::Sender || config.proxy_port == 0 {
        return Ok(None);
    }
    let settings = ProxySettings {
        host: config.proxy_host.clone(),
        port: config.proxy_port,
        protocol: config.proxy_protocol,
        ..ProxySettings::default()
    };
    ProxyNotifier::spawn(settings).map(Some).map_err(|error| CreateError::Unusable {
        type_name: PdL2AdapterConfig::TYPE_NAME,
        reason: "the thread that tells the proxy cannot be made".to_owned(),
        source: Some(error.into()),
    })
}

/// The classic proxy counts one message for each rank.
fn tell(proxy: Option<&ProxyNotifier>, verdict: RequestVerdict, request: &str, ranks: usize) {
    match (verdict, proxy) {
        (RequestVerdict::Notify, Some(proxy)) => (0..ranks).for_each(|_| proxy.notify(request)),
        (RequestVerdict::Failed, _) => {
            tracing::warn!(request, "a chunk of the request was not stored: the proxy is not told that it is finished");
        }
        (RequestVerdict::Refused, _) => tracing::warn!(request, "too many requests are open: the proxy is not told"),
        _ => {}
    }
}

fn lock(requests: &Mutex<RequestTracker>) -> std::sync::MutexGuard<'_, RequestTracker> {
    requests.lock().unwrap_or_else(PoisonError::into_inner)
}
