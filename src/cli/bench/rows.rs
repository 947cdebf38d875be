//! The rows of the report: what each number is, and what it is to reach.

use serde::Serialize;

/// How a number is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Our speed over that of the limit, in the same run.
    OfLimit,
    /// Our effort over that of the limit.
    Times,
    /// Over the floor of a small store.
    Floors,
    Microseconds,
    MicrosecondsAChunk,
    Milliseconds,
    /// 10⁹ bytes.
    GigabytesASecond,
    PercentOfACore,
}

impl Unit {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::OfLimit => "of the limit",
            Self::Times => "times the limit",
            Self::Floors => "floors",
            Self::Microseconds => "us",
            Self::MicrosecondsAChunk => "us a chunk",
            Self::Milliseconds => "ms",
            Self::GigabytesASecond => "GB/s",
            Self::PercentOfACore => "% of a core",
        }
    }
}

/// What a row is to reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Aim {
    AtLeast(f64),
    AtMost(f64),
    /// The spread of the runs has this value within it, or all runs are better than it.
    NotAbove(f64),
}

/// Whether the aim is reached. Said of [`RUNS_FOR_A_VERDICT`] runs and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Reached,
    Missed,
    /// Some runs reach it.
    Unclear,
}

/// With fewer the spread says little.
pub(super) const RUNS_FOR_A_VERDICT: usize = 5;

/// What one number is.
#[derive(Debug)]
pub(super) struct Row {
    /// Its key in the JSON report.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) unit: Unit,
    pub(super) aim: Option<Aim>,
    /// While neighbours keep every core busy.
    pub(super) busy_aim: Option<Aim>,
}

const fn row(name: &'static str, what: &'static str, unit: Unit) -> Row {
    Row { name, what, unit, aim: None, busy_aim: None }
}

const fn aimed(name: &'static str, what: &'static str, unit: Unit, aim: Aim) -> Row {
    Row { aim: Some(aim), ..row(name, what, unit) }
}

pub(super) static EMPTY_CALL: Row = row("empty_call", "floor: an empty call", Unit::Microseconds);
pub(super) static FRAMED_CALL: Row = row("framed_call", "an empty call in length-prefixed frames", Unit::Microseconds);
pub(super) static WAKE_UP: Row = row("wake_up", "floor: each of two wake-ups", Unit::Microseconds);
pub(super) static RAW_POST: Row = row("raw_post", "floor: the raw write of 4 KiB", Unit::Microseconds);
pub(super) static FLOOR: Row = row("floor", "floor of a store of 4 KiB", Unit::Microseconds);
pub(super) static SMALL_STORE_TIME: Row = row("store_of_4_kib_us", "store of 4 KiB to its event", Unit::Microseconds);
pub(super) static SMALL_STORE: Row = Row {
    busy_aim: Some(Aim::AtMost(3.0)),
    ..aimed("store_of_4_kib", "the same, of its floor", Unit::Floors, Aim::AtMost(1.8))
};
pub(super) static SMALL_STORE_P99: Row =
    aimed("store_of_4_kib_p99", "its 99th percentile", Unit::Floors, Aim::AtMost(5.0));
pub(super) static SMALL_CHUNKS: Row =
    aimed("store_64_of_4_kib", "64 x 4 KiB in one store", Unit::MicrosecondsAChunk, Aim::AtMost(10.0));
pub(super) static ARENA: Row = aimed("store_arena", "store, registered arena", Unit::OfLimit, Aim::AtLeast(0.95));
pub(super) static ARENA_SPEED: Row = row("store_arena_speed", "the same", Unit::GigabytesASecond);
pub(super) static ARENA_RAW_SPEED: Row = row("raw_speed", "its limit: the raw channel", Unit::GigabytesASecond);
pub(super) static ARENA_PROCESSOR: Row =
    aimed("store_processor", "its processor time, both processes", Unit::Times, Aim::AtMost(1.2));
pub(super) static COLD_CALL: Row =
    row("cold_call", "an empty call after the raw write, whose bytes filled the caches", Unit::Microseconds);
pub(super) static TASKS: Row =
    aimed("store_tasks", "the same as 8 tasks of 8, 4 in flight", Unit::OfLimit, Aim::AtLeast(0.95));
pub(super) static LARGE_CHUNKS: Row =
    aimed("store_large_chunks", "8 chunks of 32 times the size", Unit::OfLimit, Aim::AtLeast(0.97));
