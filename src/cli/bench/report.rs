//! What was measured, for people and for programs.

use std::{
    io::{self, Write},
    time::Duration,
};

use serde::Serialize;
use serde_json::{Value, json};

use super::{BenchArgs, floor::TICK};
use crate::cli::nodes::Latencies;

/// What was measured so far. GB are 10⁹ bytes, times are microseconds unless their name says otherwise.
#[derive(Debug)]
pub(super) struct Report {
    settings: Value,
    pub(super) store_from_arena: Option<Beside>,
    pub(super) store_through_staging: Option<Beside>,
    pub(super) load: Option<Beside>,
    pub(super) small_store: Option<SmallStore>,
    pub(super) look_ups: Option<LookUps>,
    pub(super) processor_seconds_per_gib: Option<f64>,
    pub(super) idle: Option<Idle>,
}

/// The same bytes moved by us and by the limit, round by round.
#[derive(Debug)]
pub(super) struct Beside {
    /// Of one round.
    pub(super) bytes: u64,
    rounds: Vec<(Duration, Duration)>,
}

/// One store of 4 KiB to its event, and the three things it cannot do without.
#[derive(Debug, Serialize)]
pub(super) struct SmallStore {
    p50_us: f64,
    p99_us: f64,
    empty_call_us: f64,
    event_wake_up_us: f64,
    raw_post_us: f64,
    floor_us: f64,
    ratio: f64,
}

/// Look-ups of half as many chunks as keys.
#[derive(Debug, Serialize)]
pub(super) struct LookUps {
    few_keys: u64,
    few_ms: f64,
    many_keys: u64,
    many_ms: f64,
}

/// Processor time of nodes that are asked nothing, in percent of one core.
#[derive(Debug, Serialize)]
pub(super) struct Idle {
    pub(super) two_senders_percent: f64,
    pub(super) receiver_percent: f64,
}

impl Beside {
    pub(super) fn new(bytes: u64) -> Self {
        Self { bytes, rounds: Vec::new() }
    }

    pub(super) fn add(&mut self, ours: Duration, limit: Duration) {
        self.rounds.push((ours.max(TICK), limit.max(TICK)));
    }

    /// Our speed over that of the limit, in each round, ascending.
    fn ratios(&self) -> Vec<f64> {
        let mut ratios: Vec<f64> =
            self.rounds.iter().map(|(ours, limit)| limit.as_secs_f64() / ours.as_secs_f64()).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        ratios
    }

    fn gigabytes_a_second(&self, side: impl Fn(&(Duration, Duration)) -> Duration) -> f64 {
        let mut latencies = Latencies::default();
        latencies.extend(self.rounds.iter().map(side));
        self.bytes as f64 / 1e9 / latencies.median().max(TICK).as_secs_f64()
    }

    fn summary(&self) -> [f64; 5] {
        let ratios = self.ratios();
        let at = |percent: usize| ratios.get(ratios.len() * percent / 100).copied().unwrap_or_default();
        let (ours, limit) = (self.gigabytes_a_second(|round| round.0), self.gigabytes_a_second(|round| round.1));
        [ours, limit, at(50), at(10), at(90)]
    }

    fn to_json(&self) -> Value {
        let [ours, limit, ratio, low, high] = self.summary();
        json!({
            "gb_per_s": ours,
            "limit_gb_per_s": limit,
            "ratio": ratio,
            "ratio_p10": low,
            "ratio_p90": high,
        })
    }

    fn write(&self, out: &mut dyn Write, what: &str, limit: &str) -> io::Result<()> {
        let [ours, of_limit, ratio, low, high] = self.summary();
        writeln!(
            out,
            "{what:28} {ours:6.2} GB/s, {limit} {of_limit:6.2} GB/s: {ratio:.2} times as fast ({low:.2} to {high:.2})"
        )
    }
}

impl SmallStore {
    pub(super) fn new(stores: &Latencies, calls: &Latencies, wakes: &Latencies, posts: &Latencies) -> Self {
        let floor = calls.median() + wakes.median() + posts.median();
        Self {
            p50_us: microseconds(stores.median()),
            p99_us: microseconds(stores.percentile(99.0)),
            empty_call_us: microseconds(calls.median()),
            event_wake_up_us: microseconds(wakes.median()),
            raw_post_us: microseconds(posts.median()),
            floor_us: microseconds(floor),
            ratio: stores.median().as_secs_f64() / floor.max(TICK).as_secs_f64(),
        }
    }
}

impl LookUps {
    pub(super) fn new((few_keys, few): (u64, Duration), (many_keys, many): (u64, Duration)) -> Self {
        Self { few_keys, few_ms: microseconds(few) / 1e3, many_keys, many_ms: microseconds(many) / 1e3 }
    }
}

impl Report {
    pub(super) fn new(args: &BenchArgs) -> Self {
        Self {
            settings: json!({
                "transfer_channel": args.transfer_channel.as_str(),
                "chunk_bytes": args.chunk_bytes,
                "chunks_of_a_task": super::setup::TASK_CHUNKS,
                "in_flight": args.in_flight,
                "rounds": args.rounds,
                "processors": std::thread::available_parallelism().map(usize::from).unwrap_or(1),
            }),
            store_from_arena: None,
            store_through_staging: None,
            load: None,
            small_store: None,
            look_ups: None,
            processor_seconds_per_gib: None,
            idle: None,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "settings": self.settings,
            "store_from_arena": self.store_from_arena.as_ref().map(Beside::to_json),
            "store_through_staging": self.store_through_staging.as_ref().map(Beside::to_json),
            "load": self.load.as_ref().map(Beside::to_json),
            "store_of_4_kib": self.small_store,
            "look_ups": self.look_ups,
            "processor_seconds_per_gib": self.processor_seconds_per_gib,
            "idle": self.idle,
        })
    }

    pub(super) fn write_human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.settings)?;
        for (measured, what, limit) in [
            (&self.store_from_arena, "store, registered arena", "raw"),
            (&self.store_through_staging, "store, through staging", "raw"),
            (&self.load, "load", "plain copy"),
        ] {
            if let Some(beside) = measured {
                beside.write(out, what, limit)?;
            }
        }
        if let Some(small) = &self.small_store {
            writeln!(
                out,
                "{:28} p50 {:.0} us, p99 {:.0} us: {:.2} times its floor of {:.0} us (call {:.0}, wake-up {:.0}, post {:.0})",
                "store of 4 KiB",
                small.p50_us,
                small.p99_us,
                small.ratio,
                small.floor_us,
                small.empty_call_us,
                small.event_wake_up_us,
                small.raw_post_us
            )?;
        }
        if let Some(look_ups) = &self.look_ups {
            writeln!(
                out,
                "{:28} {} keys in {:.2} ms, {} keys in {:.2} ms",
                "look-up", look_ups.few_keys, look_ups.few_ms, look_ups.many_keys, look_ups.many_ms
            )?;
        }
        if let Some(seconds) = self.processor_seconds_per_gib {
            writeln!(out, "{:28} {seconds:.3} s a GiB, both processes", "processor time of stores")?;
        }
        if let Some(idle) = &self.idle {
            writeln!(
                out,
                "{:28} two senders {:.2} %, receiver {:.2} % of a core",
                "idle", idle.two_senders_percent, idle.receiver_percent
            )?;
        }
        Ok(())
    }
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
