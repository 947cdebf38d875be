//! The world: its time, its events in order, and the two phases of a run.

use std::collections::BTreeMap;

use super::{
    checks::{tenancies::Tenancies, visibility::Visibility},
    clock::{MILLISECOND, Micros},
    coverage::{Coverage, Seen},
    network::{Answer, Call, Connection, ConnectionId},
    options::Options,
    receiver_world::ReceiverNode,
    sender_world::SenderNode,
    transfers::{ReportedEnd, Transfer},
    workload::Reading,
};
use crate::{
    adapter::Bitmap,
    adapters::pd_l2_adapter::{
        protocol::{CallId, CommitRequest, Epoch},
        sender::SenderMachine,
    },
    transfer::WriteId,
};

/// All work must be done by this time after the end of the faults.
const DRAIN_MAX: Micros = 30_000 * MILLISECOND;
/// The turns that one event may cause, one after the other without a wait.
pub(super) const TURNS_MAX: u32 = 4;
/// The actions that one turn may cause.
pub(super) const ACTIONS_MAX: usize = 10_000;

/// One start of a process. An event for a process that has ended is discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Process(pub(super) u32);

/// Something that happens at a certain time.
#[derive(Debug, Clone)]
pub(super) enum Event {
    SenderTurns(usize, Process),
    ReceiverTurns(Process),
    CallArrives {
        connection: ConnectionId,
        number: u64,
        call: Call,
    },
    AnswerArrives {
        sender: usize,
        process: Process,
        number: u64,
        answer: Answer,
    },
    CallIsLate {
        sender: usize,
        process: Process,
        number: u64,
    },
    CloseArrives(ConnectionId),
    ConnectionLost {
        sender: usize,
        process: Process,
        connection: ConnectionId,
    },
    CallerHangsUp(Process, CallId),
    ProbeEnds {
        sender: usize,
        process: Process,
        write: WriteId,
        peer: Epoch,
    },
    Lands {
        transfer: usize,
        piece: usize,
    },
    TransferEnds(usize),
    WriteIsReported {
        sender: usize,
        process: Process,
        write: WriteId,
        end: ReportedEnd,
    },
    RegionIsReplaced(Process, bool),
    Submit,
    Read,
    LookedUp {
        process: Process,
        reading: u64,
        found: Bitmap,
    },
    /// By sabotage.
    TakenForDead(Process, Epoch),
    /// By sabotage.
    Published(Process, CommitRequest),
    Unlock {
        process: Process,
        reading: u64,
    },
    Strike,
    SenderStarts(usize),
    ReceiverStarts,
    SenderExits(usize, Process),
    ReceiverExits(Process),
}

/// Independent random sources, so that one more message does not change which faults strike.
#[derive(Debug)]
pub(super) struct Random {
    pub(super) network: fastrand::Rng,
    pub(super) transfers: fastrand::Rng,
    pub(super) workload: fastrand::Rng,
    pub(super) faults: fastrand::Rng,
    turns: fastrand::Rng,
}

/// The whole world.
#[derive(Debug)]
pub(super) struct World {
    pub(super) options: Options,
    pub(super) now: Micros,
    pub(super) random: Random,
    events: BTreeMap<(Micros, u64), Event>,
    next_event: u64,
    pub(super) has_faults: bool,
    /// The latest arrival of anything that was sent or delayed before the faults ended.
    pub(super) echoes_until: Micros,
    pub(super) senders: Vec<SenderNode>,
    pub(super) receiver: ReceiverNode,
    pub(super) connections: Vec<Connection>,
    pub(super) transfers: Vec<Transfer>,
    pub(super) readings: BTreeMap<u64, Reading>,
    pub(super) next_reading: u64,
    /// The ends of the cuts between a sender and the receiver: towards the receiver, and back.
    pub(super) cuts: Vec<[Micros; 2]>,
    pub(super) tenancies: Tenancies,
    pub(super) visibility: Visibility,
    pub(super) coverage: Coverage,
    pub(super) next_epoch: u64,
    pub(super) next_number: u64,
    /// Whether every event and action is printed as text.
    pub(super) is_traced: bool,
}

