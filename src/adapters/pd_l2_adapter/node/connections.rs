//! A sender's connections to its receiver, and the calls it makes over them. The machine decides which of them stay open.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{messages::SenderMessage, settings::seconds};
use crate::{
    adapter::Clock,
    adapters::pd_l2_adapter::{
        Timing,
        control::{CallError, ConnectionHold, ControlClient, ControlTarget, IncarnationKey, Introduced},
        driver::Answered,
        protocol::{Epoch, HandshakeAnswer, HandshakeRequest},
        sender::{CallFailure, SenderCall},
    },
};

/// Belongs to the thread of a sender's rank.
pub(super) struct ReceiverConnections {
    target: ControlTarget,
    /// For when the machine goes on as another incarnation.
    fresh: Option<IncarnationKey>,
    timing: Timing,
    /// The connection in use; open calls of an earlier one end as lost.
    connection: Option<Connection>,
    /// Connections that were given up and have not been closed, by the attempt that made them.
    kept: BTreeMap<u64, ConnectionHold>,
    /// Responses arrive through the thread's own queue.
    answers: mpsc::UnboundedSender<SenderMessage>,
}

struct Connection {
    attempt: u64,
    client: ControlClient,
    hold: Option<ConnectionHold>,
}

impl ReceiverConnections {
    pub(super) fn new(target: ControlTarget, timing: Timing, answers: mpsc::UnboundedSender<SenderMessage>) -> Self {
        Self { target, fresh: None, timing, connection: None, kept: BTreeMap::new(), answers }
    }

    /// Keeps the key of an incarnation that the machine may go on as: its epoch.
    pub(super) fn prepare(&mut self, fresh: IncarnationKey) -> Epoch {
        self.fresh.insert(fresh).epoch()
    }

    /// Starts to connect; the response is [`SenderMessage::Connected`].
    pub(super) fn connect(&mut self, attempt: u64, request: HandshakeRequest) {
        if let Some(fresh) = self.fresh.take_if(|fresh| fresh.epoch() == request.epoch) {
            self.target.incarnation = fresh;
        }
        let (target, answers) = (self.target.clone(), self.answers.clone());
        let deadline = seconds(self.timing.connect_seconds);
        tokio::spawn(async move {
            let outcome = Box::new(ControlClient::connect(target, request, attempt, deadline).await);
            // The thread may be over.
            let _ = answers.send(SenderMessage::Connected { attempt, outcome });
        });
    }

    /// Starts to use an attached connection instead of the previous one.
    pub(super) fn attached(
        &mut self,
        attempt: u64,
        introduced: Introduced,
        hold: Option<ConnectionHold>,
    ) -> HandshakeAnswer {
        let Introduced { client, answer } = introduced;
        self.leave();
        let (answers, ended) = (self.answers.clone(), client.ended());
        self.connection = Some(Connection { attempt, client, hold });
        tokio::spawn(async move {
            let reason = ended.await;
            let _ = answers.send(SenderMessage::ConnectionLost { connection: attempt, reason });
        });
        answer
    }

    /// An attempt has failed. The receiver may have heard that this socket is ours.
    pub(super) fn failed(&mut self, attempt: u64, hold: Option<ConnectionHold>) {
        self.kept.extend(hold.map(|hold| (attempt, hold)));
    }

    /// Stops using the connection. It stays open, so that the receiver still notices our death.
    pub(super) fn leave(&mut self) {
        if let Some(Connection { attempt, hold, .. }) = self.connection.take() {
            self.failed(attempt, hold);
        }
    }

    /// Closes the socket of a connection that is no longer used, or never was.
    pub(super) fn close_one(&mut self, attempt: u64) {
        self.kept.remove(&attempt);
    }

    /// Closes all connections, which shows the receiver that no write is in flight. If one is, they stay open until the process
    /// ends, and so do those of attempts that are under way.
    pub(super) fn close(self, writes_in_flight: usize) {
        if writes_in_flight > 0 {
            self.target.sockets.until_the_process_ends();
        }
    }

    /// Sends one call of the protocol; its response arrives as an event. Without a connection it fails at once.
    pub(super) fn call(&self, call: SenderCall) {
        let answers = self.answers.clone();
        let Some(connection) = &self.connection else {
            // The queue is read by this very thread, which is not over.
            let _ = answers.send(SenderMessage::Answered(Answered::failed(&call)));
            return;
        };
        let client = connection.client.clone();
        let deadlines = Deadlines::new(&self.timing);
        tokio::spawn(async move {
            let _ = answers.send(SenderMessage::Answered(answered(client, call, deadlines).await));
        });
    }

    /// Measures an empty call; without a connection there is no result.
    pub(super) fn ping(&self, clock: &Arc<dyn Clock>, took: std::sync::mpsc::Sender<Duration>) {
        let Some(connection) = &self.connection else { return };
        let (client, clock) = (connection.client.clone(), Arc::clone(clock));
        let deadline = seconds(self.timing.heartbeat_seconds);
        tokio::spawn(async move {
            let start = clock.now();
            if client.ping(deadline).await.is_ok() {
                // The caller may no longer wait.
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
            // The receiver responds by itself when the wait is over; the call's own deadline is later.
            reserve: seconds(timing.reserve_seconds) + seconds(timing.commit_seconds),
            commit: seconds(timing.commit_seconds),
            heartbeat: seconds(timing.heartbeat_seconds),
        }
    }
}

async fn answered(client: ControlClient, call: SenderCall, deadlines: Deadlines) -> Answered {
    match call {
        SenderCall::Reserve(call) => {
            let request = call.request;
            Answered::Reserve(request, client.reserve(call, deadlines.reserve).await.map_err(unanswered))
        }
        SenderCall::Commit(call) => {
            let request = call.request;
            Answered::Commit(request, client.commit(call, deadlines.commit).await.map_err(unanswered))
        }
        SenderCall::Cancel(call) => {
            let request = call.request;
            match client.cancel(call, deadlines.commit).await {
                Ok(answer) => Answered::cancel(request, answer),
                Err(error) => Answered::Cancel(request, Err(unanswered(error))),
            }
        }
        SenderCall::Heartbeat { connection, epoch, is_probing } => {
            match client.heartbeat(epoch, is_probing, deadlines.heartbeat).await {
                Ok(answer) => Answered::heartbeat(connection, answer),
                Err(error) => Answered::Heartbeat { connection, result: Err(unanswered(error)) },
            }
        }
    }
}

/// For whatever reason a call has no response, the receiver may have read it.
fn unanswered(error: CallError) -> CallFailure {
    tracing::debug!(%error, "a call to the receiver has no answer");
    CallFailure::Unanswered
}

impl Drop for ReceiverConnections {
    fn drop(&mut self) {
        // It is then unknown what is in flight.
        if std::thread::panicking() {
            self.target.sockets.until_the_process_ends();
        }
    }
}
