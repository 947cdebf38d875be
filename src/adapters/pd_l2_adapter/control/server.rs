//! A receiver's end of the control plane: it takes calls off the wire, proves who makes them, and hands them on.
//!
//! Whatever comes in that is no call of a sender that has proven itself is answered by an error or by closing its connection,
//! and reaches nobody.

use std::{
    io,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use prost::Message;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot},
    task::JoinSet,
};
use tonic::{
    Request, Response, Status,
    codegen::{Service, http},
};

use super::{
    ControlPorts, HEADERS_MAX_BYTES, MESSAGE_MAX_BYTES,
    connection::{ConnectionNumber, WatchedStream},
    encoding::{self, Unreadable},
    generated::{
        AttachReply, Attachment, CallReply, CancelCall, ChallengeCall, ChallengeReply, CommitCall, CommitReply,
        HandshakeRefusal as WireRefusal, HandshakeReply, HeartbeatCall, HeartbeatReply, Introduction, PingCall,
        PingReply, ProvenCall, ProvenWelcome, ReserveCall, ReserveReply,
        handshake_reply::Outcome,
        pd_alloc_server::{PdAlloc, PdAllocServer},
        pd_init_server::{PdInit, PdInitServer},
    },
    secret::{NONCE_BYTES, Nonce, SharedSecret, Statement},
};
use crate::adapters::pd_l2_adapter::{
    protocol::{
        CancelRequest, CommitAnswer, CommitRequest, Epoch, HandshakeAnswer, HandshakeRefusal, HandshakeRequest,
        Refusal, RegionNumber, ReserveAnswer, ReserveRequest,
    },
    receiver::CallId,
};

/// Connections of one port at a time; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 1024;
/// Open calls of one connection.
const CALLS_MAX: u32 = 1024;

/// What a receiver is asked, and where the answer goes. An answer whose caller is gone goes nowhere.
#[derive(Debug)]
pub(crate) enum ControlEvent {
    Handshake {
        request: HandshakeRequest,
        answer: oneshot::Sender<Result<HandshakeAnswer, HandshakeRefusal>>,
    },
    /// From now on the connection's end says something of the incarnation.
    Attach {
        connection: ConnectionNumber,
        epoch: Epoch,
        answer: oneshot::Sender<Result<(), Refusal>>,
    },
    Reserve {
        call: CallId,
        request: ReserveRequest,
        answer: oneshot::Sender<ReserveAnswer>,
    },
    /// Nobody waits for the answer to a reserve call any more.
    CallAbandoned {
        call: CallId,
    },
    Commit {
        request: CommitRequest,
        answer: oneshot::Sender<CommitAnswer>,
    },
    Cancel {
        request: CancelRequest,
        answer: oneshot::Sender<Result<(), Refusal>>,
    },
    Heartbeat {
        epoch: Epoch,
        answer: oneshot::Sender<Result<RegionNumber, Refusal>>,
    },
    /// The peer's kernel has closed or reset a connection.
    PeerClosed {
        connection: ConnectionNumber,
    },
    /// A connection is gone, for whatever reason. Comes after `PeerClosed`, where that comes.
    ConnectionGone {
        connection: ConnectionNumber,
    },
}

/// Where events go. How many are on their way is bounded by connections and calls.
pub(crate) type ControlSink = Arc<dyn Fn(ControlEvent) + Send + Sync>;

/// How a rank's ports are served.
#[derive(Debug, Clone)]
pub(crate) struct ServerSettings {
    pub(crate) secret: SharedSecret,
    /// Of the receiver; its nonces hold it.
    pub(crate) epoch: Epoch,
    /// How long a connection may take to prove itself.
    pub(crate) proof_deadline: Duration,
    /// How long a connection may be silent before it is asked whether it is still there, and then again until it is closed.
    pub(crate) keep_alive: Duration,
}

/// What all connections of a rank share.
struct Shared {
    settings: ServerSettings,
    sink: ControlSink,
    next_connection: AtomicU64,
    next_call: AtomicU64,
    next_nonce: AtomicU64,
}

/// What is known of one connection.
struct ConnectionState {
    number: ConnectionNumber,
    /// The sender's and ours, good for one proof.
    nonces: Mutex<Option<(Nonce, Nonce)>>,
    /// Made a handshake, or is attached.
    proven: AtomicBool,
    attached: OnceLock<Epoch>,
}

