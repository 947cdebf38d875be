//! When a sender's log says that its receiver was not reached, was lost, or is there. Pure: it is told the time.

use std::time::Duration;

/// After a line the next one waits this long, and says how things stand then.
const EVERY: Duration = Duration::from_secs(10);

/// Belongs to the thread of a sender's rank.
#[derive(Debug)]
pub(in super::super) struct Announcer {
    /// How long a receiver may take at the start without a word.
    patience: Duration,
    started: Duration,
    /// What was said last, and when: why the receiver is not there, or that it is.
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

    /// What to say now, of a receiver that is there if nothing is the trouble. To be asked again and again.
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
    fn a_receiver_that_is_not_reached_in_time_is_told_once_for_each_reason() {
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
    fn each_loss_and_each_return_is_a_line() {
        let mut announcer = announcer();
        assert_eq!(announcer.observe(at(0), None), Some(Reached));
        assert_eq!(announcer.observe(at(60), Some("cut")), Some(Lost("cut".to_owned())));
        assert_eq!(announcer.observe(at(120), None), Some(Reached));
        assert_eq!(announcer.observe(at(121), None), None);
    }

    #[test]
    fn a_receiver_that_comes_and_goes_is_a_line_every_ten_seconds_and_how_it_ends_is_told() {
        let mut announcer = announcer();
        let lines: Vec<_> =
            (0..1000).filter_map(|turn| announcer.observe(at(turn / 10), (turn % 2 == 1).then_some("cut"))).collect();
        assert_eq!(lines.len(), 10);
        assert_eq!(announcer.observe(at(110), Some("cut")).or(announcer.observe(at(120), None)), Some(Reached));
    }
}
