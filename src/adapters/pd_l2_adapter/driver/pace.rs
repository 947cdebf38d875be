//! How often a rank's thread polls its transfer channel. Pure: time is an argument.
//!
//! Measured: NIXL moves nothing unless both sides poll; its own progress thread burns 0.9 of a core. A peer on this machine may
//! wait for this very core, and gets it if this thread yields between two polls. Where other work waits for it too, a yield lasts
//! 3 ms, and a thread that waits on a timer instead gets its core back at once.

use std::time::Duration;

/// Polling without a wait: long enough for a whole chunk over TCP, short enough not to burn a core for a lost peer.
const BUSY_FOR: Duration = Duration::from_millis(50);
/// The same where others want the core, with short waits after it.
const BRIEF_SPIN_FOR: Duration = Duration::from_micros(20);
const BUSY_WAIT: Duration = Duration::from_micros(50);
/// A yield that takes longer has given the core to other work.
const YIELD_BOUND: Duration = Duration::from_micros(500);
/// How many waits spin briefly after such a yield.
const BRIEF_SPINS: u16 = 256;
/// Polling once a millisecond after that.
const LIVELY_FOR: Duration = Duration::from_secs(5);
/// Between polls if nothing has happened for long: a frozen peer costs half a percent of a core.
const DROWSY_WAIT: Duration = Duration::from_millis(20);

/// What to do before the next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Pause {
    /// Go on at once, after looking for events.
    None,
    /// The same, after other threads that want this core have had it.
    Yield,
    /// Wait this long, or until an event.
    For(Duration),
    /// Nothing is in flight: wait for an event.
    UntilEvent,
}

/// Belongs to one rank's thread.
#[derive(Debug, Default)]
pub(in super::super) struct Pace {
    last_activity: Duration,
    /// Whether something is in flight since then.
    is_waiting: bool,
    /// When the thread was last told to yield, if it has not come back since.
    yielded_at: Option<Duration>,
    brief_spins_left: u16,
}

impl Pace {
    /// Records an event: a call, a command, a write that was posted or has ended.
    pub(in super::super) fn activity(&mut self, now: Duration) {
        self.is_back(now);
        if std::mem::take(&mut self.is_waiting) {
            self.brief_spins_left = self.brief_spins_left.saturating_sub(1);
        }
        self.last_activity = now;
    }

    /// What to do next; `in_flight`: whether a transfer may be in progress.
    pub(in super::super) fn pause(&mut self, now: Duration, in_flight: bool) -> Pause {
        self.is_back(now);
        if !in_flight {
            return Pause::UntilEvent;
        }
        self.is_waiting = true;
        match now.saturating_sub(self.last_activity) {
            quiet if quiet < BUSY_FOR && self.brief_spins_left == 0 => {
                self.yielded_at = Some(now);
                Pause::Yield
            }
            quiet if quiet < BRIEF_SPIN_FOR => Pause::None,
            quiet if quiet < BUSY_FOR => Pause::For(BUSY_WAIT),
            quiet if quiet < LIVELY_FOR => Pause::For(Duration::from_millis(1)),
            _ => Pause::For(DROWSY_WAIT),
        }
    }

    fn is_back(&mut self, now: Duration) {
        if self.yielded_at.take().is_some_and(|at| now.saturating_sub(at) > YIELD_BOUND) {
            self.brief_spins_left = BRIEF_SPINS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_with_nothing_in_flight_waits_for_an_event() {
        assert_eq!(Pace::default().pause(Duration::ZERO, false), Pause::UntilEvent);
    }

    #[test]
    fn after_a_yield_that_took_long_spins_are_brief_and_do_not_yield_until_one_is_tried_again() {
        let (mut pace, start) = (Pace::default(), Duration::ZERO);
        assert_eq!(pace.pause(start, true), Pause::Yield);
        let now = start + YIELD_BOUND;
        pace.activity(now);
        assert_eq!(pace.pause(now, true), Pause::Yield, "it took as long as it may");
        let now = now + YIELD_BOUND + Duration::from_nanos(1);
        pace.activity(now);
        for _ in 1..BRIEF_SPINS {
            assert_eq!(pace.pause(now, true), Pause::None);
            assert_eq!(pace.pause(now + BRIEF_SPIN_FOR, true), Pause::For(BUSY_WAIT));
            pace.activity(now);
        }
        assert_eq!(pace.pause(now, true), Pause::Yield);
    }

    #[test]
    fn polls_become_rarer_without_events_and_frequent_again_after_one() {
        let mut pace = Pace::default();
        assert_eq!(pace.pause(Duration::ZERO, true), Pause::Yield);
        pace.activity(Duration::ZERO);
        assert_eq!(pace.pause(BUSY_FOR - Duration::from_nanos(1), true), Pause::Yield);
        assert_eq!(pace.pause(BUSY_FOR, true), Pause::For(Duration::from_millis(1)));
        assert_eq!(pace.pause(LIVELY_FOR, true), Pause::For(DROWSY_WAIT));
        pace.activity(LIVELY_FOR);
        assert_eq!(pace.pause(LIVELY_FOR, true), Pause::Yield);
    }
}
