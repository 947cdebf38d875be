//! The state that the connections of a rank's ports share.

use std::{sync::atomic::AtomicU64, time::Duration};

use super::{attached::Attached, events::ControlSink, farewell::Farewell, secret::SharedSecret, sparse::Sparse};
use crate::adapters::pd_l2_adapter::protocol::{Epoch, RankPorts};

/// How a rank's ports are served.
#[derive(Debug, Clone)]
pub(crate) struct ServerSettings {
    pub(crate) secret: SharedSecret,
    /// The receiver's incarnation, which its nonces contain.
    pub(crate) epoch: Epoch,
    pub(crate) tp_rank: u32,
    pub(crate) ports: RankPorts,
    /// How long a connection may take to prove itself.
    pub(crate) proof_deadline: Duration,
    /// How long a connection may be idle before it is probed, and how long a probe may be unanswered before the connection is
    /// closed.
    pub(crate) keep_alive: Duration,
}

/// The state that all connections of a rank share.
pub(super) struct Shared {
    pub(super) settings: ServerSettings,
    pub(super) sink: ControlSink,
    pub(super) next_connection: AtomicU64,
    pub(super) next_call: AtomicU64,
    pub(super) next_nonce: AtomicU64,
    pub(super) attached: Attached,
    pub(super) farewell: Farewell,
    /// Lines about handshakes that are refused.
    pub(super) refusals: Sparse,
    /// Lines about connections that could not be accepted.
    pub(super) not_accepted: Sparse,
}

impl Shared {
    pub(super) fn new(settings: ServerSettings, sink: ControlSink, farewell: Farewell) -> Self {
        Self {
            attached: Attached::new(settings.tp_rank),
            settings,
            sink,
            next_connection: AtomicU64::new(1),
            next_call: AtomicU64::new(1),
            next_nonce: AtomicU64::new(1),
            farewell,
            refusals: Sparse::of_lines(1),
            not_accepted: Sparse::of_lines(1),
        }
    }
}
