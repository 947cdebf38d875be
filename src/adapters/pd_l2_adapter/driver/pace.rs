//! How often a rank's thread polls its transfer channel. Pure: time is an argument.
//!
//! Measured: NIXL moves nothing unless both sides poll; its own progress thread burns 0.9 of a core. On a machine whose cores
//! are all busy, a thread that polls without a wait, or yields between two polls, loses its core for 3 ms at a time, and one
//! that waits gets it back at once.

use std::time::Duration;

/// Polling without a wait: as long as a small write and the call that follows it take on a quiet machine. A thread that polls
/// for longer may keep a peer on its own core from what it waits for.
const SPIN_FOR: Duration = Duration::from_micros(60);
/// Polling with short waits after that: long enough for a whole chunk over TCP.
const BUSY_FOR: Duration = Duration::from_millis(50);
const BUSY_WAIT: Duration = Duration::from_micros(50);
/// Polling once a millisecond after that.
const LIVELY_FOR: Duration = Duration::from_secs(5);
/// Between polls if nothing has happened for long: a frozen peer costs half a percent of a core.
const DROWSY_WAIT: Duration = Duration::from_millis(20);

/// What to do before the next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Pause {
    /// Go on at once, after looking for events.
    None,
    /// Wait this long, or until an event.
    For(Duration),
    /// Nothing is in flight: wait for an event.
    UntilEvent,
}

/// Belongs to one rank's thread.
#[derive(Debug, Default)]
pub(in super::super) struct Pace {
    last_activity: Duration,
}

impl Pace {
    /// Records an event: a call, a command, an ended write.
    pub(in super::super) fn activity(&mut self, now: Duration) {
        self.last_activity = now;
    }

    /// What to do next; `in_flight`: whether a transfer may be in progress.
    pub(in super::super) fn pause(&self, now: Duration, in_flight: bool) -> Pause {
        if !in_flight {
            return Pause::UntilEvent;
        }
        match now.saturating_sub(self.last_activity) {
            quiet if quiet < SPIN_FOR => Pause::None,
            quiet if quiet < BUSY_FOR => Pause::For(BUSY_WAIT),
            quiet if quiet < LIVELY_FOR => Pause::For(Duration::from_millis(1)),
            _ => Pause::For(DROWSY_WAIT),
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
    fn polls_become_rarer_without_events_and_frequent_again_after_one() {
        let mut pace = Pace::default();
        assert_eq!(pace.pause(SPIN_FOR - Duration::from_nanos(1), true), Pause::None);
        assert_eq!(pace.pause(SPIN_FOR, true), Pause::For(BUSY_WAIT));
        assert_eq!(pace.pause(BUSY_FOR, true), Pause::For(Duration::from_millis(1)));
        assert_eq!(pace.pause(LIVELY_FOR, true), Pause::For(DROWSY_WAIT));
        pace.activity(LIVELY_FOR);
        assert_eq!(pace.pause(LIVELY_FOR, true), Pause::None);
    }
}
