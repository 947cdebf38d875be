//! A sender's end of the control plane.

use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::sync::watch;
use tonic::{
    Status,
    body::Body,
    codegen::{Service, http},
};

use super::{
    HEADERS_MAX_BYTES, MESSAGE_MAX_BYTES, WINDOW_BYTES,
    connection::{HeldStream, SocketHold},
    encoding,
    gathered::Gathered,
    generated::{
        AttachReply, ChallengeCall, HandshakeReply, HeartbeatCall, PingCall, ProvenCall, Welcome,
        handshake_reply::Outcome, pd_alloc_client::PdAllocClient, pd_init_client::PdInitClient,
    },
    incarnation::IncarnationKey,
    secret::{Nonce, SharedSecret, Statement},
};
use crate::adapters::pd_l2_adapter::protocol::{
    CancelRequest, CommitAnswer, CommitRequest, Epoch, HandshakeAnswer, HandshakeRequest, Refusal, RegionNumber,
    ReserveAnswer, ReserveRequest,
};

/// Where a receiver's rank is, and what proves us to it.
#[derive(Debug, Clone)]
pub(crate) struct ControlTarget {
    pub(crate) host: String,
    pub(crate) init_port: u16,
    pub(crate) alloc_port: u16,
    pub(crate) secret: SharedSecret,
    /// The one the handshake's epoch is of.
    pub(crate) incarnation: IncarnationKey,
}

/// What came of an attempt to connect.
#[derive(Debug)]
pub(crate) struct ConnectOutcome {
    pub(crate) result: Result<Introduced, ConnectError>,
    /// Keeps the socket of the alloc port open. Also where the attempt failed, if the receiver may have heard that the socket
    /// is ours: its end would say that no write of ours is in flight.
    pub(crate) hold: Option<ConnectionHold>,
}

/// Keeps a connection to a receiver as it is, whoever calls over it: a receiver that sees it end by our kernel takes us for
/// dead, and one that is told goodbye over it no longer sees us die.
#[derive(Debug)]
pub(crate) struct ConnectionHold {
    _connection: Connection,
    #[cfg_attr(not(test), allow(dead_code, reason = "it only has to be open"))]
    pub(super) socket: SocketHold,
}

/// A receiver that has accepted us.
#[derive(Debug)]
pub(crate) struct Introduced {
    pub(crate) client: ControlClient,
    pub(crate) answer: HandshakeAnswer,
}

/// Why a receiver was not reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("{host}:{port} cannot be reached: {reason}")]
    Unreachable { host: String, port: u16, reason: String },
    #[error("{host}:{port} did not answer within {} s", seconds.as_secs_f64())]
    Deadline { host: String, port: u16, seconds: Duration },
    #[error("{message}")]
    Refused { message: String, epoch_is_dead: bool },
    #[error(
        "the receiver does not prove to know the shared secret: give both nodes the same `shared_secret`, and look whether \
         something else listens on its port"
    )]
    Unproven,
    #[error("the receiver breaks the protocol: {0}")]
    Unreadable(String),
}

/// Why a call has no answer: it may have been heard or not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("the receiver did not answer in time")]
    Deadline,
    #[error("the call was lost: {0}")]
    Lost(String),
}

/// Calls to a receiver over one connection; clones use the same one.
#[derive(Clone)]
pub(crate) struct ControlClient {
    alloc: PdAllocClient<Connection>,
    ended: watch::Receiver<Option<String>>,
}

impl ControlClient {
    /// Introduces us on the init port and attaches to the alloc port. `attempt` is new for every call.
    pub(crate) async fn connect(
        target: ControlTarget,
        request: HandshakeRequest,
        attempt: u64,
        deadline: Duration,
    ) -> ConnectOutcome {
        let (host, port) = (target.host.clone(), target.init_port);
        let mut hold = None;
        let result = tokio::time::timeout(deadline, async {
            let answer = introduce(&target, &request, target.secret.nonce(request.epoch, attempt * 2)).await?;
            let nonce = target.secret.nonce(request.epoch, attempt * 2 + 1);
            let client = attach(&target, attempt, nonce, &mut hold).await?;
            Ok(Introduced { client, answer })
        })
        .await
        .unwrap_or(Err(ConnectError::Deadline { host, port, seconds: deadline }));
        ConnectOutcome { result, hold }
    }

