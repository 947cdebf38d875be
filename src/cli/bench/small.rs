//! Measurements without bandwidth: small stores compared with their floor, lookups, and nodes that do nothing.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    BenchArgs, floor,
    report::Report,
    rows::{self, Row},
    setup::{Setup, Shape},
    throughput::load_and_copy,
};
use crate::cli::{
    exit::Failure,
    nodes::{Answer, Ask, Latencies, PeerError, store},
    processor,
};

pub(super) const SMALL_BYTES: usize = 4096;
/// Each part is measured in blocks, by turns with the others.
const BLOCKS: usize = 10;
const OF_A_BLOCK: u64 = 50;

/// Keys of the two lookups, and how often each is measured in a run at most.
const LOOKUPS: [(&Row, u64, u32); 2] = [(&rows::LOOKUP, 10_000, 30), (&rows::LARGE_LOOKUP, 100_000, 5)];

const IDLE_FOR: Duration = Duration::from_secs(5);

/// The floor is the least that a store needs: a call to the receiver, the write, a wake-up of the node's thread by the caller,
/// and one of the caller.
pub(super) fn store_4_kib(setup: &mut Setup, _: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    let shape = Shape::new(SMALL_BYTES, 1);
    let [mut stores, mut calls, mut wakes, mut posts] = std::array::from_fn(|_| Latencies::default());
    for _ in 0..BLOCKS {
        let mut stored = Vec::new();
        for _ in 0..OF_A_BLOCK {
            let (took, names) = setup.store(shape, false)?;
            stores.add(took);
            stored.extend(names);
        }
        setup.delete(shape.workload(), stored)?;
        calls.extend((0..OF_A_BLOCK).filter_map(|_| setup.from_arena.ping(0)));
        wakes.extend([floor::event_wake_ups(OF_A_BLOCK as usize).map_err(Failure::System)?.median()]);
        setup.poll_raw()?;
        for _ in 0..OF_A_BLOCK {
            posts.add(setup.write_raw_polled(shape)?);
        }
        setup.stop_polling_raw()?;
    }
    let floor = calls.median() + wakes.median() * 2 + posts.median();
    let floors = |time: Duration| time.as_secs_f64() / floor.max(floor::TICK).as_secs_f64();
    for (row, time) in [
        (&rows::EMPTY_CALL, calls.median()),
        (&rows::WAKE_UP, wakes.median()),
        (&rows::RAW_POST, posts.median()),
        (&rows::FLOOR, floor),
        (&rows::SMALL_STORE_TIME, stores.median()),
    ] {
        report.add(row, time.as_secs_f64() * 1e6);
    }
    report.add(&rows::SMALL_STORE, floors(stores.median()));
    report.add(&rows::SMALL_STORE_P99, floors(stores.percentile(99.0)));
    Ok(())
}

/// Apart from the stores: its own threads would move theirs to other cores.
pub(super) fn framed_call(_: &mut Setup, _: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    let calls = floor::framed_calls(BLOCKS * OF_A_BLOCK as usize).map_err(Failure::System)?;
    report.add(&rows::FRAMED_CALL, calls.median().as_secs_f64() * 1e6);
    Ok(())
}

/// One task of 64 small chunks, stored and loaded.
pub(super) fn many_chunks(setup: &mut Setup, args: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    const CHUNKS: u64 = 64;
    let shape = Shape::new(SMALL_BYTES, CHUNKS);
    let mut stores = Latencies::default();
    for _ in 0..args.rounds {
        let (took, names) = setup.store(shape, false)?;
        stores.add(took);
        setup.delete(shape.workload(), names)?;
    }
    let (_, names) = setup.store(shape, false)?;
    let loads = load_and_copy(setup, args, shape.workload(), &names)?.ours;
    setup.delete(shape.workload(), names)?;
    let a_chunk = |latencies: &Latencies| latencies.median().as_secs_f64() * 1e6 / CHUNKS as f64;
    report.add(&rows::SMALL_CHUNKS, a_chunk(&stores));
    report.add(&rows::SMALL_LOADS, a_chunk(&loads));
    Ok(())
}

/// Half of the keys are there. They are stored as small chunks that all have the same bytes.
pub(super) fn look_up(setup: &mut Setup, args: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    let workload = Shape::new(SMALL_BYTES, 1).workload();
    let most = LOOKUPS.iter().map(|(_, keys, _)| *keys).max().unwrap_or_default();
    let names = setup.names(most);
    let there: Vec<u64> = names.iter().step_by(2).copied().collect();
    for names in there.chunks(1024) {
        let chunks = names.iter().filter_map(|name| setup.chunk(workload, *name)).collect();
        store(&setup.from_arena, vec![chunks], 1)?;
    }
    for (row, keys, rounds) in LOOKUPS {
        let mut latencies = Latencies::default();
        for _ in 0..args.rounds.min(rounds) {
            let asked = names.iter().take(keys as usize).copied().collect();
            match setup.receiver.ask(&Ask::LookUp { workload, names: asked })? {
                Answer::LookedUp { found, took } if found as u64 == keys / 2 => latencies.add(took),
                other => return Err(PeerError::Unexpected(format!("{other:?}")).into()),
            }
        }
        report.add(row, latencies.median().as_secs_f64() * 1e3);
    }
    setup.delete(workload, names)
}

/// Everything is connected and nothing is asked.
pub(super) fn idle(setup: &mut Setup, _: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    let theirs = |setup: &mut Setup| match setup.receiver.ask(&Ask::ProcessorTime)? {
        Answer::Took(time) => Ok(time),
        other => Err(Failure::from(PeerError::Unexpected(format!("{other:?}")))),
    };
    let (sender_before, receiver_before) = (processor::time_of_this_process(), theirs(setup)?);
    let start = Instant::now();
    thread::sleep(IDLE_FOR);
    let (senders, receiver) =
        (processor::time_of_this_process() - sender_before, theirs(setup)?.saturating_sub(receiver_before));
    let percent = |time: Duration| time.as_secs_f64() / start.elapsed().max(floor::TICK).as_secs_f64() * 100.0;
    // There are two.
    report.add(&rows::IDLE_SENDER, percent(senders / 2));
    report.add(&rows::IDLE_RECEIVER, percent(receiver));
    Ok(())
}
