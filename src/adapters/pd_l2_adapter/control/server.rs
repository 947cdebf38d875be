//! A receiver's end of the control plane: it reads calls, authenticates their callers and passes them on.
//!
//! Everything except a call of an authenticated sender is answered with an error or by closing its connection, and does not
//! reach the rank. Strangers can make us keep only bounded state: connections by [`STRANGERS_MAX`] for each port; the state of
//! each connection by its window, its few calls and their size, and the time a proof may take. A sender's connections are
//! bounded, too.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};
use tonic::{
    Status,
    body::Body,
    codegen::{Service, http},
};

use super::{
    ControlPorts, HEADERS_MAX_BYTES, INTRODUCTION_MAX_BYTES, MESSAGE_MAX_BYTES, WINDOW_BYTES,
    answering::{Caller, ConnectionState},
    connection::WatchedStream,
    events::{ControlEvent, ControlSink},
    farewell::{Farewell, FarewellHeard},
    gathered::Gathered,
    generated::{pd_alloc_server::PdAllocServer, pd_init_server::PdInitServer},
    shared::{ServerSettings, Shared},
    strangers::Strangers,
};
use crate::adapters::pd_l2_adapter::advice::{Wanted, with_advice};
use crate::adapters::pd_l2_adapter::protocol::{ClosedByPeer, ConnectionNumber, Identity, SENDERS_MAX};

/// Unauthenticated connections of one port: all senders may reconnect at once after a receiver's restart.
const STRANGERS_MAX: usize = 2 * SENDERS_MAX;
/// Open calls of one connection.
const CALLS_MAX: u32 = 1024;

