//! The control plane: what sender and receiver of one TP rank say to each other over the init and the alloc port, by gRPC.
//!
//! It carries the values of [`protocol`](super::protocol) and proves the shared secret; it decides nothing about slots. It
//! has to be run within the runtime of the rank's thread: every task it spawns belongs to that thread.

mod answering;
mod attached;
mod client;
mod connecting;
mod connection;
mod encoding;
mod events;
mod farewell;
#[cfg(any(fuzzing, test))]
mod fuzz;
mod gathered;
#[allow(missing_docs, unnameable_types, unreachable_pub, clippy::all, reason = "generated from pd.proto by tests/pd_protocol.rs")]
#[rustfmt::skip]
mod generated;
mod incarnation;
mod misdirection;
mod naming;
mod ports;
mod secret;
mod server;
mod shared;
mod sparse;
mod strangers;
#[cfg(test)]
mod tests;
mod unreadable;

#[cfg(any(fuzzing, test))]
pub(crate) use self::fuzz::fuzz_control_messages;
pub(crate) use self::{
    client::{CallError, ConnectionHold, ControlClient},
    connecting::{ConnectError, ConnectOutcome, ControlTarget, Introduced},
    connection::SocketsStayOpen,
    events::{ControlEvent, ControlSink},
    farewell::Farewell,
    incarnation::IncarnationKey,
    ports::{ControlPorts, ListenAddresses},
    secret::SharedSecret,
    server::serve,
    shared::ServerSettings,
};

/// The largest message either side takes: a reserve call of as many keys as may be in one.
const MESSAGE_MAX_BYTES: usize = 16 << 20;
/// The largest message a receiver takes from a sender that it does not know yet.
const INTRODUCTION_MAX_BYTES: usize = 4 << 10;
/// Larger headers than the protocol ever has.
const HEADERS_MAX_BYTES: u32 = 4 << 10;
/// How much may be on its way to one end of a connection without having been taken: what a stranger can make us keep.
const WINDOW_BYTES: u32 = 256 << 10;
