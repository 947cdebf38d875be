//! Clocks of nodes. Each starts at another time, and runs a little fast or slow.

use std::time::Duration;

/// The world's own time in microseconds, which no node can read.
pub(super) type Micros = u64;

pub(super) const MILLISECOND: Micros = 1000;
const MILLION: u64 = 1_000_000;

#[derive(Debug, Clone, Copy)]
pub(super) struct NodeClock {
    pub(super) offset: Micros,
    /// How many microseconds it advances in a million of the world's.
    pub(super) rate: u64,
}

impl NodeClock {
    pub(super) fn read(&self, now: Micros) -> Duration {
        Duration::from_micros(self.offset + now * self.rate / MILLION)
    }

    /// The first moment of the world at which this clock shows at least this time.
    pub(super) fn when(&self, shows: Duration) -> Micros {
        let shows = u64::try_from(shows.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX);
        (shows.saturating_sub(self.offset)).saturating_mul(MILLION).div_ceil(self.rate)
    }
}
