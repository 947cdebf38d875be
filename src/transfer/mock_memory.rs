//! The `mock_memory` channel copies bytes through memory that both processes have mapped. Everything else is as with NIXL, so that
//! deployments can be tested without it.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Range,
    sync::Arc,
};

use super::{
    Channel, ChannelRegion, ChannelSettings, PeerId, PieceSource, Polled, RegionReplaced, TerminalStatus,
    TransferError, WriteEnd, WriteId, WritePiece,
    call_times::CallTimes,
    memory::{PeerMemory, Replacement, SharedMemory, copy_between},
};
use crate::adapter::{L1Arena, LoadBuffer, StoreBuffer};

/// Bytes that move in one poll: enough for the speed of a plain copy, few enough that a process can die in the middle of a
/// write.
const POLL_BYTES: u64 = 4 << 20;

/// A channel within one machine. Belongs to the thread that created it.
#[derive(Debug)]
pub(super) struct MockMemoryChannel {
    staging: SharedMemory,
    arena: Option<L1Arena>,
    peers: BTreeMap<PeerId, PeerMemory>,
    /// Writes in the order of posting; only the first one moves.
    writes: VecDeque<Write>,
    epoch: u64,
    tp_rank: u32,
    regions_made: u32,
    replacement: Replacement<SharedMemory>,
}

#[derive(Debug)]
struct Write {
    id: WriteId,
    peer: PeerId,
    pieces: VecDeque<WritePiece>,
    /// Bytes of the first piece that have moved.
    moved_bytes: u64,
    /// Its peer was removed: the same id may name other memory by now.
    is_lost: bool,
}

impl MockMemoryChannel {
    pub(super) fn new(settings: &ChannelSettings) -> Result<Self, TransferError> {
        let staging = SharedMemory::new(settings.staging_bytes, token(settings.epoch, settings.tp_rank, 0))?;
        Ok(Self {
            staging,
            arena: settings.l1_arena.clone(),
            peers: BTreeMap::new(),
            writes: VecDeque::new(),
            epoch: settings.epoch,
            tp_rank: settings.tp_rank,
            regions_made: 0,
            replacement: Replacement::default(),
        })
    }

    fn source(&self, source: PieceSource, skip: u64, length: usize) -> Result<*const u8, TransferError> {
        match source {
            PieceSource::Staging { offset_bytes } => {
                Ok(self.staging.memory.at(offset_bytes.saturating_add(skip), length)?.cast_const())
            }
            PieceSource::Arena { offset_bytes } => {
                let region_bytes = self.arena.as_ref().map_or(0, |arena| arena.size_bytes() as u64);
                let offset_bytes = offset_bytes.saturating_add(skip);
                let (Some(arena), true) =
                    (&self.arena, offset_bytes.checked_add(length as u64).is_some_and(|end| end <= region_bytes))
                else {
                    return Err(TransferError::OutOfBounds { offset_bytes, length_bytes: length as u64, region_bytes });
                };
                // The sum lies inside the arena, whose addresses are `usize`s.
                Ok(std::ptr::with_exposed_provenance(arena.base_address() + offset_bytes as usize))
            }
        }
    }

    /// Moves at most `budget` bytes of a piece, from `skip` on. Returns how many it moved.
    fn move_part(&self, write: &Write, piece: WritePiece, budget: u64) -> Result<u64, TransferError> {
        let part = budget.min(piece.length_bytes - write.moved_bytes);
        // At most `POLL_BYTES`.
        let length = part as usize;
        let peer = self.peers.get(&write.peer).filter(|_| !write.is_lost);
        let peer = peer.ok_or(TransferError::UnknownPeer(write.peer.0))?;
        let from = self.source(piece.source, write.moved_bytes, length)?;
        let to = peer.at(piece.remote_offset_bytes.saturating_add(write.moved_bytes), length)?;
        // SAFETY:
        // - both ends were checked against their memory, which are different mappings;
        // - staging memory is not written while a write reads it (the sender's machine), nor is the arena (its owner's promise);
        // - the slot belongs to this write until it is committed or freed (the receiver's machine).
        unsafe { copy_between(from, to, length) };
        Ok(part)
    }

