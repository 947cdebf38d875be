//! Log lines that strangers can cause as often as they like.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// One line is let through in this time.
const EVERY: Duration = Duration::from_secs(10);

/// Lets some of many lines through. Used by the tasks of a port's connections.
#[derive(Debug, Default)]
pub(super) struct Sparse(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    passed_over: u64,
}

impl Sparse {
    /// How many lines were passed over since the last, if this one may be written.
    pub(super) fn passed_over(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.is_some_and(|last| now.saturating_duration_since(last) < EVERY) {
            state.passed_over += 1;
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.passed_over))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_ten_seconds_says_how_many_there_were() {
        let (sparse, start) = (Sparse::default(), Instant::now());
        let lines: Vec<_> = (0..300).filter_map(|turn| sparse.passed_over(start + turn * EVERY / 100)).collect();
        assert_eq!(lines, [0, 99, 99]);
    }
}
