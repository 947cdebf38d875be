//! How often a rank's thread looks at its transfer channel. Pure: it is told the time.
//!
//! Measured: NIXL moves nothing unless both sides poll; its own progress thread burns 0.9 of a core; a sleep of 50
//! microseconds lasts 134; tokio's timer ticks once a millisecond.

use std::time::Duration;

/// Without a wait between polls: long enough for a whole chunk over TCP, short enough not to burn a core for a peer that is
/// gone.
const BUSY_FOR: Duration = Duration::from_millis(50);
/// With a millisecond between polls after that.
const LIVELY_FOR: Duration = Duration::from_secs(5);
/// Between polls where nothing has happened for long: a frozen peer costs half a percent of a core.
const DROWSY_WAIT: Duration = Duration::from_millis(20);

/// What to do before the next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Pause {
    /// Only look whether there is something else to do.
    None,
    /// Wait this long, unless something else comes.
    For(Duration),
    /// Nothing is in flight: wait for something else.
    UntilEvent,
}

/// Belongs to one rank's thread.
#[derive(Debug, Default)]
pub(in super::super) struct Pace {
    last_activity: Duration,
}

impl Pace {
    /// Something happened: a call, a command, an ended write.
    pub(in super::super) fn activity(&mut self, now: Duration) {
        self.last_activity = now;
    }

    /// What to do, `in_flight` saying whether a transfer may be under way.
    pub(in super::super) fn pause(&self, now: Duration, in_flight: bool) -> Pause {
        if !in_flight {
            return Pause::UntilEvent;
        }
        match now.saturating_sub(self.last_activity) {
            quiet if quiet < BUSY_FOR => Pause::None,
            quiet if quiet < LIVELY_FOR => Pause::For(Duration::from_millis(1)),
            _ => Pause::For(DROWSY_WAIT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_with_nothing_in_flight_sleeps() {
        assert_eq!(Pace::default().pause(Duration::ZERO, false), Pause::UntilEvent);
    }

    #[test]
    fn polls_grow_rarer_the_longer_nothing_happens_and_are_dense_again_at_once() {
        let mut pace = Pace::default();
        assert_eq!(pace.pause(BUSY_FOR - Duration::from_nanos(1), true), Pause::None);
        assert_eq!(pace.pause(BUSY_FOR, true), Pause::For(Duration::from_millis(1)));
        assert_eq!(pace.pause(LIVELY_FOR, true), Pause::For(DROWSY_WAIT));
        pace.activity(LIVELY_FOR);
        assert_eq!(pace.pause(LIVELY_FOR, true), Pause::None);
    }
}
