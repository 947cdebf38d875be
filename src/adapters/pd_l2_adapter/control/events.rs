//! Events from a receiver's ports to the rank's thread.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::adapters::pd_l2_adapter::protocol::{CallId, ClosedByPeer, ConnectionNumber, ControlAnswer, ControlCall};

/// A call, or an event of a connection or call.
#[derive(Debug)]
pub(crate) enum ControlEvent {
    /// An answer to a disconnected caller is discarded.
    Call { call: CallId, request: ControlCall, answer: oneshot::Sender<ControlAnswer> },
    /// The caller of a call has disconnected.
    CallAbandoned { call: CallId },
    /// The peer's kernel has closed or reset a connection for which an `Attach` call has arrived.
    PeerClosed(ClosedByPeer),
    /// Such a connection has ended, for whatever reason. Follows `PeerClosed`, if that is sent.
    ConnectionGone { connection: ConnectionNumber },
}

/// The receiver of events. Connections and calls bound how many are in flight.
pub(crate) type ControlSink = Arc<dyn Fn(ControlEvent) + Send + Sync>;
