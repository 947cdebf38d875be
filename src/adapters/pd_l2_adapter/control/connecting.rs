//! Connects a sender: at the first address of the receiver's name that belongs to a receiver, it introduces itself on the init port
//! and attaches to the alloc port.

use std::{io, net::SocketAddr, time::Duration};

use prost::Message;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tonic::{Code, Status};

use super::{
    MESSAGE_MAX_BYTES,
    client::{Connection, ConnectionHold, ControlClient, origin, proven, status_text},
    connection::{HeldStream, SocketHold, SocketsStayOpen},
    encoding,
    generated::{
        AttachReply, ChallengeCall, Destination, HandshakeReply, Welcome, attach_reply, handshake_reply::Outcome,
        pd_alloc_client::PdAllocClient, pd_init_client::PdInitClient,
    },
    incarnation::IncarnationKey,
    misdirection::{PortName, misdirected},
    naming,
    secret::{Nonce, SharedSecret, Statement},
};
use crate::adapters::pd_l2_adapter::{
    advice::{Wanted, with_advice},
    host::Host,
    protocol::{HandshakeAnswer, HandshakeRequest, Refusal},
};

/// The addresses of a name that one attempt tries.
pub(super) const ADDRESSES_MAX: usize = 16;

/// The address of a receiver's rank, and the secrets that authenticate us.
#[derive(Debug, Clone)]
pub(crate) struct ControlTarget {
    pub(crate) host: Host,
    pub(crate) init_port: u16,
    pub(crate) alloc_port: u16,
    pub(crate) secret: SharedSecret,
    /// The key of the epoch in the handshake.
    pub(crate) incarnation: IncarnationKey,
    pub(crate) sockets: SocketsStayOpen,
}

/// The result of an attempt to connect.
#[derive(Debug)]
pub(crate) struct ConnectOutcome {
    pub(crate) result: Result<Introduced, ConnectError>,
    /// Keeps the socket of the alloc port open. Present also after a failed attempt if the receiver may know that the socket is
    /// ours: its end would prove that no write of ours is in flight.
    pub(crate) hold: Option<ConnectionHold>,
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
    #[error("{at} did not answer within {} s", deadline.as_secs_f64())]
    Deadline { at: PortName, deadline: Duration },
    #[error(
        "{at} responds, but not like a port of a pd receiver: {reason}; check that `peer_host` and the ports lead to the receiver"
    )]
    Stranger { at: PortName, reason: String },
    #[error("{at}: {message}")]
    Refused { at: PortName, message: String, epoch_is_dead: bool },
    #[error("{0}")]
    Misdirected(String),
    #[error(
        "{0} does not prove that it knows the shared secret: give both nodes the same `shared_secret`, and check whether \
         something else is listening there"
    )]
    Unproven(PortName),
    #[error("{at} violates the protocol: {reason}")]
    Unreadable { at: PortName, reason: String },
    #[error("no address of {host} reaches the receiver: {}", reasons.join("; "))]
    Nowhere { host: Host, reasons: Vec<String> },
}

impl ConnectError {
    /// Whether a receiver has answered. Then the other addresses of its name belong to no other receiver.
    fn is_of_a_receiver(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Misdirected(_))
    }
}

impl ControlClient {
    /// Introduces us on the init port and attaches to the alloc port. `attempt` is new for every call.
    pub(crate) async fn connect(
        target: ControlTarget,
        request: HandshakeRequest,
        attempt: u64,
        deadline: Duration,
    ) -> ConnectOutcome {
        let end = Instant::now() + deadline;
        let init = PortName::init(&target.host, request.tp_rank, target.init_port);
        let looked_up = timeout(deadline, target.host.addresses(target.init_port)).await;
        let reason = match looked_up {
            Ok(Ok(addresses)) if !addresses.is_empty() => {
                return Attempt { target, request, number: attempt, deadline }.at_the_first_of(&addresses, end).await;
            }
            Ok(Ok(_)) => "the name has no address".to_owned(),
            Ok(Err(error)) => not_connected(&error),
            Err(_) => format!(
                "the name was not resolved within {} s: check this machine's name servers",
                deadline.as_secs_f64()
            ),
        };
        ConnectOutcome { result: Err(unreachable(&init, reason)), hold: None }
    }
}

