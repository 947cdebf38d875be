//! The calls of one connection: only authenticated callers reach the rank.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use prost::Message;
use tokio::sync::{Notify, Semaphore, oneshot};
use tonic::{Request, Response, Status};

use super::{
    encoding,
    events::{ControlEvent, ControlSink},
    generated::{
        AttachReply, Attachment, CallReply, CancelCall, ChallengeCall, ChallengeReply, CommitCall, CommitReply,
        HandshakeRefusal as WireRefusal, HandshakeReply, HeartbeatCall, HeartbeatReply, Introduction, PingCall,
        PingReply, ProvenCall, ProvenReply, ReserveCall, ReserveReply, attach_reply, handshake_reply::Outcome,
        pd_alloc_server::PdAlloc, pd_init_server::PdInit,
    },
    naming,
    secret::{NONCE_BYTES, Nonce, Statement},
    shared::Shared,
    strangers::Strangers,
    unreadable::Unreadable,
};
use crate::adapters::pd_l2_adapter::protocol::{
    CallId, ConnectionNumber, ControlAnswer, ControlCall, Epoch, HandshakeRefusal, Refusal, SpokenBySender,
};

/// Open calls of an unauthenticated connection.
const INTRODUCTORY_CALLS_MAX: usize = 4;

/// The state of one connection.
#[derive(Debug)]
pub(super) struct ConnectionState {
    pub(super) number: ConnectionNumber,
    /// The sender's nonce and ours, good for one proof.
    nonces: Mutex<Option<(Nonce, Nonce)>>,
    /// The rank's thread knows the connection, so it must be notified of its end.
    pub(super) is_known_to_rank: AtomicBool,
    attached: OnceLock<Epoch>,
    /// Notified when the incarnation has too many newer connections: this one must close.
    pub(super) told_to_go: Arc<Notify>,
    pub(super) introductory_calls: Semaphore,
    strangers: Arc<Strangers>,
}

impl ConnectionState {
    pub(super) fn new(number: ConnectionNumber, strangers: Arc<Strangers>) -> Self {
        Self {
            number,
            nonces: Mutex::default(),
            is_known_to_rank: AtomicBool::new(false),
            attached: OnceLock::new(),
            told_to_go: Arc::new(Notify::new()),
            introductory_calls: Semaphore::new(INTRODUCTORY_CALLS_MAX),
            strangers,
        }
    }

    pub(super) fn is_attached(&self) -> bool {
        self.attached.get().is_some()
    }

    /// The incarnation for which it is attached.
    pub(super) fn attached_for(&self) -> Option<Epoch> {
        self.attached.get().copied()
    }
}

/// The calls of one connection.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) shared: Arc<Shared>,
    pub(super) state: Arc<ConnectionState>,
}

impl Caller {
    fn challenge(&self, call: &ChallengeCall) -> Result<Response<ChallengeReply>, Status> {
        let theirs = Nonce::try_from(call.sender_nonce.as_slice())
            .map_err(|_| Status::invalid_argument(format!("a nonce has {NONCE_BYTES} bytes")))?;
        let counter = self.shared.next_nonce.fetch_add(1, Ordering::Relaxed);
        let ours = self.shared.settings.secret.nonce(self.shared.settings.epoch, counter);
        *self.state.nonces.lock().unwrap_or_else(PoisonError::into_inner) = Some((theirs, ours));
        Ok(Response::new(ChallengeReply { receiver_nonce: ours.to_vec() }))
    }

    /// Checks a proof and returns its nonces. They are used up, whether or not the proof is valid.
    fn check(&self, statement: Statement, call: &ProvenCall) -> Result<(Nonce, Nonce), Status> {
        let nonces = self.state.nonces.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (theirs, ours) = nonces.ok_or_else(|| Status::failed_precondition("call Challenge first"))?;
        if self.shared.settings.secret.verify(statement, (&theirs, &ours), &call.payload, &call.proof) {
            return Ok((theirs, ours));
        }
        self.log_refusal(
            "a connection failed to prove that it knows the shared secret: give both nodes the same `shared_secret`",
        );
        Err(Status::unauthenticated(HandshakeRefusal::Secret.to_string()))
    }

