//! The control plane: gRPC between the sender and the receiver of one TP rank, over the init and the alloc port.
//!
//! It carries the values of [`protocol`](super::protocol) and proves the shared secret; it makes no decisions about slots. It
//! must run inside the runtime of the rank's thread, which owns every task that it spawns.
//!
//! ```text
//! connecting            a sender's way to a receiver: addresses, init port, alloc port
//! client, server        the two ends of a connection; `answering` handles a server's calls
//! ports                 the two ports of a receiver's rank
//! shared, attached      the state of a rank's ports; its attached connections
//! strangers, sparse     unauthenticated connections; the rate limit of their log lines
//! events, farewell      events for the rank's thread; the end of serving
//! secret, incarnation   proofs of the shared secret; secrets of incarnations. Pure
//! misdirection          messages about mixed-up ports. Pure
//! encoding, naming      between values and messages; `unreadable` is the error
//! connection, gathered  TCP streams; one write for each call
//! generated, fuzz       the code of pd.proto; fuzz targets
//! ```

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

/// The largest message that either side accepts: a reserve call with the maximum number of keys.
const MESSAGE_MAX_BYTES: usize = 16 << 20;
/// The largest message that a receiver accepts from an unauthenticated sender.
const INTRODUCTION_MAX_BYTES: usize = 4 << 10;
/// Larger than any headers of the protocol.
const HEADERS_MAX_BYTES: u32 = 4 << 10;
/// How many unread bytes may be in flight to one end of a connection: what a stranger can make us buffer.
const WINDOW_BYTES: u32 = 256 << 10;