impl World {
    pub(super) fn new(options: Options, is_traced: bool) -> Self {
        // The seed itself has drawn the options; these are other streams.
        let mut source = fastrand::Rng::with_seed(options.seed ^ 0x5eed_5eed_5eed_5eed);
        let mut random = Random {
            network: source.fork(),
            transfers: source.fork(),
            workload: source.fork(),
            faults: source.fork(),
            turns: source.fork(),
        };
        let senders = (0..options.senders).map(|index| SenderNode::new(index, &options, &mut random.faults)).collect();
        let receiver = ReceiverNode::new(&options, &mut random.faults);
        let mut world = Self {
            now: 0,
            random,
            events: BTreeMap::new(),
            next_event: 0,
            has_faults: true,
            echoes_until: 0,
            cuts: vec![[0; 2]; options.senders],
            senders,
            receiver,
            connections: Vec::new(),
            transfers: Vec::new(),
            readings: BTreeMap::new(),
            next_reading: 0,
            tenancies: Tenancies::new(usize::try_from(options.capacity_pages).expect("a few pages")),
            visibility: Visibility::default(),
            coverage: Coverage::new(),
            next_epoch: 1,
            next_number: 0,
            options,
            is_traced,
        };
        if world.options.clocks_disagree {
            world.see(Seen::ClocksDisagree);
        }
        world.start_receiver();
        (0..world.options.senders).for_each(|index| world.start_sender(index));
        for event in [Event::Submit, Event::Read, Event::Strike] {
            world.after(MILLISECOND, event);
        }
        world
    }

    /// Runs the seed to its end.
    pub(super) fn run(mut self) -> Coverage {
        while self.coverage.events < self.options.events {
            self.step();
        }
        self.end_faults();
        self.drain("after the faults");
        self.probe();
        self.drain("after the last chunk");
        self.coverage.fewest_events = self.coverage.events;
        self.coverage
    }

    /// Without faults, runs until nothing is left to do.
    fn drain(&mut self, when: &str) {
        let until = self.now + DRAIN_MAX;
        while !self.is_drained() {
            if self.now > until {
                panic!("drain: {when} there is still pending: {}", self.pending().join("; "));
            }
            self.step();
        }
    }

