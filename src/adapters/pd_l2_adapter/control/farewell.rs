//! Ends a receiver's service without losing answers: each waiting sender is answered that the receiver is closing, and need not
//! guess from a broken connection.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

/// Ends the connections of a rank: unauthenticated ones at once, attached ones when all their calls are answered. Each
/// connection holds a receiver of it until its last byte is passed to the kernel.
#[derive(Debug, Clone, Default)]
pub(crate) struct Farewell(Arc<watch::Sender<bool>>);

impl Farewell {
    /// Accepts no more calls and waits until the answers to the accepted ones are written, for at most this long. The rank must
    /// answer meanwhile: a call without an answer keeps its connection open. `false` if the time was up: a peer does not read,
    /// is frozen or is cut off.
    pub(crate) async fn say(&self, at_most: Duration) -> bool {
        self.0.send_replace(true);
        tokio::time::timeout(at_most, self.0.closed()).await.is_ok()
    }

    pub(super) fn listen(&self) -> FarewellHeard {
        FarewellHeard(self.0.subscribe())
    }
}

/// A connection's end of a [`Farewell`].
#[derive(Debug)]
pub(super) struct FarewellHeard(watch::Receiver<bool>);

impl FarewellHeard {
    /// Waits for the farewell.
    pub(super) async fn heard(&mut self) {
        // The server holds the sending end as long as there are connections.
        let _ = self.0.wait_for(|said| *said).await;
    }
}
