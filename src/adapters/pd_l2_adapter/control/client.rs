//! A sender's end of a connection of the control plane, and its calls.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::watch;
use tonic::{
    Status,
    body::Body,
    codegen::{Service, http},
};

use super::{
    HEADERS_MAX_BYTES, WINDOW_BYTES,
    connection::{HeldStream, SocketHold},
    encoding,
    gathered::Gathered,
    generated::{HeartbeatCall, PingCall, ProvenCall, pd_alloc_client::PdAllocClient},
    secret::{SharedSecret, Statement},
};
use crate::adapters::pd_l2_adapter::protocol::{
    CancelRequest, CommitAnswer, CommitRequest, Epoch, Refusal, RegionNumber, ReserveAnswer, ReserveRequest,
};

/// Keeps a connection to a receiver open, also without calls. A receiver that sees our kernel close it declares us dead, and one
/// that sees an orderly shutdown can no longer detect our death.
#[derive(Debug)]
pub(crate) struct ConnectionHold {
    _connection: Connection,
    #[cfg_attr(not(test), allow(dead_code, reason = "it only has to be open"))]
    pub(super) socket: SocketHold,
}

/// Why a call has no answer: the receiver may have handled it or not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("the receiver did not answer in time")]
    Deadline,
    #[error("the call was lost: {0}")]
    Lost(String),
}

/// Calls to a receiver over one connection; clones share it.
#[derive(Clone)]
pub(crate) struct ControlClient {
    alloc: PdAllocClient<Connection>,
    ended: watch::Receiver<Option<String>>,
}

impl ControlClient {
    pub(super) fn new(alloc: PdAllocClient<Connection>, ended: watch::Receiver<Option<String>>) -> Self {
        Self { alloc, ended }
    }

    /// Waits for the end of the connection, and returns the reason. Does not keep it open.
    pub(crate) fn ended(&self) -> impl Future<Output = String> + Send + use<> {
        let mut ended = self.ended.clone();
        async move {
            // The task that drives the connection stores a reason when it ends.
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

    /// A call without effect.
    pub(crate) async fn ping(mut self, deadline: Duration) -> Result<(), CallError> {
        within(deadline, self.alloc.ping(PingCall {})).await.map(drop)
    }
}

impl fmt::Debug for ControlClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlClient").finish_non_exhaustive()
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

pub(super) fn status_text(status: &Status) -> String {
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

/// gRPC requires an authority, though the connection exists already.
pub(super) fn origin() -> http::Uri {
    http::Uri::from_static("http://pd-receiver")
}

/// One HTTP/2 connection. It never reconnects by itself: which connection ended decides whether a sender is alive.
#[derive(Debug, Clone)]
pub(super) struct Connection(http2::SendRequest<Body>);

impl Connection {
    pub(super) async fn over(
        (stream, socket): (HeldStream, SocketHold),
    ) -> Result<(Self, ConnectionHold, watch::Receiver<Option<String>>), hyper::Error> {
        let (requests, driver) = http2::Builder::new(TokioExecutor::new())
            .max_header_list_size(HEADERS_MAX_BYTES)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .handshake(TokioIo::new(Gathered::new(stream)))
            .await?;
        let (end, ended) = watch::channel(None);
        tokio::spawn(async move {
            let reason = match driver.await {
                Ok(()) => "the receiver closed the connection".to_owned(),
                Err(error) => format!("the connection to the receiver broke: {error}"),
            };
            // If this fails, no task waits for the reason any more.
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