    /// Waits for the end of the connection, and says why. Does not keep it from ending.
    pub(crate) fn ended(&self) -> impl Future<Output = String> + Send + use<> {
        let mut ended = self.ended.clone();
        async move {
            // The task that drives the connection leaves a reason when it ends.
            let reason = ended.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
            reason.unwrap_or_else(|| "the connection was dropped".to_owned())
        }
    }

    pub(crate) async fn reserve(
        mut self,
        request: ReserveRequest,
        deadline: Duration,
    ) -> Result<ReserveAnswer, CallError> {
        let reply = within(deadline, self.alloc.reserve(encoding::reserve_call(request))).await?;
        encoding::read_reserve_reply(reply).map_err(|error| CallError::Lost(error.to_string()))
    }

    pub(crate) async fn commit(
        mut self,
        request: CommitRequest,
        deadline: Duration,
    ) -> Result<CommitAnswer, CallError> {
        let reply = within(deadline, self.alloc.commit(encoding::commit_call(request))).await?;
        encoding::read_commit_reply(reply).map_err(|error| CallError::Lost(error.to_string()))
    }

    pub(crate) async fn cancel(
        mut self,
        request: CancelRequest,
        deadline: Duration,
    ) -> Result<Result<(), Refusal>, CallError> {
        let reply = within(deadline, self.alloc.cancel(encoding::cancel_call(&request))).await?;
        refused_or((), reply.refusal)
    }

    pub(crate) async fn heartbeat(
        mut self,
        epoch: Epoch,
        deadline: Duration,
    ) -> Result<Result<RegionNumber, Refusal>, CallError> {
        let reply = within(deadline, self.alloc.heartbeat(HeartbeatCall { epoch: epoch.0 })).await?;
        refused_or(RegionNumber(reply.region), reply.refusal)
    }

    /// A call that does nothing.
    pub(crate) async fn ping(mut self, deadline: Duration) -> Result<(), CallError> {
        within(deadline, self.alloc.ping(PingCall {})).await.map(drop)
    }
}

impl fmt::Debug for ControlClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlClient").finish_non_exhaustive()
    }
}

async fn introduce(
    target: &ControlTarget,
    request: &HandshakeRequest,
    nonce: Nonce,
) -> Result<HandshakeAnswer, ConnectError> {
    let (connection, _hold, _ended) = Connection::open(&target.host, target.init_port).await?;
    let origin = origin();
    let mut init = PdInitClient::with_origin(connection, origin).max_decoding_message_size(MESSAGE_MAX_BYTES);
    let unreachable = |status: Status| unreachable_by(target, target.init_port, &status);
    let challenge = ChallengeCall { sender_nonce: nonce.to_vec() };
    let theirs = init.challenge(challenge).await.map_err(unreachable)?.into_inner().receiver_nonce;
    let nonces = (nonce.as_slice(), theirs.as_slice());
    let introduction = encoding::introduction(request, &target.incarnation).encode_to_vec();
    let call = proven(&target.secret, Statement::Introduction, nonces, introduction);
    let HandshakeReply { outcome } = init.handshake(call).await.map_err(unreachable)?.into_inner();
    match outcome {
        Some(Outcome::Welcome(welcome)) => {
            if !target.secret.verify(Statement::Welcome, nonces, &welcome.payload, &welcome.proof) {
                return Err(ConnectError::Unproven);
            }
            let unreadable = |reason: String| ConnectError::Unreadable(reason);
            let welcome = Welcome::decode(welcome.payload.as_slice()).map_err(|error| unreadable(error.to_string()))?;
            encoding::read_welcome(welcome).map_err(|error| unreadable(error.to_string()))
        }
        Some(Outcome::Refusal(refusal)) => {
            Err(ConnectError::Refused { message: refusal.message, epoch_is_dead: refusal.epoch_is_dead })
        }
        None => Err(ConnectError::Unreadable("the outcome of a handshake is missing".to_owned())),
    }
}

