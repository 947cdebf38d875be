//! A sender's connections to its receiver, and the calls it makes over them. It decides nothing but which sockets stay open.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{sending::SenderEvent, settings::seconds};
use crate::{
    adapter::Clock,
    adapters::pd_l2_adapter::{
        Timing,
        control::{CallError, ConnectionHold, ControlClient, ControlTarget, IncarnationKey, Introduced},
        protocol::{Epoch, HandshakeAnswer, HandshakeRequest},
        sender::SenderAction,
    },
};

/// Connections that are kept though they were given up. Only attempts to connect that fail in the middle of their last
/// call add to them, one after the other.
const HELD_MAX: usize = 64;

/// Belongs to the thread of a sender's rank.
pub(super) struct ReceiverLink {
    target: ControlTarget,
    /// For when the machine goes on as another incarnation.
    fresh: Option<IncarnationKey>,
    timing: Timing,
    /// The connection in use; calls of an earlier one that are still open answer as lost.
    connection: Option<Connection>,
    connections_made: u64,
    /// Connections that were given up since the last one was attached. Closing the one that the receiver takes for our last
    /// would tell it that we are dead; which one that is, is known again when another one is attached.
    held: Vec<ConnectionHold>,
    /// Answers come back through the thread's own queue.
    answers: mpsc::UnboundedSender<SenderEvent>,
}

struct Connection {
    number: u64,
    client: ControlClient,
    hold: Option<ConnectionHold>,
}

impl ReceiverLink {
    pub(super) fn new(target: ControlTarget, timing: Timing, answers: mpsc::UnboundedSender<SenderEvent>) -> Self {
        Self { target, fresh: None, timing, connection: None, connections_made: 0, held: Vec::new(), answers }
    }

    /// Keeps the key of an incarnation that the machine may go on as: its epoch.
    pub(super) fn prepare(&mut self, fresh: IncarnationKey) -> Epoch {
        self.fresh.insert(fresh).epoch()
    }

    /// Begins to connect; the answer is [`SenderEvent::Connected`].
    pub(super) fn connect(&mut self, attempt: u64, request: HandshakeRequest) {
        if let Some(fresh) = self.fresh.take_if(|fresh| fresh.epoch() == request.epoch) {
            self.target.incarnation = fresh;
        }
        let (target, answers) = (self.target.clone(), self.answers.clone());
        let deadline = seconds(self.timing.connect_seconds);
        tokio::spawn(async move {
            let outcome = Box::new(ControlClient::connect(target, request, attempt, deadline).await);
            // The thread may be over.
            let _ = answers.send(SenderEvent::Connected { attempt, outcome });
        });
    }

    /// Takes a connection that was attached into use; those before it are over, and nobody looks at their sockets any more.
    pub(super) fn attached(&mut self, introduced: Introduced, hold: Option<ConnectionHold>) -> HandshakeAnswer {
        let Introduced { client, answer } = introduced;
        self.held.clear();
        self.connections_made += 1;
        let number = self.connections_made;
        let (answers, ended) = (self.answers.clone(), client.ended());
        self.connection = Some(Connection { number, client, hold });
        tokio::spawn(async move {
            let reason = ended.await;
            let _ = answers.send(SenderEvent::ConnectionLost { connection: number, reason });
        });
        answer
    }

    /// An attempt has failed. The receiver may have heard that this socket is ours.
    pub(super) fn failed(&mut self, hold: Option<ConnectionHold>, may_close: bool) {
        self.held.extend(hold);
        if self.held.len() > HELD_MAX && may_close {
            self.held.remove(0);
        }
    }

    pub(super) fn is_current(&self, connection: u64) -> bool {
        self.connection.as_ref().is_some_and(|current| current.number == connection)
    }

    /// Gives the connection up. It stays as it is, so that the receiver still sees us die.
    pub(super) fn let_go(&mut self) {
        self.held.extend(self.connection.take().and_then(|connection| connection.hold));
    }

    /// Ends all connections, which tells the receiver that no write is in flight. If one is, they stay open until the process
    /// ends.
    pub(super) fn close(mut self, writes_in_flight: usize) {
        if writes_in_flight > 0 {
            self.let_go();
            std::mem::forget(self.held);
        }
    }

    /// Sends one call of the protocol; its answer comes back as an event. Without a connection it fails at once.
    pub(super) fn call(&self, action: SenderAction) {
        let answers = self.answers.clone();
        let Some(connection) = &self.connection else {
            if let Some(answer) = lost(&action) {
                // The queue is read by this very thread, which is not over.
                let _ = answers.send(answer);
            }
            return;
        };
        let client = connection.client.clone();
        let deadlines = Deadlines::new(&self.timing);
        tokio::spawn(async move {
            if let Some(answer) = answered(client, action, deadlines).await {
                let _ = answers.send(answer);
            }
        });
    }

    /// Measures an empty call; says nothing where there is no connection.
    pub(super) fn ping(&self, clock: &Arc<dyn Clock>, took: std::sync::mpsc::Sender<Duration>) {
        let Some(connection) = &self.connection else { return };
        let (client, clock) = (connection.client.clone(), Arc::clone(clock));
        let deadline = seconds(self.timing.heartbeat_seconds);
        tokio::spawn(async move {
            let start = clock.now();
            if client.ping(deadline).await.is_ok() {
                // Whoever asked may have gone.
                let _ = took.send(clock.now().saturating_sub(start));
            }
        });
    }
}

struct Deadlines {
    reserve: Duration,
    commit: Duration,
    heartbeat: Duration,
}

impl Deadlines {
    fn new(timing: &Timing) -> Self {
        Self {
            // The receiver answers by itself when the wait is over; the call's own deadline comes after that.
            reserve: seconds(timing.reserve_seconds) + seconds(timing.commit_seconds),
            commit: seconds(timing.commit_seconds),
            heartbeat: seconds(timing.heartbeat_seconds),
        }
    }
}

/// Makes a call; `None` for what is none.
async fn answered(client: ControlClient, action: SenderAction, deadlines: Deadlines) -> Option<SenderEvent> {
    Some(match action {
        SenderAction::Reserve(call) => {
            let request = call.request;
            SenderEvent::Reserved { request, result: client.reserve(call, deadlines.reserve).await }
        }
        SenderAction::Commit(call) => {
            let request = call.request;
            SenderEvent::Committed { request, result: client.commit(call, deadlines.commit).await }
        }
        SenderAction::Cancel(call) => {
            let request = call.request;
            SenderEvent::Cancelled { request, result: client.cancel(call, deadlines.commit).await }
        }
        SenderAction::Heartbeat { epoch, is_probing } => {
            SenderEvent::Heartbeat { result: client.heartbeat(epoch, is_probing, deadlines.heartbeat).await }
        }
        _ => return None,
    })
}

fn lost(action: &SenderAction) -> Option<SenderEvent> {
    let error = CallError::Lost("there is no connection to the receiver".to_owned());
    Some(match action {
        SenderAction::Reserve(call) => SenderEvent::Reserved { request: call.request, result: Err(error) },
        SenderAction::Commit(call) => SenderEvent::Committed { request: call.request, result: Err(error) },
        SenderAction::Cancel(call) => SenderEvent::Cancelled { request: call.request, result: Err(error) },
        SenderAction::Heartbeat { .. } => SenderEvent::Heartbeat { result: Err(error) },
        _ => return None,
    })
}
