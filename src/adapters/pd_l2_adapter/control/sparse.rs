//! Rate limit for log lines that strangers can cause.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The period in which a limited number of lines is written.
const EVERY: Duration = Duration::from_secs(10);

/// Limits the lines of one kind. Used by the tasks of a port's connections.
#[derive(Debug)]
pub(super) struct Sparse {
    lines_max: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the current period started.
    since: Option<Instant>,
    lines: u64,
    passed_over: u64,
}

impl Sparse {
    /// Allows this many lines in ten seconds.
    pub(super) fn of_lines(lines_max: u64) -> Self {
        Self { lines_max, state: Mutex::default() }
    }

    /// If a line may be written now, the number of lines that were suppressed since the last one.
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
    fn each_line_reports_how_many_were_suppressed() {
        let (sparse, start) = (Sparse::of_lines(1), Instant::now());
        let lines: Vec<_> = (0..300).filter_map(|turn| sparse.passed_over(start + turn * EVERY / 100)).collect();
        assert_eq!(lines, [0, 99, 99]);
    }

    #[test]
    fn no_more_than_the_allowed_lines_are_written_in_ten_seconds() {
        let (sparse, start) = (Sparse::of_lines(3), Instant::now());
        let lines: Vec<_> = (0..200).filter_map(|turn| sparse.passed_over(start + turn * EVERY / 100)).collect();
        assert_eq!(lines, [0, 0, 0, 97, 0, 0]);
    }
}
