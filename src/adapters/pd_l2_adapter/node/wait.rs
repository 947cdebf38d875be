//! How a rank's thread waits: for its queue, for a deadline, and in between for the next look at the transfer channel.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::adapters::pd_l2_adapter::driver::{Pause, Rest};

/// The messages that are handled before a turn, in which their responses leave and the channel is polled.
pub(super) const BATCH_MAX: usize = 1024;

/// The first message that comes, or `None` when the next turn is due or the channel is to be polled.
pub(super) async fn next_message<M>(messages: &mut mpsc::UnboundedReceiver<M>, rest: Rest, now: Duration) -> Option<M> {
    let left = rest.due.map(|due| due.saturating_sub(now));
    let timeout = match rest.pause {
        Pause::None => {
            // A peer on this machine may be copying on this very processor: measured, a write to a receiver that polls without
            // this takes twice as long where the two are combined.
            std::thread::yield_now();
            // Lets the sockets' tasks run, and the runtime look at the sockets.
            tokio::task::yield_now().await;
            return messages.try_recv().ok();
        }
        Pause::For(pause) => Some(left.map_or(pause, |left| left.min(pause))),
        Pause::UntilEvent => left,
    };
    match timeout {
        // The queue is never closed: its reader holds a sender of it.
        None => messages.recv().await,
        Some(timeout) => tokio::time::timeout(timeout, messages.recv()).await.ok().flatten(),
    }
}
