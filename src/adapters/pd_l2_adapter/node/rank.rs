//! Starts and ends the thread of one TP rank. The thread owns everything of the rank: channel, sockets, state machine.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc as std_mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{
    lending::Lending,
    messages::{ReceiverMessage, SenderMessage},
    receiving::ReceivingRank,
    sending::SendingRank,
    settings::{NodeSettings, seconds},
    status::{RankStatus, StatusBoard},
    unusable::{self, system, unusable},
    wait::Waiter,
};
use crate::{
    L2AdapterConfig,
    adapter::{CreateError, Listeners, UsageLedger},
    adapters::pd_l2_adapter::{
        PdL2AdapterConfig,
        control::{
            self, ControlEvent, ControlPorts, ControlSink, ControlTarget, Farewell, ListenAddresses, ServerSettings,
        },
        host::Host,
        runtime::ThreadRuntime,
    },
    transfer::{self, CallTimes},
};

/// How long a thread may take to start. Touching all pages of a buffer of 1 TiB takes nine minutes at 2 GiB/s; NIXL waits for a
/// link for seconds.
const START_BOUND: Duration = Duration::from_secs(600);

/// The condition for which a starting thread waits, and what to do if it does not come.
const HOST: &str =
    "the address of its host: check this machine's name servers, or give an address in place of the name";
const CHANNEL: &str = "its transfer channel and memory: NIXL's messages on standard error say more, with UCX_LOG_LEVEL=info \
                       most; check the network devices and their drivers";

/// A message to a rank's thread.
pub(super) trait RankMessage {
    /// The event that ends the thread.
    fn close() -> Self;
}

impl RankMessage for SenderMessage {
    fn close() -> Self {
        Self::Close
    }
}

impl RankMessage for ReceiverMessage {
    fn close() -> Self {
        Self::Close
    }
}

/// Handle to a rank's thread. Dropping it asks the thread to close.
pub(super) struct RankThread<E: RankMessage> {
    events: mpsc::UnboundedSender<E>,
    status: Arc<StatusBoard>,
    lending: Arc<Lending>,
    /// Signalled by the thread's end, whatever ends it. `None` after the wait for it: the thread has ended, or was abandoned.
    ended: Mutex<Option<std_mpsc::Receiver<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<E: RankMessage> Drop for RankThread<E> {
    fn drop(&mut self) {
        self.send(E::close());
    }
}

impl<E: RankMessage> RankThread<E> {
    /// Sends the thread an event. A dead thread drops it and the shares in it, which then end as failed.
    pub(super) fn send(&self, event: E) {
        let _ = self.events.send(event);
    }

    /// The status that the thread last published; if it has ended without one, that it died.
    pub(super) fn status(&self) -> RankStatus {
        // In this order: a thread that closes publishes that before it drops its queue.
        let has_ended = self.events.is_closed();
        match self.status.read() {
            closed @ RankStatus::Closed { .. } => closed,
            _ if has_ended => RankStatus::Died,
            status => status,
        }
    }

    pub(super) fn calls(&self) -> Arc<CallTimes> {
        self.status.calls()
    }

