//! A small store of one sender, alone and next to many connected senders that do nothing, with two ranks each.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    BenchArgs,
    floor::TICK,
    report::Report,
    rows,
    setup::{Setup, Shape},
    small::SMALL_BYTES,
};
use crate::{
    L2AdapterConfig as _,
    adapter::{L2Adapter as _, StoreBuffer, StoreChunk},
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig},
    cli::{
        exit::Failure,
        nodes::{Answer, Ask, Latencies, NodeSpecs, PeerError, ReceiverProcess, Workload, sender_context, store},
    },
};

const RANKS: usize = 2;
const SENDER_BYTES: u64 = 1 << 20;
const RECEIVER_BYTES: u64 = 64 << 20;
const STORES: u64 = 500;

/// A receiver of its own, and one sender that stores.
struct Nodes {
    receiver: ReceiverProcess,
    config: PdL2AdapterConfig,
    sender: PdL2Adapter,
    bytes: Arc<[u8]>,
    next_name: u64,
}

pub(super) fn small_stores(_: &mut Setup, args: &BenchArgs, report: &mut Report) -> Result<(), Failure> {
    if args.idle_senders == 0 {
        return Ok(());
    }
    let mut nodes = Nodes::start(args)?;
    // Connections are made, and pages are in use.
    nodes.median_of_stores()?;
    let alone = nodes.median_of_stores()?;
    let idle: Vec<PdL2Adapter> = (0..args.idle_senders).map(|_| nodes.connected()).collect::<Result<_, _>>()?;
    let crowded = nodes.median_of_stores()?;
    report.add(&rows::CROWD, crowded.as_secs_f64() / alone.max(TICK).as_secs_f64());
    idle.iter().for_each(PdL2Adapter::close);
    nodes.sender.close();
    Ok(())
}

impl Nodes {
    fn start(args: &BenchArgs) -> Result<Self, Failure> {
        let specs =
            NodeSpecs::new(args.transfer_channel, RANKS, SENDER_BYTES, RECEIVER_BYTES).map_err(Failure::System)?;
        let receiver = ReceiverProcess::start(&specs.receiver)?;
        let config =
            PdL2AdapterConfig::from_value(&specs.sender).map_err(|error| PeerError::Failed(error.to_string()))?;
        let sender = PdL2Adapter::new(&config, &sender_context(RANKS, None))?;
        Ok(Self { receiver, config, sender, bytes: vec![1; SMALL_BYTES].into(), next_name: 0 })
    }

    /// A sender each of whose ranks has stored one chunk: it is connected then.
    fn connected(&mut self) -> Result<PdL2Adapter, Failure> {
        let sender = PdL2Adapter::new(&self.config, &sender_context(RANKS, None))?;
        let names = self.store(Some(&sender), RANKS as u64, &mut Latencies::default())?;
        self.delete(&names)?;
        Ok(sender)
    }

    fn median_of_stores(&mut self) -> Result<Duration, Failure> {
        let mut latencies = Latencies::default();
        let names = self.store(None, STORES, &mut latencies)?;
        self.delete(&names)?;
        Ok(latencies.median())
    }

    /// Stores chunks of new names, one after the other and of either rank by turns; `idle` in place of the sender that stores.
    fn store(
        &mut self,
        idle: Option<&PdL2Adapter>,
        count: u64,
        latencies: &mut Latencies,
    ) -> Result<Vec<u64>, Failure> {
        let names: Vec<u64> = (self.next_name..self.next_name + count).collect();
        self.next_name += count;
        for name in &names {
            let Some(buffer) = StoreBuffer::part_of(&self.bytes, 0..SMALL_BYTES) else { break };
            let chunk = StoreChunk::new(workload(rank_of(*name)).key(*name), buffer);
            let start = Instant::now();
            store(idle.unwrap_or(&self.sender), vec![vec![chunk]], 1)?;
            latencies.add(start.elapsed());
        }
        Ok(names)
    }

    fn delete(&mut self, names: &[u64]) -> Result<(), Failure> {
        for rank in 0..RANKS as u8 {
            let names = names.iter().copied().filter(|name| rank_of(*name) == rank).collect();
            match self.receiver.ask(&Ask::Delete { workload: workload(rank), names })? {
                Answer::Done => {}
                other => return Err(PeerError::Unexpected(format!("{other:?}")).into()),
            }
        }
        Ok(())
    }
}

fn workload(tp_rank: u8) -> Workload {
    Workload { tp_rank, ..Shape::new(SMALL_BYTES, 1).workload() }
}

fn rank_of(name: u64) -> u8 {
    (name % RANKS as u64) as u8
}
