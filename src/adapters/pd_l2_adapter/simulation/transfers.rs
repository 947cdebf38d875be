//! Writes in progress: they land piece by piece, cannot be aborted, and continue to land for a while after their sender died.

use super::{
    clock::{MILLISECOND, Micros},
    coverage::Seen,
    memory::{self, PAGE_BYTES, length_of, pages_of, tags_of},
    sabotage::Sabotage,
    world::{Event, Process, World},
};
use crate::{
    adapters::pd_l2_adapter::{
        protocol::{Epoch, RegionNumber},
        sender::{ChunkWrite, WriteRefusal},
    },
    transfer::{PieceSource, TerminalStatus, WriteEnd, WriteId},
};

/// How long after a connection broke bytes may reach the receiver's sockets: less than the receiver's grace, however fast its
/// clock.
const ARRIVES_AFTER_BREACH_MAX: Micros = 150 * MILLISECOND;
/// How long after a sender's death its kernel may go on sending.
const ARRIVES_AFTER_DEATH_MAX: Micros = 250 * MILLISECOND;
/// How long a write may be stuck before its connection breaks off.
const STUCK_MAX: Micros = 3000 * MILLISECOND;

/// How a channel reports the end of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReportedEnd {
    Succeeded,
    Failed,
    BrokeOff,
}

/// One posted write.
#[derive(Debug)]
pub(super) struct Transfer {
    sender: usize,
    process: Process,
    write: WriteId,
    peer: Epoch,
    /// Its destination: the region that its channel knew when it was posted.
    target: (Process, RegionNumber),
    pieces: Vec<Piece>,
    /// The channel will report a failure, although pieces may land before.
    fails: bool,
    /// The failure is a broken connection: pieces may land after it.
    breaks_off: bool,
    /// Its end is decided.
    is_over: bool,
}

#[derive(Debug)]
struct Piece {
    key: usize,
    source: PieceSource,
    /// The bytes on the wire, once they can no longer be read from the sender's memory.
    tags: Option<Vec<u64>>,
    offset_bytes: u64,
    may_land: bool,
}

impl Transfer {
    /// Whether its channel has not reported its end.
    pub(super) fn is_in_progress_to(&self, (peer, region): (Epoch, RegionNumber)) -> bool {
        !self.is_over && (self.peer, self.target.1) == (peer, region)
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over && self.pieces.iter().all(|piece| !piece.may_land)
    }
}

/// The size of a task's part of an arena: its offsets name only the key.
const ARENA_STRIDE_BYTES: u64 = 1 << 20;

pub(super) fn arena_offset(key: usize) -> u64 {
    key as u64 * ARENA_STRIDE_BYTES
}

impl World {
    /// Posts a write; chunks in the caller's buffer are staged first.
    pub(super) fn post(
        &mut self,
        sender: usize,
        write: WriteId,
        peer: Epoch,
        chunks: &[ChunkWrite],
    ) -> Result<Vec<Option<u64>>, WriteRefusal> {
        let node = &self.senders[sender];
        let process = node.process;
        let region = node.peers.get(&peer).copied();
        let is_refused = self.happens(self.options.write_refused, |random| &mut random.transfers);
        let pieces: Vec<Piece> = chunks.iter().map(|chunk| self.stage(sender, chunk)).collect();
        let Some(region) = region.filter(|_| !is_refused) else {
            self.see(Seen::WriteRefused);
            return Err(self.refuse(sender, peer, region.is_none()));
        };
        let checksums = pieces.iter().map(|piece| {
            self.options.checksum.then(|| memory::checksum(&self.bytes_at(sender, piece.key, piece.source)))
        });
        let checksums: Vec<Option<u64>> = checksums.collect();
        let is_current = self.receiver.epoch == peer && self.receiver.runs;
        let target = (if is_current { self.receiver.process } else { Process(0) }, region);
        let number = self.transfers.len();
        let fails = self.happens(self.options.write_failed, |random| &mut random.transfers);
        let breaks_off = fails && self.options.writes_break_off;
        let is_over = self.senders[sender].broken_peers.contains(&peer);
        self.transfers.push(Transfer { sender, process, write, peer, target, pieces, fails, breaks_off, is_over });
        self.senders[sender].transfers.insert(write, number);
        if is_over {
            // Nothing is sent on a dead connection.
            self.transfers[number].pieces.iter_mut().for_each(|piece| piece.may_land = false);
            self.after(10, Event::WriteIsReported { sender, process, write, end: ReportedEnd::BrokeOff });
        } else {
            self.occupy(number);
            self.schedule(number);
        }
        if self.options.sabotage == Some(Sabotage::EarlyTerminalStatus) {
            self.after(10, Event::WriteIsReported { sender, process, write, end: ReportedEnd::Succeeded });
        }
        if self.options.sabotage == Some(Sabotage::EarlyBreach) && self.happens(200, |random| &mut random.transfers) {
            self.after(10, Event::WriteIsReported { sender, process, write, end: ReportedEnd::BrokeOff });
        }
        Ok(checksums)
    }

