//! Log lines that strangers can cause as often as they like.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// So many lines are let through in this time.
const EVERY: Duration = Duration::from_secs(10);

/// Lets some of many lines through. Used by the tasks of a port's connections.
#[derive(Debug)]
pub(super) struct Sparse {
    lines_max: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the first of the lines was written that count now.
    since: Option<Instant>,
    lines: u64,
    passed_over: u64,
}

impl Sparse {
    /// Lets so many lines through in ten seconds.
    pub(super) fn of_lines(lines_max: u64) -> Self {
        Self { lines_max, state: Mutex::default() }
    }

    /// How many lines were passed over since the last, if this one may be written.
    pub(super) fn passed_over(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.since.is_none_or(|since| now.saturating_duration_since(since) >= EVERY) {
            (state.since, state.lines) = (Some(now), 0);
        }
        if state.lines >= self.lines_max {
            state.passed_over += 1;
            return None;
        }
        state.lines += 1;
        Some(std::mem::take(&mut state.passed_over))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_ten_seconds_says_how_many_there_were() {
        let (sparse, start) = (Sparse::of_lines(1), Instant::now());
        let lines: Vec<_> = (0..300).filter_map(|turn| sparse.passed_over(start + turn * EVERY / 100)).collect();
        assert_eq!(lines, [0, 99, 99]);
    }

    #[test]
    fn so_many_lines_in_ten_seconds_are_written_and_no_more() {
        let (sparse, start) = (Sparse::of_lines(3), Instant::now());
        let lines: Vec<_> = (0..200).filter_map(|turn| sparse.passed_over(start + turn * EVERY / 100)).collect();
        assert_eq!(lines, [0, 0, 0, 97, 0, 0]);
    }
}
