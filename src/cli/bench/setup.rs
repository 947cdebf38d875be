//! What is measured: two senders in this process, a receiver in another, and a raw channel between the two.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use super::BenchArgs;
use crate::{
    L2AdapterConfig as _,
    adapter::{L1Arena, L2Adapter as _, StoreBuffer, StoreChunk},
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig, TransferChannel},
    cli::{
        exit::Failure,
        nodes::{
            Answer, Ask, NodeSpecs, PeerError, ReceiverProcess, TaskFailed, Workload, package_folders, sender_context,
            store,
        },
    },
    transfer::{self, Channel, ChannelRegion, ChannelSettings, PeerId, PieceSource, WriteId, WritePiece},
};

/// Staging memory of the sender that has no arena.
const STAGING_BYTES: u64 = 64 << 20;

/// The arena and the largest task have so many chunks of the size that was asked for.
const ARENA_CHUNKS: u64 = 256;

/// Of the receiver's buffer: the chunks of the lookups have to be there.
const BUFFER_BYTES_MIN: u64 = 256 << 20;

/// What one measurement stores: tasks of equal chunks, so many in flight at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) chunk_bytes: usize,
    /// In one task.
    pub(super) chunks: u64,
    pub(super) tasks: u64,
    pub(super) in_flight: usize,
}

impl Shape {
    /// One task of so many chunks.
    pub(super) fn new(chunk_bytes: usize, chunks: u64) -> Self {
        Self { chunk_bytes, chunks, tasks: 1, in_flight: 1 }
    }

    pub(super) fn workload(self) -> Workload {
        Workload { tp_rank: 0, chunk_bytes: self.chunk_bytes, distinct: self.chunks * self.tasks }
    }

    pub(super) fn bytes(self) -> u64 {
        self.chunks * self.tasks * self.chunk_bytes as u64
    }
}

/// Everything that runs. Belongs to the main thread.
pub(super) struct Setup {
    arena: Arc<[u8]>,
    pub(super) from_arena: PdL2Adapter,
    pub(super) through_staging: PdL2Adapter,
    pub(super) receiver: ReceiverProcess,
    raw: Box<dyn Channel>,
    raw_peer: PeerId,
    next_write: u64,
    next_name: u64,
}

impl Setup {
    pub(super) fn start(args: &BenchArgs) -> Result<Self, Failure> {
        let chunk_bytes = args.chunk_bytes as usize;
        let arena = Workload { tp_rank: 0, chunk_bytes, distinct: ARENA_CHUNKS }.arena();
        // Slots begin at pages, and a round's chunks may still be there when the next one begins.
        let footprint = u64::from(args.chunk_bytes).next_multiple_of(4096) * ARENA_CHUNKS;
        let mut specs = NodeSpecs::new(args.transfer_channel, 1, STAGING_BYTES, (footprint * 2).max(BUFFER_BYTES_MIN))
            .map_err(Failure::System)?;
        // A lookup waits for half of its keys otherwise, which nobody stores.
        specs.receiver["timing"] = json!({"lookup_grace_seconds": 0.0});
        let mut receiver = ReceiverProcess::start(&specs.receiver)?;
        let config =
            PdL2AdapterConfig::from_value(&specs.sender).map_err(|error| PeerError::Failed(error.to_string()))?;
        let l1_arena = L1Arena::of_bytes(Arc::clone(&arena));
        let from_arena = PdL2Adapter::new(&config, &sender_context(1, Some(l1_arena.clone())))?;
        let through_staging = PdL2Adapter::new(&config, &sender_context(1, None))?;
        let (raw, raw_peer) = open_raw(&mut receiver, &config, l1_arena, footprint)?;
        let mut setup =
            Self { arena, from_arena, through_staging, receiver, raw, raw_peer, next_write: 1, next_name: 0 };
        setup.warm_up(Shape { tasks: 4, in_flight: 4, ..Shape::new(chunk_bytes, ARENA_CHUNKS / 4) })?;
        Ok(setup)
    }

    /// A round of everything: connections are made and pages are in use before anything is measured. Bytes are compared once.
    fn warm_up(&mut self, shape: Shape) -> Result<(), Failure> {
        for through_staging in [false, true] {
            for _ in 0..3 {
                let (_, names) = self.store(shape, through_staging)?;
                match self.receiver.ask(&Ask::Load { workload: shape.workload(), names })? {
                    Answer::Loaded(report) if report.wrong == 0 => {}
                    other => return Err(PeerError::Unexpected(format!("{other:?}")).into()),
                }
            }
        }
        for _ in 0..3 {
            self.write_raw(shape)?;
        }
        Ok(())
    }

    /// Names that were not used before; the first of them has the bytes at the arena's begin.
    pub(super) fn names(&mut self, count: u64) -> Vec<u64> {
        let first = self.next_name.next_multiple_of(count.max(1));
        self.next_name = first + count;
        (first..first + count).collect()
    }

