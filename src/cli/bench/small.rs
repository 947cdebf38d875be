//! What does not depend on bandwidth: one small store beside its floor, look-ups, and nodes that do nothing.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    BenchArgs, floor,
    report::{Idle, LookUps, Report, SmallStore},
    setup::Setup,
};
use crate::{
    adapter::{StoreBuffer, StoreChunk},
    cli::{
        exit::Failure,
        nodes::{Answer, Ask, Latencies, PeerError, Workload, store},
        processor,
    },
};

const SMALL_BYTES: usize = 4096;
/// Measured in blocks by turns, each part beside the others.
const BLOCKS: usize = 10;
const OF_A_BLOCK: u64 = 50;

/// Keys of the two look-ups whose times are compared.
const LOOK_UP_KEYS: [u64; 2] = [1_000, 10_000];

const IDLE_FOR: Duration = Duration::from_secs(5);

pub(super) fn store_4_kib(setup: &mut Setup, _: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    if setup.arena.len() < SMALL_BYTES {
        return Ok(());
    }
    let workload = Workload { tp_rank: 0, chunk_bytes: SMALL_BYTES, distinct: 1 };
    let (mut stores, mut calls, mut wakes, mut posts) =
        (Latencies::default(), Latencies::default(), Latencies::default(), Latencies::default());
    for _ in 0..BLOCKS {
        let names = setup.names(OF_A_BLOCK);
        for name in &names {
            let Some(buffer) = StoreBuffer::part_of(&setup.arena, 0..SMALL_BYTES) else { return Ok(()) };
            let chunk = StoreChunk::new(workload.key(*name), buffer);
            let start = Instant::now();
            store(&setup.from_arena, vec![vec![chunk]])?;
            stores.add(start.elapsed());
        }
        setup.delete(workload, names)?;
        calls.extend((0..OF_A_BLOCK).filter_map(|_| setup.from_arena.ping(0)));
        wakes.extend([floor::event_wake_ups(OF_A_BLOCK as usize).map_err(Failure::System)?.median()]);
        setup.poll_raw()?;
        for _ in 0..OF_A_BLOCK {
            posts.add(setup.write_raw_polled(SMALL_BYTES as u64, 1, 1)?);
        }
    }
    report.small_store = Some(SmallStore::new(&stores, &calls, &wakes, &posts));
    Ok(())
}

/// Half of the keys are there. They are stored as small chunks, in tasks the size of the buffer allows.
pub(super) fn look_up(setup: &mut Setup, args: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    let workload = Workload { tp_rank: 0, chunk_bytes: SMALL_BYTES, distinct: 1 };
    let [few, many] = LOOK_UP_KEYS;
    let names = setup.names(many);
    for names in names.iter().step_by(2).copied().collect::<Vec<_>>().chunks(1024) {
        let chunk = |name: &u64| {
            StoreBuffer::part_of(&setup.arena, 0..SMALL_BYTES)
                .map(|buffer| StoreChunk::new(workload.key(*name), buffer))
        };
        let chunks: Vec<_> = names.iter().filter_map(chunk).collect();
        if chunks.is_empty() {
            return Ok(());
        }
        store(&setup.from_arena, vec![chunks])?;
    }
    let (mut of_few, mut of_many) = (Latencies::default(), Latencies::default());
    for _ in 0..args.rounds {
        for (count, latencies) in [(few, &mut of_few), (many, &mut of_many)] {
            let asked = names.iter().take(count as usize).copied().collect();
            match setup.receiver.ask(&Ask::LookUp { workload, names: asked })? {
                Answer::LookedUp { found, took } if found as u64 == count / 2 => latencies.add(took),
                other => return Err(PeerError::Unexpected(format!("{other:?}")).into()),
            }
        }
    }
    setup.delete(workload, names)?;
    report.look_ups = Some(LookUps::new((few, of_few.median()), (many, of_many.median())));
    Ok(())
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
    let (sender, receiver) =
        (processor::time_of_this_process() - sender_before, theirs(setup)?.saturating_sub(receiver_before));
    let percent = |time: Duration| time.as_secs_f64() / start.elapsed().max(floor::TICK).as_secs_f64() * 100.0;
    report.idle = Some(Idle { two_senders_percent: percent(sender), receiver_percent: percent(receiver) });
    Ok(())
}
