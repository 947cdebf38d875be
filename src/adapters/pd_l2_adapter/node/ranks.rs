//! The threads of all TP ranks of a node: tasks are split over them by the rank of their keys.

use l2_adapter_schema::counted;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    messages::{ReceiverMessage, SenderMessage},
    rank::{self, RankMessage, RankThread},
    settings::{NodeSettings, seconds},
    status::RankStatus,
};
use crate::{
    adapter::{
        BitmapShare, Completions, CreateError, Listeners, ObjectKey, StoreChunk, StoreResult, StoreShare, TaskId,
        UsageLedger, WhenStored,
    },
    adapters::pd_l2_adapter::{
        Role,
        control::{ControlTarget, ListenAddresses, SocketsStayOpen},
        host::Host,
    },
    transfer::CallTimes,
};

/// The time that closing allows in addition to transfers: the threads' own work.
const CLOSE_MARGIN: Duration = Duration::from_secs(2);

/// The threads, by TP rank. Used by every thread that calls the adapter.
pub(super) enum Ranks {
    Sender(Vec<RankThread<SenderMessage>>),
    Receiver(Vec<RankThread<ReceiverMessage>>),
}

impl Ranks {
    /// Starts them all. A receiver's ports are bound when this returns.
    pub(super) fn start(
        settings: &NodeSettings,
        listeners: &Arc<Listeners>,
        ledger: &Arc<UsageLedger>,
    ) -> Result<Self, CreateError> {
        let (config, bound) = (&settings.config, seconds(settings.timing.close_seconds));
        let ports = (0..).zip(config.peer_init_port.iter().copied().zip(config.peer_alloc_port.iter().copied()));
        match config.role {
            Role::Sender => {
                let started = ports.map(|(tp_rank, (init_port, alloc_port))| {
                    let host = Host::new(&config.peer_host);
                    let (secret, incarnation) = (settings.secret.clone(), settings.incarnation.clone());
                    let target = ControlTarget {
                        host,
                        init_port,
                        alloc_port,
                        secret,
                        incarnation,
                        sockets: SocketsStayOpen::default(),
                    };
                    rank::start_sending(settings, tp_rank, target)
                });
                all_or_none(started, bound).map(Self::Sender)
            }
            Role::Receiver => {
                let started = ports.map(|(tp_rank, (init_port, alloc_port))| {
                    let host = Host::new(config.listen_host.as_ref().unwrap_or(&config.peer_host));
                    let addresses = ListenAddresses { host, init_port, alloc_port };
                    rank::start_receiving(settings, tp_rank, addresses, Arc::clone(listeners), Arc::clone(ledger))
                });
                all_or_none(started, bound).map(Self::Receiver)
            }
        }
    }

    pub(super) fn role(&self) -> Role {
        match self {
            Self::Sender(_) => Role::Sender,
            Self::Receiver(_) => Role::Receiver,
        }
    }

    pub(super) fn statuses(&self) -> Vec<RankStatus> {
        match self {
            Self::Sender(ranks) => ranks.iter().map(RankThread::status).collect(),
            Self::Receiver(ranks) => ranks.iter().map(RankThread::status).collect(),
        }
    }

    /// How long the calls of the library behind each rank's channel take.
    pub(super) fn calls(&self) -> Vec<Arc<CallTimes>> {
        match self {
            Self::Sender(ranks) => ranks.iter().map(RankThread::calls).collect(),
            Self::Receiver(ranks) => ranks.iter().map(RankThread::calls).collect(),
        }
    }

    /// Has every rank store its chunks. A receiver's own stores do not go to PD: they have succeeded, with no bytes.
    pub(super) fn store(
        &self,
        completions: &Arc<Completions>,
        task: TaskId,
        chunks: Vec<StoreChunk>,
        when_stored: Option<WhenStored>,
    ) {
        let result = match self {
            Self::Receiver(_) => StoreResult::success(0),
            Self::Sender(ranks) => match split(ranks.len(), chunks, |chunk| chunk.key.tp_rank()) {
                (_, Some(tp_rank)) => StoreResult::failure(no_port(tp_rank, ranks.len())),
                (parts, None) if parts.is_empty() => StoreResult::success(0),
                (parts, None) => {
                    let shares = StoreShare::split(task, completions, parts.len(), when_stored);
                    for (part, share) in parts.into_iter().zip(shares) {
                        part.send(ranks, |chunks| SenderMessage::Store { task, chunks, share });
                    }
                    return;
                }
            },
        };
        let shares = StoreShare::split(task, completions, 1, when_stored);
        shares.into_iter().for_each(|share| share.end(result.clone()));
    }

