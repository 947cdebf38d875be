//! A running PD adapter: the threads of its TP ranks, and what a server sees of them.
//!
//! Every rank has one thread that owns the rank's transfer channel, its sockets and its state machine, since NIXL is
//! serial for each agent and every hop between threads costs a wake-up of 29 microseconds (measured). This module hands
//! tasks to those threads and never waits for them.

mod adapter;
mod connections;
mod deletions;
mod following;
mod incarnation;
mod lending;
mod memory;
mod messages;
mod metrics;
mod rank;
mod ranks;
mod receiving;
mod requests;
mod sending;
mod settings;
mod status;
mod unusable;
mod wait;
mod words;

pub use adapter::PdL2Adapter;
pub(super) use settings::{SLOT_ALIGNMENT_BYTES, STAGED_WRITE_MAX_BYTES};
pub use words::RequestWords;