pub(super) static STAGING: Row = row("store_staging", "store, through staging memory", Unit::OfLimit);
pub(super) static LOAD: Row = Row {
    busy_aim: Some(Aim::AtLeast(0.9)),
    ..aimed("load", "load, of a plain copy", Unit::OfLimit, Aim::AtLeast(1.0))
};
pub(super) static LOAD_SPEED: Row = row("load_speed", "the same", Unit::GigabytesASecond);
pub(super) static SMALL_LOADS: Row =
    aimed("load_64_of_4_kib", "load, 64 x 4 KiB", Unit::MicrosecondsAChunk, Aim::AtMost(2.0));
pub(super) static LOOKUP: Row = aimed("lookup_of_10000", "lookup of 10,000 keys", Unit::Milliseconds, Aim::AtMost(1.0));
pub(super) static LARGE_LOOKUP: Row = row("lookup_of_100000", "lookup of 100,000 keys", Unit::Milliseconds);
pub(super) static CROWD: Row =
    aimed("idle_senders", "store of 4 KiB next to idle senders", Unit::Times, Aim::NotAbove(1.0));
pub(super) static IDLE_SENDER: Row =
    aimed("idle_sender", "a sender that is asked nothing", Unit::PercentOfACore, Aim::AtMost(0.03));
pub(super) static IDLE_RECEIVER: Row =
    aimed("idle_receiver", "a receiver that is asked nothing", Unit::PercentOfACore, Aim::AtMost(0.03));

/// The numbers of one row, one of each run.
#[derive(Debug, Clone)]
pub(super) struct Values(Vec<f64>);

impl Values {
    /// Nothing where no run measured it.
    pub(super) fn new(mut values: Vec<f64>) -> Option<Self> {
        values.sort_unstable_by(f64::total_cmp);
        Some(Self(values)).filter(|values| !values.0.is_empty())
    }

    pub(super) fn lowest(&self) -> f64 {
        self.0.first().copied().unwrap_or_default()
    }

    pub(super) fn highest(&self) -> f64 {
        self.0.last().copied().unwrap_or_default()
    }

    /// The number of the middle run, the lower one of two.
    pub(super) fn middle(&self) -> f64 {
        self.0.get((self.0.len() - 1) / 2).copied().unwrap_or_default()
    }

    pub(super) fn as_slice(&self) -> &[f64] {
        &self.0
    }

    pub(super) fn verdict(&self, aim: Aim) -> Option<Verdict> {
        let reaches = |value: f64| match aim {
            Aim::AtLeast(least) => value >= least,
            Aim::AtMost(most) | Aim::NotAbove(most) => value <= most,
        };
        let verdict = match (self.0.iter().filter(|value| reaches(**value)).count(), aim) {
            (0, _) => Verdict::Missed,
            (_, Aim::NotAbove(_)) => Verdict::Reached,
            (count, _) if count == self.0.len() => Verdict::Reached,
            _ => Verdict::Unclear,
        };
        (self.0.len() >= RUNS_FOR_A_VERDICT).then_some(verdict)
    }
}

impl Unit {
    /// Whether a higher number is better.
    pub(super) const fn wants_more(self) -> bool {
        matches!(self, Self::OfLimit | Self::GigabytesASecond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(values: [f64; 5], aim: Aim) -> Option<Verdict> {
        Values::new(values.to_vec()).and_then(|values| values.verdict(aim))
    }

    #[test]
    fn an_aim_is_reached_when_every_run_reaches_it_and_missed_when_none_does() {
        let values = [2.0, 1.0, 1.5, 1.2, 1.1];
        assert_eq!(verdict(values, Aim::AtMost(2.0)), Some(Verdict::Reached));
        assert_eq!(verdict(values, Aim::AtMost(1.9)), Some(Verdict::Unclear));
        assert_eq!(verdict(values, Aim::AtMost(0.9)), Some(Verdict::Missed));
        assert_eq!(verdict(values, Aim::AtLeast(1.0)), Some(Verdict::Reached));
        assert_eq!(verdict(values, Aim::AtLeast(2.1)), Some(Verdict::Missed));
    }

    #[test]
    fn an_effort_has_not_grown_if_the_spread_includes_no_growth() {
        assert_eq!(verdict([0.9, 1.1, 1.2, 1.3, 1.4], Aim::NotAbove(1.0)), Some(Verdict::Reached));
        assert_eq!(verdict([1.1, 1.1, 1.2, 1.3, 1.4], Aim::NotAbove(1.0)), Some(Verdict::Missed));
    }

    #[test]
    fn four_runs_are_too_few_for_a_verdict() {
        let values = Values::new(vec![4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!(values.verdict(Aim::AtMost(9.0)), None);
        assert_eq!((values.lowest(), values.middle(), values.highest()), (1.0, 2.0, 4.0));
    }
}
