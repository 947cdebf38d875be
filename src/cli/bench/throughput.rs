//! Large tasks: stores beside the raw channel, loads beside a plain copy.

use std::time::Duration;

use super::{
    BenchArgs,
    report::{Beside, Report},
    setup::{Setup, TASK_CHUNKS},
};
use crate::cli::{
    exit::Failure,
    nodes::{Answer, Ask, PeerError},
    processor,
};

pub(super) fn store_from_arena(setup: &mut Setup, args: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    let before = processor_time(setup)?;
    let mut ours_only = Duration::ZERO;
    let (beside, raw_processor) = store_beside_raw(setup, args, false)?;
    let after = processor_time(setup)?;
    ours_only += (after - before).saturating_sub(raw_processor);
    let gib = beside.bytes as f64 * f64::from(args.rounds) / f64::from(1 << 30);
    report.processor_seconds_per_gib = Some(ours_only.as_secs_f64() / gib);
    report.store_from_arena = Some(beside);
    Ok(())
}

pub(super) fn store_through_staging(setup: &mut Setup, args: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    report.store_through_staging = Some(store_beside_raw(setup, args, true)?.0);
    Ok(())
}

/// Ours and raw by turns. Also the processor time that went into the raw writes, which is not ours.
fn store_beside_raw(setup: &mut Setup, args: &BenchArgs, through_staging: bool) -> Result<(Beside, Duration), Failure> {
    let workload = setup.workload;
    let mut beside = Beside::new(workload.distinct * workload.chunk_bytes as u64);
    let mut raw_processor = Duration::ZERO;
    for _ in 0..args.rounds {
        let names = setup.names(workload.distinct);
        let ours = setup.store_names(through_staging, &names)?;
        setup.delete(workload, names)?;
        let before = processor_time(setup)?;
        let raw = setup.write_raw(workload.chunk_bytes as u64, TASK_CHUNKS, u64::from(args.in_flight))?;
        raw_processor += processor_time(setup)?.saturating_sub(before);
        beside.add(ours, raw);
    }
    Ok((beside, raw_processor))
}

pub(super) fn load(setup: &mut Setup, args: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    let workload = setup.workload;
    let mut beside = Beside::new(TASK_CHUNKS * workload.chunk_bytes as u64);
    let names = setup.names(TASK_CHUNKS);
    setup.store_names(false, &names)?;
    for _ in 0..args.rounds {
        match setup.receiver.ask(&Ask::LoadBesideCopy { workload, names: names.clone() })? {
            Answer::Loaded(loaded) if loaded.loaded == TASK_CHUNKS => {
                beside.add(loaded.took, loaded.copy_took.unwrap_or_default());
            }
            other => return Err(PeerError::Unexpected(format!("{other:?}")).into()),
        }
    }
    setup.delete(workload, names)?;
    report.load = Some(beside);
    Ok(())
}

/// Of both processes.
pub(super) fn processor_time(setup: &mut Setup) -> Result<Duration, Failure> {
    match setup.receiver.ask(&Ask::ProcessorTime)? {
        Answer::Took(theirs) => Ok(theirs + processor::time_of_this_process()),
        other => Err(PeerError::Unexpected(format!("{other:?}")).into()),
    }
}
