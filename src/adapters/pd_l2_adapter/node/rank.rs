//! Starts and ends the thread of one TP rank. The thread owns everything of the rank: channel, sockets, state machine.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError, mpsc as std_mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::mpsc;

use super::{
    receiving::{ReceiverEvent, ReceivingRank},
    sending::{SenderEvent, SendingRank},
    settings::{NodeSettings, seconds},
    status::{RankStatus, StatusBoard},
};
use crate::{
    L2AdapterConfig,
    adapter::{CreateError, Listeners, UsageLedger},
    adapters::pd_l2_adapter::{
        PdL2AdapterConfig,
        control::{self, ControlEvent, ControlPorts, ControlSink, ControlTarget, ListenAddresses, ServerSettings},
    },
    transfer::{self, CallTimes},
};

/// What closing waits for beside transfers: the thread's own work.
const CLOSE_MARGIN: Duration = Duration::from_secs(2);

/// What a rank's thread is told.
pub(super) trait RankEvent {
    /// The event that ends the thread.
    fn close() -> Self;
}

impl RankEvent for SenderEvent {
    fn close() -> Self {
        Self::Close
    }
}

impl RankEvent for ReceiverEvent {
    fn close() -> Self {
        Self::Close
    }
}

/// A rank's thread, seen from outside. Dropping it tells the thread to close.
pub(super) struct RankThread<E: RankEvent> {
    events: mpsc::UnboundedSender<E>,
    status: Arc<StatusBoard>,
    /// Signalled by the thread's end, whatever ends it.
    ended: Mutex<std_mpsc::Receiver<()>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<E: RankEvent> Drop for RankThread<E> {
    fn drop(&mut self) {
        self.send(E::close());
    }
}

impl<E: RankEvent> RankThread<E> {
    /// Hands the thread an event. One that is gone drops it, and with it the shares in it, which then end as failed.
    pub(super) fn send(&self, event: E) {
        let _ = self.events.send(event);
    }

    pub(super) fn status(&self) -> RankStatus {
        self.status.read()
    }

    pub(super) fn calls(&self) -> Arc<CallTimes> {
        self.status.calls()
    }

    /// Waits for the thread, which was told to close. `false` where it did not end in time: it is left to itself.
    pub(super) fn join(&self, bound: Duration) -> bool {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(std_mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(bound + CLOSE_MARGIN) {
            return false;
        }
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A thread that panicked has ended, too; its shares ended as failed.
            let _ = thread.join();
        }
        true
    }
}

/// Starts the thread of a sender's rank.
pub(super) fn start_sending(
    settings: &NodeSettings,
    tp_rank: u32,
    target: ControlTarget,
) -> Result<RankThread<SenderEvent>, CreateError> {
    let (events, queue) = mpsc::unbounded_channel();
    let (settings, answers, board) = (settings.clone(), events.clone(), Arc::new(StatusBoard::new()));
    let status = Arc::clone(&board);
    start(tp_rank, events, status, move |ready| {
        let channel =
            transfer::create_channel(&settings.channel(tp_rank)).map_err(|error| unusable(error.to_string()))?;
        board.count_calls(channel.call_times());
        let rank = SendingRank::new(settings, tp_rank, target, channel, (answers, queue), board);
        ready.open();
        Ok(rank.run())
    })
}

/// Starts the thread of a receiver's rank. Its ports are bound when this returns.
pub(super) fn start_receiving(
    settings: &NodeSettings,
    tp_rank: u32,
    addresses: ListenAddresses,
    listeners: Arc<Listeners>,
    ledger: Arc<UsageLedger>,
) -> Result<RankThread<ReceiverEvent>, CreateError> {
    let (events, queue) = mpsc::unbounded_channel();
    let (settings, to_machine, board) = (settings.clone(), events.clone(), Arc::new(StatusBoard::new()));
    let status = Arc::clone(&board);
    start(tp_rank, events, status, move |ready| {
        let ports = ControlPorts::bind(&addresses).map_err(|error| CreateError::Unusable {
            type_name: PdL2AdapterConfig::TYPE_NAME,
            reason: error.to_string(),
            source: Some(error.source.into()),
        })?;
        let channel =
            transfer::create_channel(&settings.channel(tp_rank)).map_err(|error| unusable(error.to_string()))?;
        let sink: ControlSink = Arc::new(move |event: ControlEvent| {
            // Where the rank has ended, nobody is left to answer.
            let _ = to_machine.send(ReceiverEvent::Control(event));
        });
        let server = ServerSettings {
            secret: settings.secret.clone(),
            epoch: settings.epoch(),
            tp_rank,
            ports: settings.ports(tp_rank),
            proof_deadline: seconds(settings.timing.connect_seconds),
            keep_alive: seconds(settings.timing.lease_seconds),
        };
        let serving = control::serve(ports, server, sink).map_err(|error| system("the control plane", error))?;
        board.count_calls(channel.call_times());
        let rank = ReceivingRank::new(&settings, tp_rank, channel, queue, listeners, ledger, board);
        ready.open();
        Ok(async move {
            tokio::select! {
                () = serving => {}
                () = rank.run() => {}
            }
        })
    })
}

/// Lets the starting thread say that it serves.
struct Ready(std_mpsc::Sender<Result<(), CreateError>>);

impl Ready {
    fn open(self) {
        // Whoever started the thread waits for this.
        let _ = self.0.send(Ok(()));
    }
}

fn start<E, F>(
    tp_rank: u32,
    events: mpsc::UnboundedSender<E>,
    status: Arc<StatusBoard>,
    set_up: impl FnOnce(Ready) -> Result<F, CreateError> + Send + 'static,
) -> Result<RankThread<E>, CreateError>
where
    E: RankEvent,
    F: Future<Output = ()>,
{
    let (ready, starting) = std_mpsc::channel();
    let (end, ended) = std_mpsc::channel::<()>();
    let run = move || {
        // Dropped when the thread ends, in whatever way.
        let _end = end;
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(system("the runtime of its sockets", error)))),
        };
        let _entered = runtime.enter();
        match set_up(Ready(ready.clone())) {
            Ok(serving) => runtime.block_on(serving),
            Err(error) => drop(ready.send(Err(error))),
        }
    };
    let thread = thread::Builder::new()
        .name(format!("pd-rank-{tp_rank}"))
        .spawn(run)
        .map_err(|error| system("the thread of a TP rank", error))?;
    match starting.recv() {
        Ok(Ok(())) => Ok(RankThread { events, status, ended: Mutex::new(ended), thread: Mutex::new(Some(thread)) }),
        Ok(Err(error)) => {
            let _ = thread.join();
            Err(error)
        }
        Err(_) => Err(unusable(format!("the thread of TP rank {tp_rank} ended while it started"))),
    }
}

fn unusable(reason: String) -> CreateError {
    CreateError::Unusable { type_name: PdL2AdapterConfig::TYPE_NAME, reason, source: None }
}

fn system(what: &str, error: io::Error) -> CreateError {
    CreateError::Unusable {
        type_name: PdL2AdapterConfig::TYPE_NAME,
        reason: format!("{what} cannot be made"),
        source: Some(error.into()),
    }
}
