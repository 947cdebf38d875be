//! Delays between attempts.

use std::time::Duration;

/// Doublings of the first delay.
const DOUBLINGS_MAX: u32 = 8;

/// Delays that double with each failed attempt, and are spread so that many senders do not reconnect in step.
#[derive(Debug)]
pub(super) struct Backoff {
    /// Failed attempts since the last success.
    failures: u32,
    random: fastrand::Rng,
}

impl Backoff {
    pub(super) fn new(random_seed: u64) -> Self {
        Self { failures: 0, random: fastrand::Rng::with_seed(random_seed) }
    }

    /// An attempt has succeeded.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// An attempt has failed. Returns the delay before the next one: at least half of the full delay.
    pub(super) fn delay(&mut self, first: Duration, most: Duration) -> Duration {
        let delay = (first * (1 << self.failures.min(DOUBLINGS_MAX))).min(most);
        self.failures = self.failures.saturating_add(1);
        delay / 2 + delay.mul_f64(self.random.f64() / 2.0)
    }
}