    fn log_refusal(&self, refusal: &str) {
        let Some(passed_over) = self.shared.refusals.passed_over(Instant::now()) else { return };
        let (tp_rank, address) = (self.shared.settings.tp_rank, self.shared.attached.address(self.state.number));
        let passed_over = (passed_over > 0).then_some(passed_over);
        tracing::warn!(tp_rank, address, passed_over, "{refusal} (one line in 10 s)");
    }

    fn proven(&self, statement: Statement, nonces: (&[u8], &[u8]), payload: Vec<u8>) -> ProvenReply {
        ProvenReply { proof: self.shared.settings.secret.prove(statement, nonces, &payload), payload }
    }

    /// Checks that a call is made by the attached incarnation.
    fn attached(&self, epoch: u64) -> Result<SpokenBySender, Status> {
        let Some(attached) = self.state.attached_for() else {
            return Err(Status::unauthenticated("call Attach first"));
        };
        SpokenBySender::over_attached_connection(attached, Epoch(epoch)).ok_or_else(|| {
            Status::permission_denied(format!(
                "the connection is attached to incarnation {attached}, not to {}",
                Epoch(epoch)
            ))
        })
    }

    /// Passes a call to the rank, and waits for its answer.
    async fn ask(&self, request: ControlCall) -> Result<ControlAnswer, Status> {
        let call = CallId(self.shared.next_call.fetch_add(1, Ordering::Relaxed));
        let (answer, answered) = oneshot::channel();
        let mut waiting = WaitingCall { call, sink: Some(&self.shared.sink) };
        (self.shared.sink)(ControlEvent::Call { call, request, answer });
        let answer = answered.await;
        waiting.sink = None;
        answer.map_err(|_| Status::unavailable(Refusal::Closing.to_string()))
    }
}

/// The rank answers each call with the answer of the same name.
fn mistaken() -> Status {
    Status::internal("internal error: the rank returned the answer to another call")
}

fn unreadable(error: impl ToString) -> Status {
    Status::invalid_argument(error.to_string())
}

#[tonic::async_trait]
impl PdInit for Caller {
    async fn challenge(&self, call: Request<ChallengeCall>) -> Result<Response<ChallengeReply>, Status> {
        Self::challenge(self, call.get_ref())
    }

    async fn handshake(&self, call: Request<ProvenCall>) -> Result<Response<HandshakeReply>, Status> {
        let call = call.into_inner();
        let (theirs, ours) = self.check(Statement::Introduction, &call)?;
        let introduction = Introduction::decode(call.payload.as_slice()).map_err(unreadable)?;
        let request = encoding::read_introduction(introduction).map_err(unreadable)?;
        let ControlAnswer::Handshake(answer) = self.ask(ControlCall::Handshake(request)).await? else {
            return Err(mistaken());
        };
        let outcome = match answer {
            Ok(answer) => {
                let payload = encoding::welcome(answer).encode_to_vec();
                Outcome::Welcome(self.proven(Statement::Welcome, (&theirs, &ours), payload))
            }
            Err(refusal) => {
                let epoch_is_dead = matches!(refusal, HandshakeRefusal::DeadEpoch(_));
                if !epoch_is_dead {
                    self.log_refusal(&format!("a sender is refused: {refusal}"));
                }
                Outcome::Refusal(WireRefusal { message: refusal.to_string(), epoch_is_dead })
            }
        };
        Ok(Response::new(HandshakeReply { outcome: Some(outcome) }))
    }
}

#[tonic::async_trait]
impl PdAlloc for Caller {
    async fn challenge(&self, call: Request<ChallengeCall>) -> Result<Response<ChallengeReply>, Status> {
        Self::challenge(self, call.get_ref())
    }