    /// Moves the first of the writes, and those behind it, as far as one poll allows.
    fn go_on(&mut self, ended: &mut Vec<WriteEnd>) {
        let mut budget = POLL_BYTES;
        while let Some(mut write) = self.writes.pop_front() {
            let Some(piece) = write.pieces.front().copied() else {
                ended.push(WriteEnd { write: write.id, status: TerminalStatus::reported(true) });
                continue;
            };
            if budget == 0 {
                self.writes.push_front(write);
                return;
            }
            match self.move_part(&write, piece, budget) {
                Ok(moved) => {
                    budget -= moved;
                    write.moved_bytes += moved;
                    if write.moved_bytes == piece.length_bytes {
                        write.pieces.pop_front();
                        write.moved_bytes = 0;
                    }
                    self.writes.push_front(write);
                }
                Err(error) => {
                    tracing::debug!(%error, "a write over mock_memory ended early");
                    ended.push(WriteEnd { write: write.id, status: TerminalStatus::reported(false) });
                }
            }
        }
    }

    /// Checks a whole write before anything of it moves.
    fn check(&self, peer: PeerId, pieces: &[WritePiece]) -> Result<(), TransferError> {
        let memory = self.peers.get(&peer).ok_or(TransferError::UnknownPeer(peer.0))?;
        pieces.iter().try_for_each(|piece| {
            let length = usize::try_from(piece.length_bytes).unwrap_or(usize::MAX);
            self.source(piece.source, 0, length)?;
            memory.at(piece.remote_offset_bytes, length).map(drop)
        })
    }
}

impl Channel for MockMemoryChannel {
    fn region(&self) -> ChannelRegion {
        ChannelRegion {
            base_address: self.staging.memory.base_address(),
            length_bytes: self.staging.memory.length_bytes(),
            metadata: self.staging.metadata(),
        }
    }

    fn add_peer(&mut self, peer: PeerId, region: &ChannelRegion) -> Result<(), TransferError> {
        self.remove_peer(peer);
        self.peers.insert(peer, PeerMemory::open(&region.metadata, region.length_bytes)?);
        Ok(())
    }

    /// Writes to the peer end as failed in the next poll: no more of them moves.
    fn remove_peer(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
        self.writes.iter_mut().filter(|write| write.peer == peer).for_each(|write| write.is_lost = true);
    }

    fn post_write(&mut self, write: WriteId, peer: PeerId, pieces: &[WritePiece]) -> Result<(), TransferError> {
        self.check(peer, pieces)?;
        let pieces = pieces.iter().copied().collect();
        self.writes.push_back(Write { id: write, peer, pieces, moved_bytes: 0, is_lost: false });
        Ok(())
    }

    fn poll(&mut self, ended: &mut Vec<WriteEnd>) -> Polled {
        self.go_on(ended);
        Polled::all_that_had_arrived()
    }

    fn writes_in_flight(&self) -> usize {
        self.writes.len()
    }

    /// This channel calls no library.
    fn call_times(&self) -> Arc<CallTimes> {
        Arc::default()
    }

    fn copy_in(&mut self, offset_bytes: u64, buffer: &StoreBuffer, part: Range<usize>) -> Result<(), TransferError> {
        self.staging.memory.copy_in(offset_bytes, buffer, part)
    }

    fn copy_out(&self, offset_bytes: u64, buffer: &mut LoadBuffer, part: Range<usize>) -> Result<(), TransferError> {
        self.staging.memory.copy_out(offset_bytes, buffer, part)
    }

    fn checksum(&self, offset_bytes: u64, length_bytes: u64) -> Result<u64, TransferError> {
        self.staging.memory.checksum(offset_bytes, length_bytes)
    }

    fn begin_replacing_region(&mut self) -> Result<(), TransferError> {
        let length_bytes = self.staging.memory.length_bytes();
        let token = token(self.epoch, self.tp_rank, self.regions_made + 1);
        self.replacement.begin(length_bytes, move || SharedMemory::new(length_bytes, token))?;
        self.regions_made += 1;
        Ok(())
    }

