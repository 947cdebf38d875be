//! Large tasks: stores compared with the raw channel, loads compared with a plain copy.

use std::time::Duration;

use super::{
    BenchArgs,
    floor::TICK,
    report::Report,
    rows::{self, Row},
    setup::{Setup, Shape},
};
use crate::cli::{
    exit::Failure,
    nodes::{Answer, Ask, Latencies, PeerError, Workload},
    processor,
};

/// The same bytes moved by us and by the limit, round by round.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) ours: Latencies,
    limit: Latencies,
    ratios: Vec<f64>,
    /// Processor time of both processes.
    ours_processor: Duration,
    limit_processor: Duration,
}

impl Comparison {
    fn add(&mut self, ours: Duration, limit: Duration) {
        let (ours, limit) = (ours.max(TICK), limit.max(TICK));
        self.ours.add(ours);
        self.limit.add(limit);
        self.ratios.push(limit.as_secs_f64() / ours.as_secs_f64());
    }

    /// Our speed over that of the limit.
    fn ratio(&self) -> f64 {
        rows::Values::new(self.ratios.clone()).map(|ratios| ratios.middle()).unwrap_or_default()
    }
}

fn gigabytes_a_second(bytes: u64, latencies: &Latencies) -> f64 {
    bytes as f64 / 1e9 / latencies.median().max(TICK).as_secs_f64()
}

pub(super) fn stores(setup: &mut Setup, args: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    let size = args.chunk_bytes as usize;
    let whole = Shape::new(size, 64);
    let comparison = store_and_raw(setup, args, whole, false)?;
    report.add(&rows::ARENA, comparison.ratio());
    report.add(&rows::ARENA_SPEED, gigabytes_a_second(whole.bytes(), &comparison.ours));
    report.add(&rows::ARENA_RAW_SPEED, gigabytes_a_second(whole.bytes(), &comparison.limit));
    let processor = comparison.ours_processor.as_secs_f64() / comparison.limit_processor.max(TICK).as_secs_f64();
    report.add(&rows::ARENA_PROCESSOR, processor);
    report.add(&rows::COLD_CALL, cold_calls(setup, args, whole)?.median().as_secs_f64() * 1e6);
    let others: [(&'static Row, Shape, bool); 3] = [
        (&rows::TASKS, Shape { tasks: 8, in_flight: 4, ..Shape::new(size, 8) }, false),
        (&rows::LARGE_CHUNKS, Shape::new(size * 32, 8), false),
        (&rows::STAGING, whole, true),
    ];
    for (row, shape, through_staging) in others {
        report.add(row, store_and_raw(setup, args, shape, through_staging)?.ratio());
    }
    Ok(())
}

/// Ours and raw by turns.
fn store_and_raw(
    setup: &mut Setup,
    args: &BenchArgs,
    shape: Shape,
    through_staging: bool,
) -> Result<Comparison, Failure> {
    let mut comparison = Comparison::default();
    for _ in 0..args.rounds {
        let before = processor_time(setup)?;
        let (ours, names) = setup.store(shape, through_staging)?;
        comparison.ours_processor += processor_time(setup)?.saturating_sub(before);
        setup.delete(shape.workload(), names)?;
        let before = processor_time(setup)?;
        let raw = setup.write_raw(shape)?;
        comparison.limit_processor += processor_time(setup)?.saturating_sub(before);
        comparison.add(ours, raw);
    }
    Ok(comparison)
}

/// Apart from the stores, which would find what these calls leave in the caches. A store has two calls, each after such a write.
fn cold_calls(setup: &mut Setup, args: &BenchArgs, shape: Shape) -> Result<Latencies, Failure> {
    let mut calls = Latencies::default();
    for _ in 0..args.rounds {
        setup.write_raw(shape)?;
        setup.from_arena.ping(0).into_iter().for_each(|took| calls.add(took));
    }
    Ok(calls)
}

pub(super) fn loads(setup: &mut Setup, args: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    let shape = Shape::new(args.chunk_bytes as usize, 64);
    let (_, names) = setup.store(shape, false)?;
    let comparison = load_and_copy(setup, args, shape.workload(), &names)?;
    setup.delete(shape.workload(), names)?;
    report.add(&rows::LOAD, comparison.ratio());
    report.add(&rows::LOAD_SPEED, gigabytes_a_second(shape.bytes(), &comparison.ours));
    Ok(())
}

/// Ours and a plain copy of the same bytes by turns.
pub(super) fn load_and_copy(
    setup: &mut Setup,
    args: &BenchArgs,
    workload: Workload,
    names: &[u64],
) -> Result<Comparison, Failure> {
    let mut comparison = Comparison::default();
    for _ in 0..args.rounds {
        match setup.receiver.ask(&Ask::LoadBesideCopy { workload, names: names.to_vec() })? {
            Answer::Loaded(loaded) if loaded.loaded == names.len() as u64 => {
                comparison.add(loaded.took, loaded.copy_took.unwrap_or_default());
            }
            other => return Err(PeerError::Unexpected(format!("{other:?}")).into()),
        }
    }
    Ok(comparison)
}

/// Of both processes.
fn processor_time(setup: &mut Setup) -> Result<Duration, Failure> {
    match setup.receiver.ask(&Ask::ProcessorTime)? {
        Answer::Took(theirs) => Ok(theirs + processor::time_of_this_process()),
        other => Err(PeerError::Unexpected(format!("{other:?}")).into()),
    }
}