    async fn attach(&self, call: Request<ProvenCall>) -> Result<Response<AttachReply>, Status> {
        let call = call.into_inner();
        let (theirs, ours) = self.check(Statement::Attachment, &call)?;
        let attachment = Attachment::decode(call.payload.as_slice()).map_err(unreadable)?;
        let attachment = naming::read_attachment(&attachment).map_err(unreadable)?;
        if self.state.is_known_to_rank.swap(true, Ordering::Relaxed) {
            return Err(Status::failed_precondition("this connection is already attached: open another one"));
        }
        let connection = self.state.number;
        let ControlAnswer::Attach(answer) = self.ask(ControlCall::Attach(connection, attachment)).await? else {
            return Err(mistaken());
        };
        let outcome = match answer {
            Ok(destination) => {
                // Once for each connection, as was checked above.
                let _ = self.state.attached.set(attachment.epoch);
                self.state.strangers.leave(connection);
                self.shared.attached.come(attachment.epoch, connection, &self.state.told_to_go);
                let payload = naming::destination(destination).encode_to_vec();
                attach_reply::Outcome::Attached(self.proven(Statement::Attached, (&theirs, &ours), payload))
            }
            Err(refusal) => attach_reply::Outcome::Refusal(encoding::call_refusal(refusal)),
        };
        Ok(Response::new(AttachReply { outcome: Some(outcome) }))
    }

    async fn reserve(&self, call: Request<ReserveCall>) -> Result<Response<ReserveReply>, Status> {
        let call = call.into_inner();
        self.attached(call.epoch)?;
        let request = encoding::read_reserve_call(call).map_err(|Unreadable(reason)| unreadable(reason))?;
        let ControlAnswer::Reserve(answer) = self.ask(ControlCall::Reserve(request)).await? else {
            return Err(mistaken());
        };
        Ok(Response::new(encoding::reserve_reply(answer)))
    }

    async fn commit(&self, call: Request<CommitCall>) -> Result<Response<CommitReply>, Status> {
        let call = call.into_inner();
        let spoken = self.attached(call.epoch)?;
        let request = encoding::read_commit_call(call).map_err(|Unreadable(reason)| unreadable(reason))?;
        let ControlAnswer::Commit(answer) = self.ask(ControlCall::Commit(request, spoken)).await? else {
            return Err(mistaken());
        };
        Ok(Response::new(encoding::commit_reply(answer)))
    }

    async fn cancel(&self, call: Request<CancelCall>) -> Result<Response<CallReply>, Status> {
        let call = call.into_inner();
        let spoken = self.attached(call.epoch)?;
        let request = encoding::read_cancel_call(&call).map_err(|Unreadable(reason)| unreadable(reason))?;
        let ControlAnswer::Cancel(answer) = self.ask(ControlCall::Cancel(request, spoken)).await? else {
            return Err(mistaken());
        };
        Ok(Response::new(CallReply { refusal: answer.err().map(encoding::call_refusal) }))
    }

    async fn heartbeat(&self, call: Request<HeartbeatCall>) -> Result<Response<HeartbeatReply>, Status> {
        let HeartbeatCall { epoch, is_probing } = call.into_inner();
        self.attached(epoch)?;
        let epoch = Epoch(epoch);
        let ControlAnswer::Heartbeat(answer) = self.ask(ControlCall::Heartbeat { epoch, is_probing }).await? else {
            return Err(mistaken());
        };
        let (region, refusal) = match answer {
            Ok(region) => (region.0, None),
            Err(refusal) => (0, Some(encoding::call_refusal(refusal))),
        };
        Ok(Response::new(HeartbeatReply { region, refusal }))
    }

    async fn ping(&self, _: Request<PingCall>) -> Result<Response<PingReply>, Status> {
        match self.state.attached.get() {
            Some(_) => Ok(Response::new(PingReply {})),
            None => Err(Status::unauthenticated("call Attach first")),
        }
    }
}

/// Reports that the caller has disconnected, if the call's future is dropped before its answer.
struct WaitingCall<'a> {
    call: CallId,
    sink: Option<&'a ControlSink>,
}

impl Drop for WaitingCall<'_> {
    fn drop(&mut self) {
        if let Some(sink) = self.sink {
            sink(ControlEvent::CallAbandoned { call: self.call });
        }
    }
}
