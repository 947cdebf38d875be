//! The control plane: what sender and receiver of one TP rank say to each other over the init and the alloc port, by gRPC.
//!
//! It carries the values of [`protocol`](super::protocol) and proves the shared secret; it decides nothing about slots. It
//! has to be run within the runtime of the rank's thread: every task it spawns belongs to that thread.

mod client;
mod connection;
mod encoding;
#[allow(missing_docs, unreachable_pub, clippy::all, reason = "generated from pd.proto by tests/pd_protocol.rs")]
#[rustfmt::skip]
mod generated;
mod liveness;
mod ports;
mod secret;
mod server;

pub(crate) use self::{
    client::{CallError, ConnectError, ConnectOutcome, ControlClient, ControlTarget, Introduced},
    connection::ConnectionHold,
    liveness::Liveness,
    ports::{ControlPorts, ListenAddresses},
    secret::SharedSecret,
    server::{ControlEvent, ControlSink, ServerSettings, serve},
};

/// The largest message either side takes: a reserve call of as many keys as may be in one.
const MESSAGE_MAX_BYTES: usize = 16 << 20;
/// Larger headers than the protocol ever has.
const HEADERS_MAX_BYTES: u32 = 16 << 10;