    fn refuse(&mut self, sender: usize, peer: Epoch, is_unknown: bool) -> WriteRefusal {
        let is_peer_lost = is_unknown || self.random.transfers.bool();
        let node = &mut self.senders[sender];
        if is_peer_lost {
            node.troubled_peers.insert(peer);
        }
        WriteRefusal { reason: "the channel has no descriptors left".to_owned(), is_peer_lost }
    }

    fn stage(&mut self, sender: usize, chunk: &ChunkWrite) -> Piece {
        let task_is_open = self.senders[sender].tasks.is_open(chunk.task);
        assert!(task_is_open, "staging: {} has ended, and its caller's memory is read", chunk.task);
        let key = self.senders[sender].tasks.key(chunk.task, chunk.index);
        assert_eq!(chunk.length_bytes, length_of(key), "staging: a chunk of another length is written");
        let mut source = chunk.source;
        match &mut source {
            PieceSource::Staging { offset_bytes } => {
                if self.options.sabotage == Some(Sabotage::StageInOnePlace) {
                    *offset_bytes = 0;
                }
                let offset_bytes = *offset_bytes;
                self.see(Seen::FromStaging);
                self.check_staging_is_quiet(sender, offset_bytes, pages_of(key));
                self.senders[sender].staging.write(offset_bytes, &tags_of(key));
            }
            PieceSource::Arena { offset_bytes } => {
                self.see(Seen::FromArena);
                assert_eq!(*offset_bytes, arena_offset(key), "staging: another chunk of the arena is written");
            }
        }
        Piece { key, source, tags: None, offset_bytes: chunk.remote_offset_bytes, may_land: true }
    }

    fn check_staging_is_quiet(&self, sender: usize, offset_bytes: u64, pages: u64) {
        let ours = offset_bytes..offset_bytes + pages * PAGE_BYTES;
        let node = &self.senders[sender];
        for transfer in self.transfers.iter().filter(|it| (it.sender, it.process) == (sender, node.process)) {
            for piece in transfer.pieces.iter().filter(|piece| piece.may_land && piece.tags.is_none()) {
                let PieceSource::Staging { offset_bytes } = piece.source else { continue };
                let theirs = offset_bytes..offset_bytes + pages_of(piece.key) * PAGE_BYTES;
                let overlap = ours.start < theirs.end && theirs.start < ours.end;
                assert!(!overlap, "staging: {ours:?} is reused, and {:?} still reads {theirs:?}", transfer.write);
            }
        }
    }

    fn bytes_at(&self, sender: usize, key: usize, source: PieceSource) -> Vec<u64> {
        match source {
            PieceSource::Staging { offset_bytes } => {
                self.senders[sender].staging.read(offset_bytes, length_of(key)).to_vec()
            }
            PieceSource::Arena { .. } => tags_of(key),
        }
    }

    fn is_here(&self, target: (Process, RegionNumber)) -> bool {
        self.receiver.runs && target == (self.receiver.process, self.receiver.region)
    }

    /// From now on the write may land.
    fn occupy(&mut self, number: usize) {
        let Transfer { sender, target, .. } = self.transfers[number];
        if !self.is_here(target) {
            return;
        }
        let epoch = self.senders[sender].epoch;
        for piece in 0..self.transfers[number].pieces.len() {
            let Piece { key, offset_bytes, .. } = self.transfers[number].pieces[piece];
            let tenant = self.tenancies.posted(offset_bytes, length_of(key), epoch, key);
            match self.receiver.state_of(tenant.ticket) {
                Some("reserved") => {}
                Some("quarantined") => self.coverage.see(Seen::PostedIntoQuarantine),
                state => panic!("tenancy: a write is posted into {tenant:?}, which is {state:?}"),
            }
        }
    }

