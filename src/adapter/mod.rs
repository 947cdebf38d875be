//! What an L2 adapter *is*, whatever its type: the contract between a server and the code that keeps its KV chunks
//! somewhere else. It knows no adapter type and no configuration.

mod creation;

pub use creation::{Clock, CreateError, CreationContext, L1Arena, SystemClock};

use std::fmt;

/// A running L2 adapter.
///
/// # Contract
///
/// An adapter belongs to the thread that created it until it is handed on; `Send` lets a server hand it to its
/// controller. [`close`](Self::close) is called once by a well-behaved server, but calling it again must do no harm.
///
/// # Display
///
/// `Display` names the adapter for logs: its type and what tells it from others of that type, never a secret.
pub trait L2Adapter: Send + fmt::Debug + fmt::Display {
    /// The `type` name of the config it was created from.
    fn type_name(&self) -> &'static str;

    /// Whether the adapter serves.
    fn status(&self) -> AdapterStatus;

    /// Stops serving and gives back every descriptor, thread and port. Idempotent, and bounded in time.
    fn close(&mut self);
}

/// Whether an adapter serves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdapterStatus {
    /// It serves.
    Healthy,
    /// It does not, for this reason.
    Unhealthy(String),
    /// It was closed.
    Closed,
}
