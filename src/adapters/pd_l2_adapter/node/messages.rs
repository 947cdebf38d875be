//! Messages to the threads of TP ranks, with the destinations of results.

use std::time::Duration;

use super::deletions::Place;
use crate::{
    adapter::{BitmapShare, LoadChunk, ObjectKey, StoreChunk, StoreShare, TaskId},
    adapters::pd_l2_adapter::{
        control::{ConnectOutcome, ControlEvent},
        driver::Answered,
        receiver::WantedLayouts,
    },
};

/// For the thread of a sender's rank: from the adapter, and from the calls it has made itself.
pub(super) enum SenderMessage {
    Store {
        task: TaskId,
        chunks: Vec<StoreChunk>,
        share: StoreShare,
    },
    Connected {
        attempt: u64,
        outcome: Box<ConnectOutcome>,
    },
    /// The connection of that attempt is closed.
    ConnectionLost {
        connection: u64,
        reason: String,
    },
    Answered(Answered),
    /// Measure an empty call over the connection in use; without one there is no result.
    #[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the command line asks"))]
    Ping {
        took: std::sync::mpsc::Sender<Duration>,
    },
    Close,
}

/// For the thread of a receiver's rank: from the adapter, and from its own ports.
pub(super) enum ReceiverMessage {
    LookupAndLock { keys: Vec<ObjectKey>, layouts: WantedLayouts, share: BitmapShare },
    Unlock { keys: Vec<ObjectKey> },
    Load { chunks: Vec<LoadChunk>, share: BitmapShare },
    Delete { keys: Vec<ObjectKey>, place: Place },
    Control(ControlEvent),
    Close,
}
