//! A running PD adapter: the threads of its TP ranks, and the interface for its server.
//!
//! Every rank has one thread that owns the rank's transfer channel, its sockets and its state machine, since NIXL is
//! serial for each agent and every hop between threads costs a wake-up of 29 microseconds (measured). This module hands
//! tasks to those threads and never waits for them.
//!
//! ```text
//! adapter               the contract of an L2 adapter
//! following, requests   the requests of a node: with clock and proxy; the pure tracker
//! metrics, status       OpenMetrics text; the status that a rank's thread publishes
//! ranks, rank           the threads of all ranks; start and end of one
//! sending, receiving    the thread of a sender's rank, of a receiver's rank
//! connections           a sender's connections
//! wait, lending         how a thread waits; whether it may still touch lent buffers
//! messages, deletions   messages to the threads; keys to delete
//! settings, memory      settings from spec and server; the memory that a process may have
//! incarnation, words    keys of incarnations; parameters of requests
//! unusable              why a node cannot be created
//! ```

mod adapter;
mod connections;
mod deletions;
mod following;
mod incarnation;
mod lending;
pub(super) mod memory;
mod messages;
mod metrics;
mod rank;
mod ranks;
mod receiving;
mod requests;
mod sending;
pub(super) mod settings;
mod status;
mod unusable;
mod wait;
mod words;

pub use adapter::PdL2Adapter;
#[cfg(feature = "cli")]
pub(super) use settings::{SLOT_ALIGNMENT_BYTES, STAGED_WRITE_MAX_BYTES};
pub use words::RequestWords;