    /// Splits a lookup or a load over a receiver's ranks. Keys of a rank that has no port, and all keys on a sender, are not
    /// there: their bits stay unset.
    pub(super) fn look<T>(
        &self,
        completions: &Arc<Completions>,
        (task, split_task): (TaskId, SplitBitmap),
        items: Vec<T>,
        tp_rank: impl Fn(&T) -> u8,
        event: impl Fn(Vec<T>, BitmapShare) -> ReceiverMessage,
    ) {
        let length = items.len();
        let ranks: &[_] = if let Self::Receiver(ranks) = self { ranks } else { &[] };
        let (mut parts, _) = split(ranks.len(), items, tp_rank);
        let positions: Vec<_> = parts.iter_mut().map(|part| std::mem::take(&mut part.positions)).collect();
        if positions.is_empty() {
            // One share without keys: dropping it completes the task.
            drop(split_task(task, completions, length, vec![Vec::new()]));
            return;
        }
        let shares = split_task(task, completions, length, positions);
        for (part, share) in parts.into_iter().zip(shares) {
            part.send(ranks, |items| event(items, share));
        }
    }

    /// Sends each rank of a receiver the message about its keys, if there is one.
    pub(super) fn tell(&self, keys: Vec<ObjectKey>, message: impl Fn(Vec<ObjectKey>) -> Option<ReceiverMessage>) {
        if let Self::Receiver(ranks) = self {
            let (parts, _) = split(ranks.len(), keys, ObjectKey::tp_rank);
            for Part { rank, items, .. } in parts {
                if let (Some(rank), Some(message)) = (ranks.get(rank), message(items)) {
                    rank.send(message);
                }
            }
        }
    }

    #[cfg(feature = "cli")]
    pub(super) fn ping(&self, tp_rank: usize) -> Option<Duration> {
        let Self::Sender(ranks) = self else { return None };
        let (took, measured) = std::sync::mpsc::channel();
        ranks.get(tp_rank)?.send(SenderMessage::Ping { took });
        measured.recv().ok()
    }

    /// Ends all threads, side by side.
    pub(super) fn close(&self, bound: Duration) {
        match self {
            Self::Sender(ranks) => close_ranks(ranks, bound),
            Self::Receiver(ranks) => close_ranks(ranks, bound),
        }
    }
}

/// How a lookup or a load is split.
type SplitBitmap = fn(TaskId, &Arc<Completions>, usize, Vec<Vec<usize>>) -> Vec<BitmapShare>;

/// One rank's part of a task.
struct Part<T> {
    rank: usize,
    items: Vec<T>,
    /// The indices of the items in the task.
    positions: Vec<usize>,
}

impl<T> Part<T> {
    fn send<E: RankMessage>(self, ranks: &[RankThread<E>], event: impl FnOnce(Vec<T>) -> E) {
        if let Some(rank) = ranks.get(self.rank) {
            rank.send(event(self.items));
        }
    }
}

/// The parts of all ranks that have any, and the first rank that is not there.
fn split<T>(ranks: usize, items: Vec<T>, tp_rank: impl Fn(&T) -> u8) -> (Vec<Part<T>>, Option<u8>) {
    // The usual case, in which no item has to move.
    if let Some(rank) = items.first().map(&tp_rank)
        && usize::from(rank) < ranks
        && items.iter().all(|item| tp_rank(item) == rank)
    {
        let positions = (0..items.len()).collect();
        return (vec![Part { rank: rank.into(), items, positions }], None);
    }
    let of_each = items.len() / ranks.max(1);
    let empty = |rank| Part { rank, items: Vec::with_capacity(of_each), positions: Vec::with_capacity(of_each) };
    let mut parts: Vec<Part<T>> = (0..ranks).map(empty).collect();
    let mut stranger = None;
    for (position, item) in items.into_iter().enumerate() {
        let rank = tp_rank(&item);
        match parts.get_mut(usize::from(rank)) {
            Some(part) => {
                part.items.push(item);
                part.positions.push(position);
            }
            None => stranger = stranger.or(Some(rank)),
        }
    }
    parts.retain(|part| !part.items.is_empty());
    (parts, stranger)
}

/// The threads that were started, or the first error: then those before it have ended, and their ports are free again.
fn all_or_none<E: RankMessage>(
    started: impl Iterator<Item = Result<RankThread<E>, CreateError>>,
    bound: Duration,
) -> Result<Vec<RankThread<E>>, CreateError> {
    let mut ranks = Vec::new();
    for started in started {
        match started {
            Ok(rank) => ranks.push(rank),
            Err(error) => {
                close_ranks(&ranks, bound);
                return Err(error);
            }
        }
    }
    Ok(ranks)
}

/// All threads get the message before the first wait, and share one deadline.
fn close_ranks<E: RankMessage>(ranks: &[RankThread<E>], bound: Duration) {
    ranks.iter().for_each(|rank| rank.send(E::close()));
    let until = Instant::now() + bound + CLOSE_MARGIN;
    for (tp_rank, rank) in ranks.iter().enumerate() {
        if !rank.join(until) {
            tracing::error!(tp_rank, "the thread of a TP rank did not end in time and is left to itself");
        }
    }
}

fn no_port(tp_rank: u8, ports: usize) -> String {
    format!(
        "a chunk is of TP rank {tp_rank}, but `peer_init_port` and `peer_alloc_port` have {} each: give one port in each list \
         for every rank",
        counted(ports, "port")
    )
}