    /// Stores chunks of new names: from the first submission to the last event. With the names.
    pub(super) fn store(&mut self, shape: Shape, through_staging: bool) -> Result<(Duration, Vec<u64>), TaskFailed> {
        let names = self.names(shape.chunks * shape.tasks);
        let adapter = if through_staging { &self.through_staging } else { &self.from_arena };
        let tasks = names
            .chunks(shape.chunks as usize)
            .map(|names| names.iter().filter_map(|name| self.chunk(shape.workload(), *name)).collect())
            .collect();
        let start = Instant::now();
        store(adapter, tasks, shape.in_flight)?;
        Ok((start.elapsed(), names))
    }

    /// A chunk with bytes in the arena, which only one of the senders has registered.
    pub(super) fn chunk(&self, workload: Workload, name: u64) -> Option<StoreChunk> {
        // At most the arena's length.
        let start = (name % workload.distinct) as usize * workload.chunk_bytes;
        let buffer = StoreBuffer::part_of(&self.arena, start..start + workload.chunk_bytes)?;
        Some(StoreChunk::new(workload.key(name), buffer))
    }

    /// Has the receiver forget chunks.
    pub(super) fn delete(&mut self, workload: Workload, names: Vec<u64>) -> Result<(), Failure> {
        match self.receiver.ask(&Ask::Delete { workload, names })? {
            Answer::Done => Ok(()),
            other => Err(PeerError::Unexpected(format!("{other:?}")).into()),
        }
    }

    /// Has the receiver's process drive its end of the raw channel, until the next thing it is asked.
    pub(super) fn poll_raw(&mut self) -> Result<(), Failure> {
        match self.receiver.ask(&Ask::PollRaw)? {
            Answer::Done => Ok(()),
            other => Err(PeerError::Unexpected(format!("{other:?}")).into()),
        }
    }

    /// Ends that: what is measured next has the processors to itself.
    pub(super) fn stop_polling_raw(&mut self) -> Result<(), Failure> {
        self.receiver.ask(&Ask::ProcessorTime)?;
        Ok(())
    }

    /// The same bytes in the same pieces through the raw channel, a write for each task: from the first post to the last end.
    pub(super) fn write_raw(&mut self, shape: Shape) -> Result<Duration, Failure> {
        self.poll_raw()?;
        self.write_raw_polled(shape)
    }

    /// As [`write_raw`](Self::write_raw), while the receiver's process is polling already.
    pub(super) fn write_raw_polled(&mut self, shape: Shape) -> Result<Duration, Failure> {
        let piece_bytes = shape.chunk_bytes as u64;
        let slot_bytes = piece_bytes.next_multiple_of(4096);
        let piece = |index: u64| WritePiece {
            source: PieceSource::Arena { offset_bytes: index * piece_bytes },
            remote_offset_bytes: index * slot_bytes,
            length_bytes: piece_bytes,
        };
        let posts: Vec<Vec<WritePiece>> = (0..shape.tasks)
            .map(|write| (write * shape.chunks..(write + 1) * shape.chunks).map(piece).collect())
            .collect();
        let mut ended = Vec::new();
        let start = Instant::now();
        for post in &posts {
            while self.raw.writes_in_flight() >= shape.in_flight {
                self.raw.poll(&mut ended);
            }
            self.raw.post_write(WriteId(self.next_write), self.raw_peer, post)?;
            self.next_write += 1;
        }
        while self.raw.writes_in_flight() > 0 {
            self.raw.poll(&mut ended);
        }
        let took = start.elapsed();
        match ended.iter().all(|end| end.status.succeeded()) {
            true => Ok(took),
            false => Err(PeerError::Failed("a write through the raw channel failed".to_owned()).into()),
        }
    }

    pub(super) fn close(self) {
        self.from_arena.close();
        self.through_staging.close();
        let _ = self.raw.close();
        drop(self.receiver);
    }
}

fn open_raw(
    receiver: &mut ReceiverProcess,
    config: &PdL2AdapterConfig,
    l1_arena: L1Arena,
    bytes: u64,
) -> Result<(Box<dyn Channel>, PeerId), Failure> {
    let channel: TransferChannel = config.transfer_channel;
    let epoch = fastrand::u64(..);
    let mut raw = transfer::create_channel(&ChannelSettings {
        kind: channel.into(),
        nixl_backends: config.nixl_backends.clone(),
        package_folders: package_folders(),
        staging_bytes: 4096,
        is_local: true,
        l1_arena: Some(l1_arena),
        epoch,
        tp_rank: 0,
    })?;
    let peer = PeerId(epoch.wrapping_add(1));
    match receiver.ask(&Ask::OpenRaw { staging_bytes: bytes, epoch: peer.0 })? {
        Answer::Raw { base_address, length_bytes, metadata } => {
            raw.add_peer(peer, &ChannelRegion { base_address, length_bytes, metadata })?;
            Ok((raw, peer))
        }
        other => Err(PeerError::Unexpected(format!("{other:?}")).into()),
    }
}