    fn schedule(&mut self, number: usize) {
        let slow = self.happens(self.options.write_slow, |random| &mut random.transfers);
        if slow {
            self.see(Seen::WriteSlow);
        }
        if self.happens(self.options.write_stuck, |random| &mut random.transfers) {
            self.see(Seen::WriteStuck);
            let transfer = &mut self.transfers[number];
            (transfer.fails, transfer.breaks_off) = (true, true);
            let at = self.now + self.random.transfers.u64(STUCK_MAX / 4..=STUCK_MAX);
            return self.at(at, Event::TransferEnds(number));
        }
        let longest = if slow { 900 * MILLISECOND } else { self.options.write_max };
        let mut last = self.now;
        for piece in 0..self.transfers[number].pieces.len() {
            let at = self.now + self.random.transfers.u64(10..=longest);
            last = last.max(at);
            self.at(at, Event::Lands { transfer: number, piece });
        }
        if self.transfers[number].fails {
            last = self.now + self.random.transfers.u64(10..=longest);
        }
        self.at(last + 10, Event::TransferEnds(number));
    }

    /// Moves the contents of the receiver's sockets into its memory.
    pub(super) fn take_from_sockets(&mut self) {
        for (number, piece) in std::mem::take(&mut self.receiver.sockets) {
            self.see(Seen::LandsFromSocket);
            self.lands(number, piece, true);
        }
    }

    /// Whether the receiver's sockets hold anything that may still land.
    pub(super) fn sockets_hold_something(&self) -> bool {
        self.receiver.sockets.iter().any(|(number, piece)| self.transfers[*number].pieces[*piece].may_land)
    }

    pub(super) fn lands(&mut self, number: usize, piece: usize, is_polled: bool) {
        let Transfer { sender, process, target, .. } = self.transfers[number];
        if !self.transfers[number].pieces[piece].may_land {
            return;
        }
        let node = &self.senders[sender];
        let is_alive = node.process == process && node.runs;
        // Bytes on the wire no longer need a process.
        let is_held = is_alive && self.transfers[number].pieces[piece].tags.is_none();
        if is_held && node.frozen_until > self.now && !self.options.moves_while_frozen {
            let at = node.frozen_until + 10;
            return self.at(at, Event::Lands { transfer: number, piece });
        }
        let Piece { key, source, offset_bytes, .. } = self.transfers[number].pieces[piece];
        if !self.is_here(target) {
            self.see(Seen::LandedNowhere);
            self.transfers[number].pieces[piece].may_land = false;
            return;
        }
        let mut tags = match self.transfers[number].pieces[piece].tags.take() {
            Some(tags) if !is_polled => {
                // They stay in the receiver's sockets until it polls.
                self.transfers[number].pieces[piece].tags = Some(tags);
                return self.receiver.sockets.push((number, piece));
            }
            Some(tags) => tags,
            None => self.bytes_at(sender, key, source),
        };
        if !is_alive {
            self.see(Seen::LandedAfterDeath);
        }
        if self.happens(self.options.corrupt, |random| &mut random.transfers) {
            self.see(Seen::BytesCorrupted);
            tags[0] ^= 1;
        }
        let tenant = self.tenancies.tenant(offset_bytes);
        match tenant.and_then(|tenant| self.receiver.state_of(tenant.ticket)) {
            Some("reserved") => {}
            Some("quarantined") => self.see(Seen::LandedInQuarantine),
            state => panic!("tenancy: a write lands in {tenant:?}, which is {state:?}"),
        }
        self.receiver.memory.write(offset_bytes, &tags);
        self.settle(number, piece);
    }

    fn settle(&mut self, number: usize, piece: usize) {
        let target = self.transfers[number].target;
        let Piece { key, offset_bytes, ref mut may_land, .. } = self.transfers[number].pieces[piece];
        if std::mem::replace(may_land, false) && self.is_here(target) {
            self.tenancies.settled(offset_bytes, length_of(key));
        }
    }