async fn attach(
    target: &ControlTarget,
    attempt: u64,
    nonce: Nonce,
    hold: &mut Option<ConnectionHold>,
) -> Result<ControlClient, ConnectError> {
    let (connection, socket, ended) = Connection::open(&target.host, target.alloc_port).await?;
    *hold = Some(socket);
    let mut alloc = PdAllocClient::with_origin(connection, origin())
        .max_decoding_message_size(MESSAGE_MAX_BYTES)
        .max_encoding_message_size(MESSAGE_MAX_BYTES);
    let unreachable = |status: Status| unreachable_by(target, target.alloc_port, &status);
    let challenge = ChallengeCall { sender_nonce: nonce.to_vec() };
    let theirs = alloc.challenge(challenge).await.map_err(unreachable)?.into_inner().receiver_nonce;
    let attachment = encoding::attachment(&target.incarnation, attempt).encode_to_vec();
    let call = proven(&target.secret, Statement::Attachment, (&nonce, &theirs), attachment);
    let AttachReply { refusal } = alloc.attach(call).await.map_err(unreachable)?.into_inner();
    match refusal.map(encoding::read_call_refusal).transpose() {
        Ok(None) => Ok(ControlClient { alloc, ended }),
        Ok(Some(refusal)) => Err(ConnectError::Refused { message: refusal.to_string(), epoch_is_dead: false }),
        Err(error) => Err(ConnectError::Unreadable(error.to_string())),
    }
}

pub(super) fn proven(
    secret: &SharedSecret,
    statement: Statement,
    nonces: (&[u8], &[u8]),
    payload: Vec<u8>,
) -> ProvenCall {
    ProvenCall { proof: secret.prove(statement, nonces, &payload), payload }
}

fn unreachable_by(target: &ControlTarget, port: u16, status: &Status) -> ConnectError {
    ConnectError::Unreachable { host: target.host.clone(), port, reason: told(status) }
}

fn told(status: &Status) -> String {
    match std::error::Error::source(status) {
        Some(source) => format!("{} ({source})", status.message()),
        None => status.message().to_owned(),
    }
}

async fn within<T>(
    deadline: Duration,
    call: impl Future<Output = Result<tonic::Response<T>, Status>>,
) -> Result<T, CallError> {
    match tokio::time::timeout(deadline, call).await {
        Ok(Ok(reply)) => Ok(reply.into_inner()),
        Ok(Err(status)) => Err(CallError::Lost(told(&status))),
        Err(_) => Err(CallError::Deadline),
    }
}

fn refused_or<T>(value: T, refusal: Option<super::generated::CallRefusal>) -> Result<Result<T, Refusal>, CallError> {
    match refusal.map(encoding::read_call_refusal).transpose() {
        Ok(None) => Ok(Ok(value)),
        Ok(Some(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(CallError::Lost(error.to_string())),
    }
}

/// gRPC asks for an authority; the connection is made already.
pub(super) fn origin() -> http::Uri {
    http::Uri::from_static("http://pd-receiver")
}

/// One HTTP/2 connection. It never connects again by itself: which connection is whose says whether a sender lives.
#[derive(Debug, Clone)]
pub(super) struct Connection(http2::SendRequest<Body>);

impl Connection {
    pub(super) async fn open(
        host: &str,
        port: u16,
    ) -> Result<(Self, ConnectionHold, watch::Receiver<Option<String>>), ConnectError> {
        let unreachable = |reason: String| ConnectError::Unreachable { host: host.to_owned(), port, reason };
        let (stream, socket) =
            HeldStream::connect((host, port)).await.map_err(|error: io::Error| unreachable(error.to_string()))?;
        let (requests, driver) = http2::Builder::new(TokioExecutor::new())
            .max_header_list_size(HEADERS_MAX_BYTES)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .handshake(TokioIo::new(Gathered::new(stream)))
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        let (end, ended) = watch::channel(None);
        tokio::spawn(async move {
            let reason = match driver.await {
                Ok(()) => "the receiver closed the connection".to_owned(),
                Err(error) => format!("the connection to the receiver broke: {error}"),
            };
            // Nobody waits for it any more where this fails.
            let _ = end.send(Some(reason));
        });
        let connection = Self(requests);
        let hold = ConnectionHold { _connection: connection.clone(), socket };
        Ok((connection, hold, ended))
    }
}

impl Service<http::Request<Body>> for Connection {
    type Response = http::Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}