/// An attempt to connect.
pub(super) struct Attempt {
    pub(super) target: ControlTarget,
    pub(super) request: HandshakeRequest,
    pub(super) number: u64,
    /// For all of it, the lookup of the name included.
    pub(super) deadline: Duration,
}

impl Attempt {
    /// Tries one address after the other until a receiver has answered. Each gets an equal part of the remaining time, so that
    /// an unreachable one leaves time for the others.
    pub(super) async fn at_the_first_of(&self, addresses: &[SocketAddr], end: Instant) -> ConnectOutcome {
        let tried = &addresses[..addresses.len().min(ADDRESSES_MAX)];
        let mut reasons = Vec::new();
        for (index, address) in tried.iter().enumerate() {
            let left = u32::try_from(tried.len() - index).unwrap_or(u32::MAX);
            let part = end.saturating_duration_since(Instant::now()) / left;
            let outcome = self.at(*address, index, (part, tried.len())).await;
            match &outcome.result {
                // Once the receiver may have attached a connection, the next attempt must have another number.
                Err(error) if addresses.len() > 1 && outcome.hold.is_none() && !error.is_of_a_receiver() => {
                    reasons.push(error.to_string());
                }
                _ => return outcome,
            }
        }
        // Sorted, because the order of a name server varies and each new reason is a line of the log.
        reasons.sort_unstable();
        if addresses.len() > tried.len() {
            reasons.push(format!("not tried: {} more", addresses.len() - tried.len()));
        }
        ConnectOutcome { result: Err(ConnectError::Nowhere { host: self.target.host.clone(), reasons }), hold: None }
    }

    /// Introduces us and attaches at one of some addresses, within its part of the time. Errors say at which.
    async fn at(&self, address: SocketAddr, index: usize, (time, addresses): (Duration, usize)) -> ConnectOutcome {
        let Self { target, request, number, deadline } = self;
        let is_named = addresses > 1;
        let named = |port: PortName| if is_named { port.at(address.ip()) } else { port };
        let init = named(PortName::init(&target.host, request.tp_rank, target.init_port));
        let alloc = named(PortName::alloc(&target.host, request.tp_rank, target.alloc_port));
        // Every proof has its own nonce.
        let first_nonce = (number * ADDRESSES_MAX as u64 + index as u64) * 2;
        let mut hold = None;
        let mut is_introduced = false;
        let result = timeout(time, async {
            let reached = reach(target, &init, address).await?;
            let nonce = target.secret.nonce(request.epoch, first_nonce);
            let answer = introduce(target, &init, reached, (request, nonce)).await?;
            is_introduced = true;
            let mut address = address;
            address.set_port(target.alloc_port);
            let reached = reach(target, &alloc, address).await?;
            let nonce = target.secret.nonce(request.epoch, first_nonce + 1);
            let client = attach(target, (&init, &alloc), reached, (&answer, *number, nonce), &mut hold).await?;
            Ok(Introduced { client, answer })
        })
        .await;
        let result = result.unwrap_or_else(|_| {
            let at = if is_introduced { alloc.clone() } else { init.clone() };
            // The same text for each attempt, whatever the lookup has left of the time.
            let deadline = *deadline / u32::try_from(addresses).unwrap_or(u32::MAX);
            Err(ConnectError::Deadline { at, deadline })
        });
        ConnectOutcome { result, hold }
    }
}

async fn reach(
    target: &ControlTarget,
    at: &PortName,
    address: SocketAddr,
) -> Result<(HeldStream, SocketHold), ConnectError> {
    HeldStream::connect(address, target.sockets.clone()).await.map_err(|error| unreachable(at, not_connected(&error)))
}

fn not_connected(error: &io::Error) -> String {
    with_advice(Wanted::Connection, error)
}