    pub(super) fn step(&mut self) {
        let Some(((at, _), event)) = self.events.pop_first() else { panic!("drain: no event is left") };
        self.now = at;
        if let Some(until) = self.frozen_until(&event) {
            return self.at(until, event);
        }
        self.coverage.events += 1;
        self.trace(|| format!("{event:?}"));
        self.handle(event);
        self.check();
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::SenderTurns(sender, process) => self.turn_sender(sender, process),
            Event::ReceiverTurns(process) => self.turn_receiver(process),
            Event::CallArrives { connection, number, call } => self.call_arrives(connection, number, call),
            Event::AnswerArrives { sender, process, number, answer } => {
                self.answer_arrives(sender, process, number, answer)
            }
            Event::CallIsLate { sender, process, number } => self.call_fails(sender, process, number),
            Event::CloseArrives(connection) => self.close_arrives(connection),
            Event::ConnectionLost { sender, process, connection } => self.connection_lost(sender, process, connection),
            Event::CallerHangsUp(process, call) => self.caller_hangs_up(process, call),
            Event::ProbeEnds { sender, process, write, peer } => self.probe_ends(sender, process, write, peer),
            Event::Lands { transfer, piece } => self.lands(transfer, piece, false),
            Event::TransferEnds(transfer) => self.transfer_ends(transfer),
            Event::WriteIsReported { sender, process, write, end } => {
                self.write_is_reported(sender, process, write, end)
            }
            Event::RegionIsReplaced(process, done) => self.region_is_replaced(process, done),
            Event::Submit => self.submit_some_task(),
            Event::Read => self.read_something(),
            Event::LookedUp { process, reading, found } => self.looked_up(process, reading, &found),
            Event::TakenForDead(process, epoch) => {
                if self.receiver.process == process {
                    self.take_for_dead(epoch);
                }
            }
            Event::Published(process, commit) => self.published(process, commit),
            Event::Unlock { process, reading } => self.unlock(process, reading),
            Event::Strike => self.strike(),
            Event::SenderStarts(sender) => {
                // After the end of the faults, dead nodes may have to stay dead.
                if self.has_faults || self.options.dead_come_back {
                    self.start_sender(sender);
                }
            }
            Event::ReceiverStarts => self.start_receiver(),
            Event::SenderExits(sender, process) => self.sender_exits(sender, process),
            Event::ReceiverExits(process) => self.receiver_exits(process),
        }
    }

    /// When the process of an event continues, if it is stopped.
    fn frozen_until(&self, event: &Event) -> Option<Micros> {
        let until = match event {
            Event::SenderTurns(sender, _)
            | Event::AnswerArrives { sender, .. }
            | Event::CallIsLate { sender, .. }
            | Event::ConnectionLost { sender, .. }
            | Event::WriteIsReported { sender, .. }
            | Event::ProbeEnds { sender, .. }
            | Event::SenderExits(sender, _) => self.senders[*sender].frozen_until,
            Event::ReceiverTurns(_)
            | Event::CallArrives { .. }
            | Event::CloseArrives(_)
            | Event::CallerHangsUp(..)
            | Event::RegionIsReplaced(..)
            | Event::Read
            | Event::LookedUp { .. }
            | Event::TakenForDead(..)
            | Event::Published(..)
            | Event::Unlock { .. }
            | Event::ReceiverExits(_) => self.receiver.frozen_until,
            Event::Lands { .. }
            | Event::TransferEnds(_)
            | Event::Submit
            | Event::Strike
            | Event::SenderStarts(_)
            | Event::ReceiverStarts => 0,
        };
        (until > self.now).then_some(until)
    }

    /// Checks the invariants that hold at every moment.
    fn check(&mut self) {
        let Some(machine) = self.receiver.machine().filter(|_| self.receiver.is_settled()) else { return };
        let status = machine.status();
        let reported = self.visibility.footprint_bytes();
        assert_eq!(status.committed.bytes, reported, "conservation: the committed bytes differ from the reported ones");
        let occupied = status.reserved.bytes + status.committed.bytes + status.quarantined.bytes;
        let capacity = self.receiver.memory.len() as u64 * super::memory::PAGE_BYTES;
        assert!(occupied <= capacity, "admission: {occupied} bytes are occupied of {capacity}");
        for (seen, tally) in [
            (Seen::Reserved, status.reserved),
            (Seen::Quarantined, status.quarantined),
            (Seen::Committed, status.committed),
            (Seen::Locked, status.locked),
        ] {
            if tally.slots > 0 {
                self.coverage.see(seen);
            }
        }
        if status.parked_calls > 0 {
            self.coverage.see(Seen::Parked);
        }
        if status.waiting_lookups > 0 {
            self.coverage.see(Seen::LookupWaits);
        }
        self.check_room();
    }

    fn is_drained(&self) -> bool {
        self.echoes_until <= self.now
            && self.readings.is_empty()
            && self.receiver.is_empty()
            && self.senders.iter().all(SenderNode::is_idle)
            && self.transfers.iter().all(Transfer::is_over)
    }

    /// The work that is not done.
    fn pending(&self) -> Vec<String> {
        let mut pending: Vec<String> = Vec::new();
        for (index, sender) in self.senders.iter().enumerate() {
            let left = sender.machine().into_iter().flat_map(SenderMachine::pending);
            pending.extend(left.map(|what| format!("sender {index}: {what}")));
        }
        if let Some(machine) = self.receiver.machine() {
            pending.push(format!("receiver: {:?}", machine.status()));
        }
        pending.extend(self.readings.keys().map(|reading| format!("reading {reading}")));
        let open = self.transfers.iter().filter(|transfer| !transfer.is_over());
        pending.extend(open.map(|transfer| format!("{transfer:?}")));
        pending
    }

    pub(super) fn at(&mut self, at: Micros, event: Event) {
        self.events.insert((at.max(self.now), self.next_event), event);
        self.next_event += 1;
    }

    pub(super) fn after(&mut self, delay: Micros, event: Event) {
        self.at(self.now + delay, event);
    }

    pub(super) fn see(&mut self, what: Seen) {
        self.coverage.see(what);
    }

    #[allow(clippy::print_stdout, reason = "a replayed seed prints its events")]
    pub(super) fn trace(&self, what: impl FnOnce() -> String) {
        if self.is_traced {
            println!("{:>10} {}", self.now, what());
        }
    }

    pub(super) fn fresh_epoch(&mut self) -> Epoch {
        self.next_epoch += 1;
        Epoch(self.next_epoch)
    }

    /// Whether an event is handled without an immediate turn: a busy thread handles all queued events before its next turn.
    pub(super) fn is_batched(&mut self) -> bool {
        self.happens(100, |random| &mut random.turns)
    }

    /// Whether something with this chance in a thousand happens. Nothing does after the end of the faults.
    pub(super) fn happens(&mut self, chance: u32, random: fn(&mut Random) -> &mut fastrand::Rng) -> bool {
        self.has_faults && chance > 0 && random(&mut self.random).u32(..1000) < chance
    }
}
