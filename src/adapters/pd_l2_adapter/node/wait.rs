//! How a rank's thread waits: for its queue, for a deadline, and in between for the next look at the transfer channel.

use std::time::Duration;

use tokio::sync::mpsc;

use super::pace::Pause;

/// The first event that comes, or `None` when the deadline or the pause is over.
pub(super) async fn next_event<E>(
    events: &mut mpsc::UnboundedReceiver<E>,
    deadline: Option<Duration>,
    pause: Pause,
) -> Option<E> {
    let timeout = match pause {
        Pause::None => {
            // A peer on this machine may be copying on this very processor: measured, a write to a receiver that polls without
            // this takes twice as long wherever the two are put together.
            std::thread::yield_now();
            // Lets the sockets' tasks run, and the runtime look at the sockets.
            tokio::task::yield_now().await;
            return events.try_recv().ok();
        }
        Pause::For(pause) => Some(deadline.map_or(pause, |deadline| deadline.min(pause))),
        Pause::UntilEvent => deadline,
    };
    match timeout {
        // The queue is never closed: its reader holds a sender of it.
        None => events.recv().await,
        Some(timeout) => tokio::time::timeout(timeout, events.recv()).await.ok().flatten(),
    }
}
