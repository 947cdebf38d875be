//! When a sender's log reports that its receiver was not reached, was lost, or is back. Pure: time is an argument.

use std::time::Duration;

/// The shortest time between two lines. The second one reports the state at that time.
const EVERY: Duration = Duration::from_secs(10);

/// Belongs to the thread of a sender's rank.
#[derive(Debug)]
pub(in super::super) struct Announcer {
    /// How long a receiver may take at the start before the log reports it.
    patience: Duration,
    started: Duration,
    /// The last report and its time: the reason why the receiver is not reached, or `None` if it is.
    said: Option<(Option<String>, Duration)>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Announcement {
    Reached,
    NotReached(String),
    Lost(String),
}

impl Announcer {
    pub(in super::super) fn new(patience: Duration, now: Duration) -> Self {
        Self { patience, started: now, said: None }
    }

    /// The line to log now, if any. `trouble` is why the receiver is not reached, `None` if it is. To be called again and
    /// again.
    pub(in super::super) fn observe(&mut self, now: Duration, trouble: Option<&str>) -> Option<Announcement> {
        let announcement = match (&self.said, trouble) {
            (None, None) => Announcement::Reached,
            (None, Some(_)) if now < self.started + self.patience => return None,
            (None, Some(reason)) => Announcement::NotReached(reason.to_owned()),
            (Some((said, _)), _) if said.as_deref() == trouble => return None,
            (Some((_, at)), _) if now < *at + EVERY => return None,
            (Some(_), None) => Announcement::Reached,
            (Some((Some(_), _)), Some(reason)) => Announcement::NotReached(reason.to_owned()),
            (Some((None, _)), Some(reason)) => Announcement::Lost(reason.to_owned()),
        };
        self.said = Some((trouble.map(str::to_owned), now));
        Some(announcement)
    }
}

#[cfg(test)]
mod tests {
    use super::{Announcement::*, *};

    const START: Duration = Duration::from_secs(100);

    fn at(seconds: u64) -> Duration {
        START + Duration::from_secs(seconds)
    }

    fn announcer() -> Announcer {
        Announcer::new(Duration::from_secs(10), START)
    }

    #[test]
    fn an_unreachable_receiver_is_logged_once_for_each_reason() {
        let mut announcer = announcer();
        assert_eq!(announcer.observe(at(9), Some("refused")), None);
        assert_eq!(announcer.observe(at(10), Some("no route")), Some(NotReached("no route".to_owned())));
        assert_eq!(announcer.observe(at(1000), Some("no route")), None);
        assert_eq!(
            announcer.observe(at(1001), Some("the secrets differ")),
            Some(NotReached("the secrets differ".to_owned()))
        );
        assert_eq!(announcer.observe(at(1002), None), None, "one line in ten seconds");
        assert_eq!(announcer.observe(at(1011), None), Some(Reached));
    }

    #[test]
    fn each_loss_and_each_return_of_a_receiver_is_logged() {
        let mut announcer = announcer();
        assert_eq!(announcer.observe(at(0), None), Some(Reached));
        assert_eq!(announcer.observe(at(60), Some("cut")), Some(Lost("cut".to_owned())));
        assert_eq!(announcer.observe(at(120), None), Some(Reached));
        assert_eq!(announcer.observe(at(121), None), None);
    }

    #[test]
    fn a_flapping_receiver_is_logged_every_ten_seconds_and_so_is_its_last_state() {
        let mut announcer = announcer();
        let lines: Vec<_> =
            (0..1000).filter_map(|turn| announcer.observe(at(turn / 10), (turn % 2 == 1).then_some("cut"))).collect();
        assert_eq!(lines.len(), 10);
        assert_eq!(announcer.observe(at(110), Some("cut")).or(announcer.observe(at(120), None)), Some(Reached));
    }
}
