//! The bounds of a tracker.

use std::time::Duration;

/// The limits of a tracker, in size and time.
#[derive(Debug, Clone)]
pub(in super::super) struct RequestLimits {
    /// Requests at once. One more ends the one that would be given up next.
    pub(in super::super) requests_max: usize,
    /// Keys of all requests together. A request with more is notified as failed at its end.
    pub(in super::super) keys_max: usize,
    /// How long a request that has ended waits for a key that is in no store task: the end of a request may overtake its last store.
    pub(in super::super) after_end: Duration,
    /// How long a request that has not ended is kept without an event. LMCache ends its sessions after 600 s.
    pub(in super::super) before_end: Duration,
    /// How long a request that is over is remembered, so that nothing late makes a second one of it.
    pub(in super::super) after_notice: Duration,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            requests_max: 65_536,
            keys_max: 524_288,
            after_end: Duration::from_secs(10),
            before_end: Duration::from_secs(900),
            after_notice: Duration::from_secs(60),
        }
    }
}
