//! A sender's end of the control plane.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::sync::watch;
use tonic::{
    Code, Status,
    body::Body,
    codegen::{Service, http},
};

use super::{
    HEADERS_MAX_BYTES, MESSAGE_MAX_BYTES, WINDOW_BYTES,
    connection::{HeldStream, SocketHold},
    encoding,
    gathered::Gathered,
    generated::{
        AttachReply, ChallengeCall, Destination, HandshakeReply, HeartbeatCall, PingCall, ProvenCall, Welcome,
        attach_reply, handshake_reply::Outcome, pd_alloc_client::PdAllocClient, pd_init_client::PdInitClient,
    },
    incarnation::IncarnationKey,
    misdirection::{PortName, misdirected},
    naming,
    secret::{Nonce, SharedSecret, Statement},
};
use crate::adapters::pd_l2_adapter::{
    advice::{Wanted, with_advice},
    host::Host,
    protocol::{
        CancelRequest, CommitAnswer, CommitRequest, Epoch, HandshakeAnswer, HandshakeRequest, Refusal, RegionNumber,
        ReserveAnswer, ReserveRequest,
    },
};

/// Where a receiver's rank is, and what proves us to it.
#[derive(Debug, Clone)]
pub(crate) struct ControlTarget {
    pub(crate) host: Host,
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
    #[error("{at} cannot be reached: {reason}")]
    Unreachable { at: PortName, reason: String },
    #[error("{at} did not answer within {} s", seconds.as_secs_f64())]
    Deadline { at: PortName, seconds: Duration },
    #[error("{at} answers, but not as a pd receiver's port does: {reason}")]
    Stranger { at: PortName, reason: String },
    #[error("{at}: {message}")]
    Refused { at: PortName, message: String, epoch_is_dead: bool },
    #[error("{0}")]
    Misdirected(String),
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
        let init = PortName::init(&target.host, request.tp_rank, target.init_port);
        let alloc = PortName::alloc(&target.host, request.tp_rank, target.alloc_port);
        let mut hold = None;
        let mut is_introduced = false;
        let result = tokio::time::timeout(deadline, async {
            let (mut address, reached) = reach(&init, deadline).await?;
            let nonce = target.secret.nonce(request.epoch, attempt * 2);
            let answer = introduce(&target, &init, reached, (&request, nonce)).await?;
            is_introduced = true;
            let nonce = target.secret.nonce(request.epoch, attempt * 2 + 1);
            // The other port of the same machine: its name may lead to several.
            address.set_port(target.alloc_port);
            let reached =
                HeldStream::connect(address).await.map_err(|error| unreachable(&alloc, not_connected(&error)))?;
            let client = attach(&target, (&init, &alloc), reached, (&answer, attempt, nonce), &mut hold).await?;
            Ok(Introduced { client, answer })
        })
        .await;
        let result = result.unwrap_or_else(|_| {
            let at = if is_introduced { alloc.clone() } else { init.clone() };
            Err(ConnectError::Deadline { at, seconds: deadline })
        });
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
        is_probing: bool,
        deadline: Duration,
    ) -> Result<Result<RegionNumber, Refusal>, CallError> {
        let reply = within(deadline, self.alloc.heartbeat(HeartbeatCall { epoch: epoch.0, is_probing })).await?;
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

/// Connects to the first of a host's addresses that answers. Each has an equal part of the time, so that one that leads nowhere
/// leaves some to the others.
async fn reach(at: &PortName, deadline: Duration) -> Result<(SocketAddr, (HeldStream, SocketHold)), ConnectError> {
    let addresses = at.host.addresses(at.port).await.map_err(|error| unreachable(at, not_connected(&error)))?;
    let part = deadline / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut reasons = Vec::new();
    for address in &addresses {
        let connected = tokio::time::timeout(part, HeldStream::connect(*address)).await;
        let reason = match connected {
            Ok(Ok(reached)) => return Ok((*address, reached)),
            Ok(Err(error)) => not_connected(&error),
            Err(_) => format!("no answer within {} s", part.as_secs_f64()),
        };
        reasons.push(if addresses.len() == 1 { reason } else { format!("{}: {reason}", address.ip()) });
    }
    let reason = if reasons.is_empty() { "its name has no address".to_owned() } else { reasons.join("; ") };
    Err(unreachable(at, reason))
}

fn not_connected(error: &io::Error) -> String {
    with_advice(Wanted::Connection, error)
}

fn unreachable(at: &PortName, reason: String) -> ConnectError {
    ConnectError::Unreachable { at: at.clone(), reason }
}

async fn introduce(
    target: &ControlTarget,
    at: &PortName,
    reached: (HeldStream, SocketHold),
    (request, nonce): (&HandshakeRequest, Nonce),
) -> Result<HandshakeAnswer, ConnectError> {
    let (connection, _hold, _ended) = Connection::over(reached, at).await?;
    let origin = origin();
    let mut init = PdInitClient::with_origin(connection, origin).max_decoding_message_size(MESSAGE_MAX_BYTES);
    let failed = |status: Status| unanswered(at, &status);
    let challenge = ChallengeCall { sender_nonce: nonce.to_vec() };
    let theirs = init.challenge(challenge).await.map_err(failed)?.into_inner().receiver_nonce;
    let nonces = (nonce.as_slice(), theirs.as_slice());
    let introduction = encoding::introduction(request, &target.incarnation).encode_to_vec();
    let call = proven(&target.secret, Statement::Introduction, nonces, introduction);
    let HandshakeReply { outcome } = init.handshake(call).await.map_err(failed)?.into_inner();
    match outcome {
        Some(Outcome::Welcome(welcome)) => {
            if !target.secret.verify(Statement::Welcome, nonces, &welcome.payload, &welcome.proof) {
                return Err(ConnectError::Unproven);
            }
            let unreadable = |reason: String| ConnectError::Unreadable(reason);
            let welcome = Welcome::decode(welcome.payload.as_slice()).map_err(|error| unreadable(error.to_string()))?;
            encoding::read_welcome(welcome).map_err(|error| unreadable(error.to_string()))
        }
        Some(Outcome::Refusal(refusal)) => Err(ConnectError::Refused {
            at: at.clone(),
            message: refusal.message,
            epoch_is_dead: refusal.epoch_is_dead,
        }),
        None => Err(ConnectError::Unreadable("the outcome of a handshake is missing".to_owned())),
    }
}

async fn attach(
    target: &ControlTarget,
    (init, at): (&PortName, &PortName),
    reached: (HeldStream, SocketHold),
    (welcome, attempt, nonce): (&HandshakeAnswer, u64, Nonce),
    hold: &mut Option<ConnectionHold>,
) -> Result<ControlClient, ConnectError> {
    let (connection, socket, ended) = Connection::over(reached, at).await?;
    *hold = Some(socket);
    let mut alloc = PdAllocClient::with_origin(connection, origin())
        .max_decoding_message_size(MESSAGE_MAX_BYTES)
        .max_encoding_message_size(MESSAGE_MAX_BYTES);
    let failed = |status: Status| unanswered(at, &status);
    let challenge = ChallengeCall { sender_nonce: nonce.to_vec() };
    let theirs = alloc.challenge(challenge).await.map_err(failed)?.into_inner().receiver_nonce;
    let nonces = (nonce.as_slice(), theirs.as_slice());
    let attachment = naming::attachment(&target.incarnation, attempt, welcome.destination()).encode_to_vec();
    let call = proven(&target.secret, Statement::Attachment, nonces, attachment);
    let AttachReply { outcome } = alloc.attach(call).await.map_err(failed)?.into_inner();
    let unreadable = |reason: String| ConnectError::Unreadable(reason);
    match outcome {
        Some(attach_reply::Outcome::Attached(attached)) => {
            if !target.secret.verify(Statement::Attached, nonces, &attached.payload, &attached.proof) {
                return Err(ConnectError::Unproven);
            }
            let found = Destination::decode(attached.payload.as_slice()).map_err(|it| unreadable(it.to_string()))?;
            let found = naming::read_destination(Some(found)).map_err(|it| unreadable(it.to_string()))?;
            if found != welcome.destination() {
                return Err(unreadable(format!("{at} is attached to other memory than was asked for")));
            }
            Ok(ControlClient { alloc, ended })
        }
        Some(attach_reply::Outcome::Refusal(refusal)) => match encoding::read_call_refusal(refusal) {
            Ok(Refusal::WrongDestination(found)) => {
                Err(ConnectError::Misdirected(misdirected(init, at, welcome, found)))
            }
            Ok(refusal) => {
                Err(ConnectError::Refused { at: at.clone(), message: refusal.to_string(), epoch_is_dead: false })
            }
            Err(error) => Err(unreadable(error.to_string())),
        },
        None => Err(unreadable("the outcome of an attachment is missing".to_owned())),
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

/// A status has a source where the connection broke, and none where the other end has said it. Our receiver says it with one of
/// four codes; others are those of another service.
fn unanswered(at: &PortName, status: &Status) -> ConnectError {
    let (at, reason) = (at.clone(), status_text(status));
    match (std::error::Error::source(status), status.code()) {
        (Some(_), _) => ConnectError::Unreachable { at, reason },
        (None, Code::Unauthenticated | Code::FailedPrecondition | Code::ResourceExhausted | Code::Unavailable) => {
            ConnectError::Refused { at, message: reason, epoch_is_dead: false }
        }
        (None, _) => ConnectError::Stranger { at, reason },
    }
}

fn status_text(status: &Status) -> String {
    let message = match status.message() {
        "" => status.code().description(),
        message => message,
    };
    match std::error::Error::source(status) {
        Some(source) => format!("{message} ({source})"),
        None => message.to_owned(),
    }
}

async fn within<T>(
    deadline: Duration,
    call: impl Future<Output = Result<tonic::Response<T>, Status>>,
) -> Result<T, CallError> {
    match tokio::time::timeout(deadline, call).await {
        Ok(Ok(reply)) => Ok(reply.into_inner()),
        Ok(Err(status)) => Err(CallError::Lost(status_text(&status))),
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
    pub(super) async fn over(
        (stream, socket): (HeldStream, SocketHold),
        at: &PortName,
    ) -> Result<(Self, ConnectionHold, watch::Receiver<Option<String>>), ConnectError> {
        let (requests, driver) = http2::Builder::new(TokioExecutor::new())
            .max_header_list_size(HEADERS_MAX_BYTES)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .handshake(TokioIo::new(Gathered::new(stream)))
            .await
            .map_err(|error| unreachable(at, error.to_string()))?;
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