    pub(super) fn transfer_ends(&mut self, number: usize) {
        let Transfer { sender, process, write, fails, breaks_off, target, .. } = self.transfers[number];
        if self.transfers[number].is_over {
            return;
        }
        let is_landing = self.transfers[number].pieces.iter().any(|piece| piece.may_land);
        if is_landing && !fails {
            // A stopped process moves nothing; its write ends when all of it has landed.
            let at = self.senders[sender].frozen_until.max(self.now) + MILLISECOND;
            return self.at(at, Event::TransferEnds(number));
        }
        if breaks_off {
            self.leave_on_the_wire(number, ARRIVES_AFTER_BREACH_MAX);
        } else {
            (0..self.transfers[number].pieces.len()).for_each(|piece| self.settle(number, piece));
        }
        self.transfers[number].is_over = true;
        let fails = fails || target.0 != self.receiver.process;
        if fails {
            self.see(Seen::WriteFailed);
        }
        let end = match (fails, breaks_off) {
            (false, _) => ReportedEnd::Succeeded,
            (true, true) if self.options.sabotage != Some(Sabotage::BreachTakenForEnd) => ReportedEnd::BrokeOff,
            (true, _) => ReportedEnd::Failed,
        };
        self.at(self.now, Event::WriteIsReported { sender, process, write, end });
    }

    /// The connection of the process's channel has broken during its writes.
    pub(super) fn break_off_transfers(&mut self, sender: usize, process: Process) {
        for number in 0..self.transfers.len() {
            let transfer = &mut self.transfers[number];
            if (transfer.sender, transfer.process) == (sender, process) && !transfer.is_over {
                (transfer.fails, transfer.breaks_off) = (true, true);
                self.transfer_ends(number);
            }
        }
    }

    pub(super) fn write_is_reported(&mut self, sender: usize, process: Process, write: WriteId, end: ReportedEnd) {
        let node = &mut self.senders[sender];
        // Once for each write: a sabotaged channel has already reported one too early.
        if node.process != process || node.transfers.remove(&write).is_none() {
            return;
        }
        if end != ReportedEnd::Succeeded {
            node.troubled_peers.extend(node.peers.keys().copied());
        }
        self.report(sender, write, end);
    }

    pub(super) fn report(&mut self, sender: usize, write: WriteId, end: ReportedEnd) {
        let status = match end {
            ReportedEnd::BrokeOff => TerminalStatus::simulated_breach(),
            end => TerminalStatus::simulated(end == ReportedEnd::Succeeded),
        };
        self.senders[sender].ended.push(WriteEnd { write, status });
        self.sender_turns(sender);
    }

    /// The process is dead. Some pieces of its writes are on the wire, and land; the rest never does.
    pub(super) fn orphan_transfers(&mut self, sender: usize, process: Process) {
        for number in 0..self.transfers.len() {
            let transfer = &self.transfers[number];
            if (transfer.sender, transfer.process) != (sender, process) || transfer.is_over {
                continue;
            }
            self.transfers[number].is_over = true;
            self.leave_on_the_wire(number, ARRIVES_AFTER_DEATH_MAX);
        }
    }

    /// The write is no longer sent. Some of its pieces are on the wire, and land; the rest never does.
    fn leave_on_the_wire(&mut self, number: usize, arrives_within: Micros) {
        let sender = self.transfers[number].sender;
        for piece in 0..self.transfers[number].pieces.len() {
            if !self.transfers[number].pieces[piece].may_land {
                continue;
            }
            if self.random.transfers.bool() {
                self.settle(number, piece);
                continue;
            }
            if self.transfers[number].breaks_off {
                self.see(Seen::LandsAfterBreach);
            }
            let Piece { key, source, .. } = self.transfers[number].pieces[piece];
            self.transfers[number].pieces[piece].tags = Some(self.bytes_at(sender, key, source));
            let late = self.random.transfers.u64(0..arrives_within);
            self.after(late, Event::Lands { transfer: number, piece });
        }
    }

    /// The destination of writes is released: they land nowhere.
    pub(super) fn forget_target(&mut self) {
        for transfer in &mut self.transfers {
            for piece in &mut transfer.pieces {
                if piece.may_land {
                    piece.may_land = false;
                    self.coverage.see(Seen::LandedNowhere);
                }
            }
        }
    }
}