/// Calls that are allowed before a connection is attached.
const INTRODUCTORY_CALLS: [&str; 4] = [
    "/l2adapter.pd.v1.PdInit/Challenge",
    "/l2adapter.pd.v1.PdInit/Handshake",
    "/l2adapter.pd.v1.PdAlloc/Challenge",
    "/l2adapter.pd.v1.PdAlloc/Attach",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Port {
    Init,
    Alloc,
}

impl Port {
    /// The port of a call, by its path.
    fn of_call(path: &str) -> Option<Self> {
        match path.rsplit_once('/')?.0 {
            "/l2adapter.pd.v1.PdInit" => Some(Self::Init),
            "/l2adapter.pd.v1.PdAlloc" => Some(Self::Alloc),
            _ => None,
        }
    }

    /// The answer to a caller that mistakes this port for the other one.
    fn mistaken(self, settings: &ServerSettings) -> Status {
        let ServerSettings { epoch: receiver, tp_rank, ports, .. } = *settings;
        let (this, other) = match self {
            Self::Init => ("an init port", "an alloc port"),
            Self::Alloc => ("an alloc port", "an init port"),
        };
        let identity = Identity { receiver, tp_rank, ports };
        Status::failed_precondition(format!(
            "this is {this} of a pd receiver, not {other}: it belongs to {identity}. Give both nodes the same port lists"
        ))
    }
}

/// Serves both ports until it is dropped; connections also end at the farewell.
///
/// # Errors
///
/// The runtime cannot use a port.
pub(crate) fn serve(
    ports: ControlPorts,
    settings: ServerSettings,
    sink: ControlSink,
    farewell: Farewell,
) -> io::Result<impl Future<Output = ()>> {
    let (init, alloc) = (TcpListener::from_std(ports.init)?, TcpListener::from_std(ports.alloc)?);
    let shared = Arc::new(Shared::new(settings, sink, farewell));
    Ok(async move {
        tokio::join!(accept(init, Port::Init, Arc::clone(&shared)), accept(alloc, Port::Alloc, shared));
    })
}

async fn accept(listener: TcpListener, port: Port, shared: Arc<Shared>) {
    let strangers = Arc::new(Strangers::new(STRANGERS_MAX));
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                let number = ConnectionNumber(shared.next_connection.fetch_add(1, Ordering::Relaxed));
                shared.attached.accepted(number, from);
                let sent_away = strangers.come(number);
                let (shared, strangers) = (Arc::clone(&shared), Arc::clone(&strangers));
                let farewell = shared.farewell.listen();
                connections.spawn(async move {
                    let state = Arc::new(ConnectionState::new(number, Arc::clone(&strangers)));
                    serve_connection(stream, port, &state, &shared, (sent_away, farewell)).await;
                    strangers.leave(number);
                    if let Some(epoch) = state.attached_for() {
                        shared.attached.leave(epoch, number, "its connection broke");
                    }
                    shared.attached.ended(number);
                    if state.is_known_to_rank.load(Ordering::Relaxed) {
                        (shared.sink)(ControlEvent::ConnectionGone { connection: number });
                    }
                });
            }
            Err(error) => {
                // Usually there is no descriptor left, and one may be free later.
                if let Some(passed_over) = shared.not_accepted.passed_over(Instant::now()) {
                    let error = with_advice(Wanted::Resource, &error);
                    tracing::warn!(error, ?port, passed_over, "a connection could not be accepted (one line in 10 s)");
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(
    stream: TcpStream,
    port: Port,
    state: &Arc<ConnectionState>,
    shared: &Arc<Shared>,
    (sent_away, farewell): (oneshot::Receiver<()>, FarewellHeard),
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let watched = watch(stream, state, shared);
    let caller = Caller { shared: Arc::clone(shared), state: Arc::clone(state) };
    let is_over = introduction_is_over(shared.settings.proof_deadline, sent_away);
    match port {
        Port::Init => {
            let service = PdInitServer::new(caller).max_decoding_message_size(INTRODUCTION_MAX_BYTES);
            drive(watched, port, (service.clone(), service), (state, shared), (is_over, farewell)).await;
        }
        Port::Alloc => {
            let stranger = PdAllocServer::new(caller.clone()).max_decoding_message_size(INTRODUCTION_MAX_BYTES);
            let attached = PdAllocServer::new(caller)
                .max_decoding_message_size(MESSAGE_MAX_BYTES)
                .max_encoding_message_size(MESSAGE_MAX_BYTES);
            drive(watched, port, (stranger, attached), (state, shared), (is_over, farewell)).await;
        }
    }
}

/// Reports the end of a connection that the rank knows to the rank.
fn watch(stream: TcpStream, state: &Arc<ConnectionState>, shared: &Arc<Shared>) -> WatchedStream {
    let (state, shared) = (Arc::clone(state), Arc::clone(shared));
    WatchedStream::new(
        stream,
        Box::new(move || {
            if let Some(epoch) = state.attached_for() {
                shared.attached.leave(epoch, state.number, "its kernel closed the connection");
            }
            if state.is_known_to_rank.load(Ordering::Relaxed) {
                (shared.sink)(ControlEvent::PeerClosed(ClosedByPeer::read_from_stream(state.number)));
            }
        }),
    )
}

/// Waits until a connection must be authenticated: until the deadline, or until a newer one needs its place.
async fn introduction_is_over(deadline: Duration, sent_away: oneshot::Receiver<()>) -> &'static str {
    let sent_away = async {
        if sent_away.await.is_err() {
            // It has ended by itself.
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = tokio::time::sleep(deadline) => "it did not attach in time",
        () = sent_away => "it had not authenticated, and a newer connection needed its place",
    }
}

/// Drives one connection to its end. A connection that is not attached when its introduction is over is closed: on the init
/// port, every connection.
async fn drive<S>(
    stream: WatchedStream,
    port: Port,
    (stranger, attached): (S, S),
    (state, shared): (&Arc<ConnectionState>, &Arc<Shared>),
    (introduction_is_over, mut farewell): (impl Future<Output = &'static str>, FarewellHeard),
) where
    S: Service<http::Request<Incoming>, Response = http::Response<Body>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send + 'static,
{
    let serving = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(shared.settings.keep_alive)
        .keep_alive_timeout(shared.settings.keep_alive)
        .max_header_list_size(HEADERS_MAX_BYTES)
        .max_concurrent_streams(CALLS_MAX)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .serve_connection(
            TokioIo::new(Gathered::new(stream)),
            service_fn(move |request| {
                let (services, shared) = ((stranger.clone(), attached.clone()), Arc::clone(shared));
                answer(port, services, Arc::clone(state), shared, request)
            }),
        );
    tokio::pin!(serving);
    let served = async {
        let reason = tokio::select! {
            ended = &mut serving => return ended,
            () = farewell.heard() => "the receiver is closing",
            reason = introduction_is_over => reason,
        };
        if !state.is_attached() {
            tracing::debug!(connection = state.number.0, reason, "a connection is closed");
            return Ok(());
        }
        tokio::select! {
            ended = &mut serving => return ended,
            () = farewell.heard() => {}
        }
        serving.as_mut().graceful_shutdown();
        serving.await
    };
    let ended = tokio::select! {
        ended = served => ended,
        () = state.told_to_go.notified() => {
            tracing::debug!(connection = state.number.0, "a connection is closed: its sender has attached many newer ones");
            return;
        }
    };
    if let Err(error) = ended {
        tracing::debug!(connection = state.number.0, %error, "a connection to the control ports broke");
    }
}

/// Answers a call. From an unauthenticated caller only a few small introductory calls are read.
async fn answer<S>(
    port: Port,
    (mut stranger, mut attached): (S, S),
    state: Arc<ConnectionState>,
    shared: Arc<Shared>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Body>, S::Error>
where
    S: Service<http::Request<Incoming>, Response = http::Response<Body>>,
{
    if Port::of_call(request.uri().path()).is_some_and(|of_call| of_call != port) {
        return Ok(port.mistaken(&shared.settings).into_http());
    }
    if state.is_attached() {
        return attached.call(request).await;
    }
    if !INTRODUCTORY_CALLS.contains(&request.uri().path()) {
        return Ok(Status::unauthenticated("call Attach first").into_http());
    }
    match state.introductory_calls.try_acquire() {
        Ok(_open) => stranger.call(request).await,
        Err(_) => Ok(Status::resource_exhausted("too many calls before Attach: make them one at a time").into_http()),
    }
}
