//! What a receiver's ports tell the rank's thread.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::adapters::pd_l2_adapter::protocol::{CallId, ClosedByPeer, ConnectionNumber, ControlAnswer, ControlCall};

/// A call, or something that happened to a connection or call.
#[derive(Debug)]
pub(crate) enum ControlEvent {
    /// An answer whose caller is gone goes nowhere.
    Call { call: CallId, request: ControlCall, answer: oneshot::Sender<ControlAnswer> },
    /// Nobody waits for the answer to a call any more.
    CallAbandoned { call: CallId },
    /// The peer's kernel has closed or reset a connection that somebody has asked to attach.
    PeerClosed(ClosedByPeer),
    /// Such a connection is gone, for whatever reason. Comes after `PeerClosed`, where that comes.
    ConnectionGone { connection: ConnectionNumber },
}

/// Where events go. How many are on their way is bounded by connections and calls.
pub(crate) type ControlSink = Arc<dyn Fn(ControlEvent) + Send + Sync>;