#[derive(Debug, Clone, Copy)]
enum Port {
    Init,
    Alloc,
}

/// Serves both ports until it is dropped.
///
/// # Errors
///
/// The runtime does not take a port.
pub(crate) fn serve(
    ports: ControlPorts,
    settings: ServerSettings,
    sink: ControlSink,
) -> io::Result<impl Future<Output = ()>> {
    let (init, alloc) = (TcpListener::from_std(ports.init)?, TcpListener::from_std(ports.alloc)?);
    let shared = Arc::new(Shared {
        settings,
        sink,
        next_connection: AtomicU64::new(1),
        next_call: AtomicU64::new(1),
        next_nonce: AtomicU64::new(1),
    });
    Ok(async move {
        tokio::join!(accept(init, Port::Init, Arc::clone(&shared)), accept(alloc, Port::Alloc, shared));
    })
}

async fn accept(listener: TcpListener, port: Port, shared: Arc<Shared>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        // Never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    let _place = place;
                    serve_connection(stream, port, &shared).await;
                });
            }
            Err(error) => {
                // No descriptor is left, as a rule: one may be free in a while.
                tracing::warn!(%error, ?port, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(stream: TcpStream, port: Port, shared: &Arc<Shared>) {
    let number = ConnectionNumber(shared.next_connection.fetch_add(1, Ordering::Relaxed));
    let state = Arc::new(ConnectionState {
        number,
        nonces: Mutex::new(None),
        proven: AtomicBool::new(false),
        attached: OnceLock::new(),
    });
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let sink = Arc::clone(&shared.sink);
    let watched = WatchedStream::new(stream, Box::new(move || sink(ControlEvent::PeerClosed { connection: number })));
    let caller = Caller { shared: Arc::clone(shared), state: Arc::clone(&state) };
    match port {
        Port::Init => {
            let service = PdInitServer::new(caller).max_decoding_message_size(MESSAGE_MAX_BYTES);
            drive(watched, service, &state, shared).await;
        }
        Port::Alloc => {
            let service = PdAllocServer::new(caller)
                .max_decoding_message_size(MESSAGE_MAX_BYTES)
                .max_encoding_message_size(MESSAGE_MAX_BYTES);
            drive(watched, service, &state, shared).await;
        }
    }
    (shared.sink)(ControlEvent::ConnectionGone { connection: number });
}

/// Drives one connection to its end. One that has not proven itself in time is closed.
async fn drive<S>(stream: WatchedStream, service: S, state: &ConnectionState, shared: &Shared)
where
    S: Service<http::Request<Incoming>, Response = http::Response<tonic::body::Body>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send + 'static,
{
    let serving = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(shared.settings.keep_alive)
        .keep_alive_timeout(shared.settings.keep_alive)
        .max_header_list_size(HEADERS_MAX_BYTES)
        .max_concurrent_streams(CALLS_MAX)
        .initial_stream_window_size(1 << 20)
        .serve_connection(TokioIo::new(stream), service_fn(move |request| service.clone().call(request)));
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = &mut serving => Some(ended),
        () = tokio::time::sleep(shared.settings.proof_deadline) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None if !state.proven.load(Ordering::Relaxed) => {
            tracing::debug!(connection = state.number.0, "a connection did not prove itself in time and is closed");
            return;
        }
        None => serving.await,
    };
    if let Err(error) = ended {
        tracing::debug!(connection = state.number.0, %error, "a connection to the control ports broke");
    }
}

/// One connection's calls.
#[derive(Clone)]
struct Caller {
    shared: Arc<Shared>,
    state: Arc<ConnectionState>,
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

    /// The nonces of a proof that is right. They are used up, right or wrong.
    fn check(&self, statement: Statement, call: &ProvenCall) -> Result<(Nonce, Nonce), Status> {
        let nonces = self.state.nonces.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (theirs, ours) = nonces.ok_or_else(|| Status::failed_precondition("call Challenge first"))?;
        if self.shared.settings.secret.verify(statement, (&theirs, &ours), &call.payload, &call.proof) {
            return Ok((theirs, ours));
        }
        tracing::warn!(connection = self.state.number.0, "a connection does not prove to know the shared secret");
        Err(Status::unauthenticated(HandshakeRefusal::Secret.to_string()))
    }

    fn proven(&self) {
        self.state.proven.store(true, Ordering::Relaxed);
    }

    /// Only the incarnation that is attached may speak.
    fn attached(&self, epoch: u64) -> Result<(), Status> {
        match self.state.attached.get() {
            Some(attached) if attached.0 == epoch => Ok(()),
            Some(attached) => Err(Status::permission_denied(format!(
                "the connection is attached to incarnation {attached}, not to {}",
                Epoch(epoch)
            ))),
            None => Err(Status::unauthenticated("call Attach first")),
        }
    }

    /// Asks the rank, and waits for what it says.
    async fn ask<T>(&self, event: impl FnOnce(oneshot::Sender<T>) -> ControlEvent) -> Result<T, Status> {
        let (answer, answered) = oneshot::channel();
        (self.shared.sink)(event(answer));
        answered.await.map_err(|_| Status::unavailable(Refusal::Closing.to_string()))
    }
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
        let request = encoding::read_introduction(Introduction::decode(call.payload.as_slice()).map_err(unreadable)?);
        let outcome = match self.ask(|answer| ControlEvent::Handshake { request, answer }).await? {
            Ok(answer) => {
                self.proven();
                let payload = encoding::welcome(answer).encode_to_vec();
                let secret = &self.shared.settings.secret;
                let proof = secret.prove(Statement::Welcome, (&theirs, &ours), &payload);
                Outcome::Welcome(ProvenWelcome { payload, proof })
            }
            Err(refusal) => Outcome::Refusal(WireRefusal {
                message: refusal.to_string(),
                epoch_is_dead: matches!(refusal, HandshakeRefusal::DeadEpoch(_)),
            }),
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
        self.check(Statement::Attachment, &call)?;
        let epoch = Epoch(Attachment::decode(call.payload.as_slice()).map_err(unreadable)?.epoch);
        if self.state.attached.get().is_some_and(|attached| *attached != epoch) {
            return Err(Status::failed_precondition("a connection is attached once"));
        }
        let connection = self.state.number;
        let attached = self.ask(|answer| ControlEvent::Attach { connection, epoch, answer }).await?;
        if attached.is_ok() {
            self.proven();
            // A second attachment is to the same incarnation: it was compared above.
            let _ = self.state.attached.set(epoch);
        }
        Ok(Response::new(AttachReply { refusal: attached.err().map(encoding::call_refusal) }))
    }

    async fn reserve(&self, call: Request<ReserveCall>) -> Result<Response<ReserveReply>, Status> {
        let call = call.into_inner();
        self.attached(call.epoch)?;
        let request = encoding::read_reserve_call(call).map_err(|Unreadable(reason)| unreadable(reason))?;
        let call = CallId(self.shared.next_call.fetch_add(1, Ordering::Relaxed));
        let mut waiting = WaitingCall { call, sink: Some(&self.shared.sink) };
        let answer = self.ask(|answer| ControlEvent::Reserve { call, request, answer }).await?;
        waiting.sink = None;
        Ok(Response::new(encoding::reserve_reply(answer)))
    }

    async fn commit(&self, call: Request<CommitCall>) -> Result<Response<CommitReply>, Status> {
        let call = call.into_inner();
        self.attached(call.epoch)?;
        let request = encoding::read_commit_call(call).map_err(|Unreadable(reason)| unreadable(reason))?;
        let answer = self.ask(|answer| ControlEvent::Commit { request, answer }).await?;
        Ok(Response::new(encoding::commit_reply(answer)))
    }

    async fn cancel(&self, call: Request<CancelCall>) -> Result<Response<CallReply>, Status> {
        let call = call.into_inner();
        self.attached(call.epoch)?;
        let request = encoding::read_cancel_call(&call);
        let answer = self.ask(|answer| ControlEvent::Cancel { request, answer }).await?;
        Ok(Response::new(CallReply { refusal: answer.err().map(encoding::call_refusal) }))
    }

    async fn heartbeat(&self, call: Request<HeartbeatCall>) -> Result<Response<HeartbeatReply>, Status> {
        let epoch = call.into_inner().epoch;
        self.attached(epoch)?;
        let answer = self.ask(|answer| ControlEvent::Heartbeat { epoch: Epoch(epoch), answer }).await?;
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

/// Says that nobody waits any more, when the call's future is dropped before its answer.
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
