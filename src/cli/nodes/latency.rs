//! Measured times and their statistics.

use std::time::Duration;

/// Times of the same thing, in the order they were measured.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(in crate::cli) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(in crate::cli) fn extend(&mut self, times: impl IntoIterator<Item = Duration>) {
        self.0.extend(times);
    }

    /// A percentile of the times; zero if nothing was measured.
    pub(in crate::cli) fn percentile(&self, percent: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    pub(in crate::cli) fn median(&self) -> Duration {
        self.percentile(50.0)
    }

    pub(in crate::cli) fn total(&self) -> Duration {
        self.0.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_measured_times() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.median(), Duration::ZERO);
        latencies.extend((1..=100).rev().map(Duration::from_micros));
        assert_eq!(latencies.median(), Duration::from_micros(50));
        assert_eq!(latencies.percentile(99.0), Duration::from_micros(99));
        assert_eq!(latencies.percentile(100.0), Duration::from_micros(100));
    }
}