fn unreachable(at: &PortName, reason: String) -> ConnectError {
    ConnectError::Unreachable { at: at.clone(), reason }
}

async fn over(
    reached: (HeldStream, SocketHold),
    at: &PortName,
) -> Result<(Connection, ConnectionHold, watch::Receiver<Option<String>>), ConnectError> {
    Connection::over(reached).await.map_err(|error| unreachable(at, error.to_string()))
}

async fn introduce(
    target: &ControlTarget,
    at: &PortName,
    reached: (HeldStream, SocketHold),
    (request, nonce): (&HandshakeRequest, Nonce),
) -> Result<HandshakeAnswer, ConnectError> {
    let (connection, _hold, _ended) = over(reached, at).await?;
    let origin = origin();
    let mut init = PdInitClient::with_origin(connection, origin).max_decoding_message_size(MESSAGE_MAX_BYTES);
    let failed = |status: Status| unanswered(at, &status);
    let challenge = ChallengeCall { sender_nonce: nonce.to_vec() };
    let theirs = init.challenge(challenge).await.map_err(|status| unchallenged(at, &status))?;
    let theirs = theirs.into_inner().receiver_nonce;
    let nonces = (nonce.as_slice(), theirs.as_slice());
    let introduction = encoding::introduction(request, &target.incarnation).encode_to_vec();
    let call = proven(&target.secret, Statement::Introduction, nonces, introduction);
    let HandshakeReply { outcome } = init.handshake(call).await.map_err(failed)?.into_inner();
    let unreadable = |reason: String| ConnectError::Unreadable { at: at.clone(), reason };
    match outcome {
        Some(Outcome::Welcome(welcome)) => {
            if !target.secret.verify(Statement::Welcome, nonces, &welcome.payload, &welcome.proof) {
                return Err(ConnectError::Unproven(at.clone()));
            }
            let welcome = Welcome::decode(welcome.payload.as_slice()).map_err(|error| unreadable(error.to_string()))?;
            encoding::read_welcome(welcome).map_err(|error| unreadable(error.to_string()))
        }
        Some(Outcome::Refusal(refusal)) => Err(ConnectError::Refused {
            at: at.clone(),
            message: refusal.message,
            epoch_is_dead: refusal.epoch_is_dead,
        }),
        None => Err(unreadable("the outcome of a handshake is missing".to_owned())),
    }
}

async fn attach(
    target: &ControlTarget,
    (init, at): (&PortName, &PortName),
    reached: (HeldStream, SocketHold),
    (welcome, attempt, nonce): (&HandshakeAnswer, u64, Nonce),
    hold: &mut Option<ConnectionHold>,
) -> Result<ControlClient, ConnectError> {
    let (connection, socket, ended) = over(reached, at).await?;
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
    let unreadable = |reason: String| ConnectError::Unreadable { at: at.clone(), reason };
    match outcome {
        Some(attach_reply::Outcome::Attached(attached)) => {
            if !target.secret.verify(Statement::Attached, nonces, &attached.payload, &attached.proof) {
                return Err(ConnectError::Unproven(at.clone()));
            }
            let found = Destination::decode(attached.payload.as_slice()).map_err(|it| unreadable(it.to_string()))?;
            let found = naming::read_destination(Some(found)).map_err(|it| unreadable(it.to_string()))?;
            if found != welcome.destination() {
                return Err(unreadable(format!("{at} attached the connection to other memory than was requested")));
            }
            Ok(ControlClient::new(alloc, ended))
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

/// A status has a source if the connection broke, and none if the other end returned it. Our receiver returns one of four
/// codes; other codes come from another service.
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

/// Like [`unanswered`], before the other end has shown that it speaks the protocol: our receiver refuses a challenge only on
/// the wrong one of its ports.
fn unchallenged(at: &PortName, status: &Status) -> ConnectError {
    match unanswered(at, status) {
        ConnectError::Refused { at, message, .. } if status.code() != Code::FailedPrecondition => {
            ConnectError::Stranger { at, reason: message }
        }
        error => error,
    }
}