    /// Waits for the closing thread, only the first time. `false` if it did not end in time: it is abandoned to itself.
    pub(super) fn join(&self, until: Instant) -> bool {
        let mut waited_for = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ended) = waited_for.take() else { return true };
        let left = until.saturating_duration_since(Instant::now());
        if let Err(std_mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(left) {
            self.lending.end();
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
) -> Result<RankThread<SenderMessage>, CreateError> {
    let (events, queue) = mpsc::unbounded_channel();
    let (settings, answers, board) = (settings.clone(), events.clone(), Arc::new(StatusBoard::new()));
    let status = Arc::clone(&board);
    start(tp_rank, (START_BOUND, CHANNEL), events, status, move |ready, lending| {
        let channel =
            transfer::create_channel(&settings.channel(tp_rank)).map_err(|error| unusable::channel(&error))?;
        board.count_calls(channel.call_times());
        let rank = SendingRank::new(settings, tp_rank, target, channel, (answers, queue), board, lending);
        let waiter = Waiter::new().map_err(|error| system("the timer of a TP rank", error))?;
        ready.open();
        Ok(rank.run(waiter))
    })
}

/// Starts the thread of a receiver's rank. Its ports are bound when this returns.
pub(super) fn start_receiving(
    settings: &NodeSettings,
    tp_rank: u32,
    addresses: ListenAddresses,
    listeners: Arc<Listeners>,
    ledger: Arc<UsageLedger>,
) -> Result<RankThread<ReceiverMessage>, CreateError> {
    let (events, queue) = mpsc::unbounded_channel();
    let (settings, to_machine, board) = (settings.clone(), events.clone(), Arc::new(StatusBoard::new()));
    let status = Arc::clone(&board);
    start(tp_rank, (START_BOUND, HOST), events, status, move |ready, lending| {
        let ports = ControlPorts::bind(&addresses).map_err(|error| CreateError::Unusable {
            type_name: PdL2AdapterConfig::TYPE_NAME,
            reason: error.to_string(),
            source: Some(error.source.into()),
        })?;
        tell_where(tp_rank, &addresses.host, &ports);
        ready.waits_for(CHANNEL);
        let channel =
            transfer::create_channel(&settings.channel(tp_rank)).map_err(|error| unusable::channel(&error))?;
        let sink: ControlSink = Arc::new(move |event: ControlEvent| {
            // If the rank has ended, there is no response.
            let _ = to_machine.send(ReceiverMessage::Control(event));
        });
        let farewell = Farewell::default();
        let server = ServerSettings {
            secret: settings.secret.clone(),
            epoch: settings.epoch(),
            tp_rank,
            ports: settings.ports(tp_rank),
            proof_deadline: seconds(settings.timing.connect_seconds),
            keep_alive: seconds(settings.timing.lease_seconds),
        };
        let serving = control::serve(ports, server, sink, farewell.clone())
            .map_err(|error| system("the control plane", error))?;
        board.count_calls(channel.call_times());
        let rank = ReceivingRank::new(&settings, tp_rank, channel, queue, lending, (listeners, ledger), board);
        let waiter = Waiter::new().map_err(|error| system("the timer of a TP rank", error))?;
        ready.open();
        Ok(async move {
            tokio::select! {
                () = serving => {}
                () = rank.run(waiter, farewell) => {}
            }
        })
    })
}

/// Logs the address on which a rank listens, which may differ from its spec's name.
fn tell_where(tp_rank: u32, host: &Host, ports: &ControlPorts) {
    let Ok([init, alloc]) = ports.addresses() else { return };
    tracing::info!(tp_rank, %init, %alloc, "a TP rank listens");
    if host.is_a_name_of_loopback(init.ip()) {
        tracing::warn!(
            tp_rank,
            "the name {host} leads to {}, which only this machine reaches: give the address that senders reach in `listen_host`",
            init.ip()
        );
    }
}

/// Lets the starting thread report its progress.
#[derive(Clone)]
struct Ready {
    starter: std_mpsc::Sender<Result<(), CreateError>>,
    waits_for: Arc<Mutex<&'static str>>,
}

impl Ready {
    fn waits_for(&self, what: &'static str) {
        *self.waits_for.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    /// The thread serves. An abandoned thread finds in its queue that it has to close.
    fn open(self) {
        let _ = self.starter.send(Ok(()));
    }
}

/// Starts a thread, and waits until it serves, up to the bound; `first` is the first condition for which the thread waits.
fn start<E, F>(
    tp_rank: u32,
    (bound, first): (Duration, &'static str),
    events: mpsc::UnboundedSender<E>,
    status: Arc<StatusBoard>,
    set_up: impl FnOnce(Ready, Arc<Lending>) -> Result<F, CreateError> + Send + 'static,
) -> Result<RankThread<E>, CreateError>
where
    E: RankMessage,
    F: Future<Output = ()>,
{
    let (starter, starting) = std_mpsc::channel();
    let ready = Ready { starter, waits_for: Arc::new(Mutex::new(first)) };
    let waits_for = Arc::clone(&ready.waits_for);
    let (end, ended) = std_mpsc::channel::<()>();
    let lending = Arc::new(Lending::default());
    let lent = Arc::clone(&lending);
    let run = move || {
        // Dropped when the thread ends, in whatever way.
        let _end = end;
        let runtime = match ThreadRuntime::new() {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.starter.send(Err(system("the runtime of its sockets", error)))),
        };
        let _entered = runtime.enter();
        match set_up(ready.clone(), lent) {
            Ok(serving) => runtime.block_on(serving),
            Err(error) => drop(ready.starter.send(Err(error))),
        }
    };
    let thread = thread::Builder::new()
        .name(format!("pd-rank-{tp_rank}"))
        .spawn(run)
        .map_err(|error| system("the thread of a TP rank", error))?;
    match starting.recv_timeout(bound) {
        Ok(Ok(())) => {
            Ok(RankThread { events, status, lending, ended: Mutex::new(Some(ended)), thread: Mutex::new(Some(thread)) })
        }
        Ok(Err(error)) => {
            let _ = thread.join();
            Err(error)
        }
        Err(std_mpsc::RecvTimeoutError::Disconnected) => {
            Err(unusable(format!("the thread of TP rank {tp_rank} ended while it started")))
        }
        Err(std_mpsc::RecvTimeoutError::Timeout) => {
            // It may hang for ever with everything that it holds. If it continues, this is the first message that it reads.
            let _ = events.send(E::close());
            Err(hangs(tp_rank, bound, *waits_for.lock().unwrap_or_else(PoisonError::into_inner)))
        }
    }
}

fn hangs(tp_rank: u32, bound: Duration, waits_for: &str) -> CreateError {
    unusable(format!(
        "TP rank {tp_rank} has not started within {} s, and still waits for {waits_for}. Start the node again in another \
         process: this one may hold ports of it",
        bound.as_secs_f64()
    ))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Far longer than a thread needs to end.
    const BOUND: Duration = Duration::from_secs(30);

    #[derive(Debug)]
    enum Message {
        Close,
        Panic,
    }

    impl RankMessage for Message {
        fn close() -> Self {
            Self::Close
        }
    }

    /// Starts a thread that calls `before` and then handles messages.
    fn started(before: impl FnOnce() + Send + 'static) -> RankThread<Message> {
        let (events, mut queue) = mpsc::unbounded_channel();
        let board = Arc::new(StatusBoard::new());
        let status = Arc::clone(&board);
        start(0, (BOUND, CHANNEL), events, status, move |ready, _| {
            before();
            ready.open();
            Ok(async move {
                match queue.recv().await {
                    Some(Message::Panic) => panic!("the message asks for it"),
                    Some(Message::Close) | None => board.publish(RankStatus::Closed { leaked_bytes: 0 }),
                }
            })
        })
        .unwrap()
    }

    #[test]
    fn a_thread_ends_in_time_although_a_name_lookup_hangs() {
        let (_held_until_the_end, hang) = std_mpsc::channel::<()>();
        // The threads on which tokio looks names up.
        let rank = started(move || drop(tokio::task::spawn_blocking(move || hang.recv())));
        rank.send(Message::Close);
        assert!(rank.join(Instant::now() + BOUND));
        assert_eq!(rank.status(), RankStatus::Closed { leaked_bytes: 0 });
    }

    #[test]
    fn a_thread_that_hangs_while_it_starts_is_abandoned_at_the_deadline_and_ends_when_it_continues() {
        let (release, hang) = std_mpsc::channel::<()>();
        let (end, ended) = std_mpsc::channel::<()>();
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = port.local_addr().unwrap();
        let (events, mut queue) = mpsc::unbounded_channel();
        let started = start(0, (Duration::ZERO, CHANNEL), events, Arc::new(StatusBoard::new()), move |ready, _| {
            hang.recv().unwrap_err();
            ready.open();
            Ok(async move {
                // Dropped in the opposite order.
                let (_end, _port) = (end, port);
                assert!(matches!(queue.recv().await, Some(Message::Close)));
            })
        });
        let error = started.err().unwrap().to_string();
        assert!(
            error.contains("TP rank 0 has not started within 0 s, and still waits for its transfer channel"),
            "{error}"
        );
        assert!(TcpListener::bind(address).is_err(), "it hangs");
        drop(release);
        assert_eq!(ended.recv_timeout(BOUND), Err(std_mpsc::RecvTimeoutError::Disconnected));
        TcpListener::bind(address).unwrap();
    }

    #[test]
    fn a_thread_that_panicked_is_reported_as_dead() {
        let rank = started(|| {});
        assert_eq!(rank.status(), RankStatus::Starting);
        rank.send(Message::Panic);
        assert!(rank.join(Instant::now() + BOUND));
        assert_eq!(rank.status(), RankStatus::Died);
        assert!(rank.status().trouble().is_some_and(|trouble| trouble.contains("start the node again")));
    }

    #[test]
    fn a_thread_that_did_not_end_in_time_is_waited_for_once() {
        let (release, hang) = std_mpsc::channel::<()>();
        let rank = started(|| {});
        let (blocked, is_blocked) = std_mpsc::channel();
        let stuck = started(move || {
            tokio::spawn(async move {
                blocked.send(()).unwrap();
                // The worst case of NIXL: it blocks the whole thread.
                hang.recv().unwrap_err();
            });
        });
        is_blocked.recv().unwrap();
        stuck.send(Message::Close);
        assert!(!stuck.join(Instant::now()), "it was not waited for");
        assert!(stuck.join(Instant::now() + BOUND), "it was waited for again");
        rank.send(Message::Close);
        assert!(rank.join(Instant::now() + BOUND));
        drop(release);
    }
}
