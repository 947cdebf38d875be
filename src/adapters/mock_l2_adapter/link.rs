//! A link with a simulated bandwidth: items arrive in order, each after the time that its bytes take.
#![deny(clippy::disallowed_methods)]

use std::{collections::VecDeque, time::Duration};

/// Invariant: waiting items arrive in order of time, the last one when the link is free again.
#[derive(Debug)]
pub(super) struct Link<T> {
    bytes_per_second: f64,
    free_at: Duration,
    waiting: VecDeque<(Duration, T)>,
}

impl<T> Link<T> {
    pub(super) fn new(bytes_per_second: f64) -> Self {
        Self { bytes_per_second, free_at: Duration::ZERO, waiting: VecDeque::new() }
    }

    pub(super) fn send(&mut self, now: Duration, bytes: u64, what: T) {
        let takes = Duration::try_from_secs_f64(bytes as f64 / self.bytes_per_second).unwrap_or(Duration::MAX);
        self.free_at = self.free_at.max(now).saturating_add(takes);
        self.waiting.push_back((self.free_at, what));
    }

    /// The next item that has arrived and was not taken.
    pub(super) fn take_arrived(&mut self, now: Duration) -> Option<T> {
        self.waiting.pop_front_if(|(at, _)| *at <= now).map(|(_, what)| what)
    }

    /// When the next item arrives.
    pub(super) fn next_arrival(&self) -> Option<Duration> {
        self.waiting.front().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn an_item_arrives_after_the_time_of_its_bytes() {
        let mut link = Link::new(100.0);
        link.send(SECOND, 50, "first");
        assert_eq!(link.next_arrival(), Some(SECOND * 3 / 2));
        assert_eq!(link.take_arrived(SECOND * 3 / 2 - Duration::from_nanos(1)), None);
        assert_eq!(link.take_arrived(SECOND * 3 / 2), Some("first"));
        assert_eq!(link.next_arrival(), None);
    }

    #[test]
    fn an_item_waits_for_earlier_ones() {
        let mut link = Link::new(100.0);
        link.send(Duration::ZERO, 100, "first");
        link.send(Duration::ZERO, 100, "second");
        link.send(SECOND * 9, 100, "third");
        let arrivals: Vec<_> = (0..=10).map(|second| link.take_arrived(SECOND * second)).collect();
        assert_eq!((arrivals[1], arrivals[2], arrivals[10]), (Some("first"), Some("second"), Some("third")));
        assert_eq!(arrivals.iter().flatten().count(), 3);
    }

    #[test]
    fn a_link_may_be_slower_than_the_clocks_range() {
        let mut link = Link::new(f64::MIN_POSITIVE);
        link.send(SECOND, u64::MAX, "never");
        assert_eq!((link.take_arrived(SECOND * 1_000_000), link.next_arrival()), (None, Some(Duration::MAX)));
    }
}