    /// Peers that still have the old memory mapped write into memory that nothing reads any more.
    fn replaced_region(&mut self) -> Option<Result<RegionReplaced, TransferError>> {
        // The memory that a write reads must stay.
        if !self.writes.is_empty() {
            return None;
        }
        let new = self.replacement.take()?;
        Some(new.map(|new| {
            std::mem::replace(&mut self.staging, new).memory.retire();
            RegionReplaced::old_is_retired(self.region())
        }))
    }

    /// Nothing moves without a poll, so nothing can be reached any more.
    fn close(self: Box<Self>) -> u64 {
        0
    }
}

/// The epoch is random, and inside one start rank and number distinguish regions.
fn token(epoch: u64, tp_rank: u32, number: u32) -> [u8; 16] {
    let mut token = [0; 16];
    let (first, second) = token.split_at_mut(8);
    first.copy_from_slice(&epoch.to_le_bytes());
    second.copy_from_slice(&(u64::from(tp_rank) << 32 | u64::from(number)).to_le_bytes());
    token
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::ChannelKind;

    const MIB: u64 = 1 << 20;

    fn channel(epoch: u64, staging_bytes: u64) -> MockMemoryChannel {
        let settings = ChannelSettings {
            kind: ChannelKind::MockMemory,
            nixl_backends: Vec::new(),
            package_folders: Vec::new(),
            staging_bytes,
            is_local: true,
            l1_arena: None,
            epoch,
            tp_rank: 0,
        };
        MockMemoryChannel::new(&settings).unwrap()
    }

    fn pattern(length: usize, seed: u8) -> Vec<u8> {
        (0..length).map(|index| (index as u8).wrapping_mul(31).wrapping_add(seed)).collect()
    }

    fn drain(channel: &mut MockMemoryChannel) -> Vec<WriteEnd> {
        let mut ended = Vec::new();
        while channel.writes_in_flight() > 0 {
            channel.poll(&mut ended);
        }
        ended
    }

    fn replaced(channel: &mut MockMemoryChannel) -> ChannelRegion {
        channel.begin_replacing_region().unwrap();
        loop {
            if let Some(replaced) = channel.replaced_region() {
                return replaced.unwrap().region;
            }
            std::thread::yield_now();
        }
    }

    fn loaded(channel: &MockMemoryChannel, offset_bytes: u64, length: usize) -> Vec<u8> {
        let (mut buffer, bytes) = LoadBuffer::new(length);
        channel.copy_out(offset_bytes, &mut buffer, 0..length).unwrap();
        drop(buffer);
        bytes.try_into_bytes().unwrap().into_vec()
    }

    #[test]
    fn bytes_arrive_at_their_offset_and_nowhere_else() {
        for length in [1, 4095, 4096, 5 * MIB as usize + 3] {
            let (mut sender, mut receiver) = (channel(1, 6 * MIB), channel(2, 8 * MIB));
            sender.add_peer(PeerId(2), &receiver.region()).unwrap();
            let bytes = pattern(length, 7);
            sender.copy_in(17, &StoreBuffer::new(bytes.clone()), 0..length).unwrap();
            let source = PieceSource::Staging { offset_bytes: 17 };
            let piece = WritePiece { source, remote_offset_bytes: MIB + 5, length_bytes: length as u64 };
            sender.post_write(WriteId(1), PeerId(2), &[piece]).unwrap();
            let ended = drain(&mut sender);
            assert!(ended[0].status.succeeded());
            assert_eq!(loaded(&receiver, MIB + 5, length), bytes);
            assert_eq!(loaded(&receiver, MIB + 4, 1), [0]);
            assert_eq!(loaded(&receiver, MIB + 5 + length as u64, 1), [0]);
            receiver.poll(&mut Vec::new());
        }
    }

    #[test]
    fn an_arena_is_written_from_without_staging() {
        let arena = pattern(2 * MIB as usize, 3);
        let mut sender = channel(1, 4096);
        // SAFETY: the vector outlives the channel and is not written to.
        sender.arena = Some(unsafe { L1Arena::new(arena.as_ptr(), arena.len(), 1) });
        let receiver = channel(2, 2 * MIB);
        sender.add_peer(PeerId(2), &receiver.region()).unwrap();
        let source = PieceSource::Arena { offset_bytes: 100 };
        let piece = WritePiece { source, remote_offset_bytes: 0, length_bytes: MIB };
        sender.post_write(WriteId(1), PeerId(2), &[piece]).unwrap();
        drain(&mut sender);
        assert_eq!(loaded(&receiver, 0, MIB as usize), arena[100..100 + MIB as usize]);
        let beyond = WritePiece { source: PieceSource::Arena { offset_bytes: 2 * MIB - 1 }, ..piece };
        assert!(matches!(sender.post_write(WriteId(2), PeerId(2), &[beyond]), Err(TransferError::OutOfBounds { .. })));
    }

    #[test]
    fn a_write_to_a_removed_peer_ends_as_failed() {
        let (mut sender, receiver) = (channel(1, MIB), channel(2, MIB));
        sender.add_peer(PeerId(2), &receiver.region()).unwrap();
        let source = PieceSource::Staging { offset_bytes: 0 };
        let piece = WritePiece { source, remote_offset_bytes: 0, length_bytes: 1 };
        sender.post_write(WriteId(1), PeerId(2), &[piece]).unwrap();
        sender.remove_peer(PeerId(2));
        assert!(!drain(&mut sender)[0].status.succeeded());
        assert!(matches!(sender.post_write(WriteId(2), PeerId(2), &[piece]), Err(TransferError::UnknownPeer(2))));
    }

    #[test]
    fn a_late_write_does_not_reach_the_memory_that_replaced_the_old() {
        let (mut sender, mut receiver) = (channel(1, MIB), channel(2, MIB));
        sender.add_peer(PeerId(2), &receiver.region()).unwrap();
        sender.copy_in(0, &StoreBuffer::new(vec![9; 100]), 0..100).unwrap();
        let source = PieceSource::Staging { offset_bytes: 0 };
        let piece = WritePiece { source, remote_offset_bytes: 0, length_bytes: 100 };
        sender.post_write(WriteId(1), PeerId(2), &[piece]).unwrap();
        let new = replaced(&mut receiver);
        assert!(drain(&mut sender)[0].status.succeeded());
        assert_eq!(loaded(&receiver, 0, 100), vec![0; 100]);
        sender.add_peer(PeerId(2), &new).unwrap();
        sender.post_write(WriteId(2), PeerId(2), &[piece]).unwrap();
        drain(&mut sender);
        assert_eq!(loaded(&receiver, 0, 100), vec![9; 100]);
    }

    #[test]
    fn a_late_write_does_not_reach_new_memory_under_the_id_of_the_old() {
        let (mut sender, mut receiver) = (channel(1, MIB), channel(2, MIB));
        sender.add_peer(PeerId(2), &receiver.region()).unwrap();
        sender.copy_in(0, &StoreBuffer::new(vec![9; 100]), 0..100).unwrap();
        let source = PieceSource::Staging { offset_bytes: 0 };
        let piece = WritePiece { source, remote_offset_bytes: 0, length_bytes: 100 };
        sender.post_write(WriteId(1), PeerId(2), &[piece]).unwrap();
        let new = replaced(&mut receiver);
        sender.add_peer(PeerId(2), &new).unwrap();
        assert!(!drain(&mut sender)[0].status.succeeded());
        assert_eq!(loaded(&receiver, 0, 100), vec![0; 100]);
    }

    #[test]
    fn memory_of_another_start_is_refused() {
        let mut sender = channel(1, MIB);
        let mut region = channel(2, MIB).region();
        assert!(matches!(sender.add_peer(PeerId(2), &region), Err(TransferError::Unreachable { .. })));
        region.metadata = b"nothing".to_vec();
        assert!(matches!(sender.add_peer(PeerId(2), &region), Err(TransferError::Unreachable { .. })));
    }

    #[test]
    fn a_checksum_is_xxh3_64_of_the_bytes() {
        let mut channel = channel(1, MIB);
        channel.copy_in(5, &StoreBuffer::new(b"hello".to_vec()), 0..5).unwrap();
        // According to the reference implementation.
        assert_eq!(channel.checksum(5, 5).unwrap(), 0x9555_e855_5c62_dcfd);
    }
}
