//! How a receiver stops serving without losing answers on their way: a sender that waits for one hears that the receiver closes,
//! and does not have to guess from a broken connection.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

/// Ends the connections of a rank: those of strangers at once, attached ones when all their calls are answered. Each connection
/// has a receiver of it until its last byte is with the kernel.
#[derive(Debug, Clone, Default)]
pub(crate) struct Farewell(Arc<watch::Sender<bool>>);

impl Farewell {
    /// Takes no further calls, and waits until the answers to those that were taken are written, for this long at most. The rank
    /// has to answer meanwhile: a call without an answer keeps its connection. `false` where the time was up: a peer does not
    /// read, is frozen or is cut off.
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
    /// Waits until it is said.
    pub(super) async fn heard(&mut self) {
        // The server holds what says it as long as there are connections.
        let _ = self.0.wait_for(|said| *said).await;
    }
}
