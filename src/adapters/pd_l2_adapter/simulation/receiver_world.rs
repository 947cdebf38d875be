//! The node with the receiver: the world of its driver, and what is recorded for the checkers.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    checks::tenancies::Tenancies,
    clock::{MILLISECOND, Micros, NodeClock},
    coverage::Seen,
    memory::{Memory, PAGE_BYTES},
    network::ConnectionId,
    options::Options,
    receiver_calls::Handshaken,
    receiver_side::ReceiverSide,
    sabotage::Sabotage,
    sender_world::BATCHED_FOR,
    world::{Event, Process, TURNS_MAX, World},
};
use crate::{
    adapter::Bitmap,
    adapters::pd_l2_adapter::{
        driver::{Pause, ReceiverDriver, ReceiverEvent, Rest},
        protocol::{CallId, Epoch, Region, RegionNumber, ReserveRequest, SlotTicket},
        receiver::{LookupId, LookupWaits, ReceiverMachine, ReceiverSettings, ReceiverStatus, Watermark},
    },
    transfer::ChannelRegion,
};

/// How long a receiver that stood still reads its sockets before it takes a turn.
const READING_TIME: Micros = 10 * MILLISECOND;

/// The node, over all starts of its process.
#[derive(Debug)]
pub(super) struct ReceiverNode {
    pub(super) clock: NodeClock,
    pub(super) process: Process,
    /// Whether its process runs.
    pub(super) runs: bool,
    /// `None` if no process runs, and during a turn.
    pub(super) driver: Option<ReceiverDriver>,
    pub(super) epoch: Epoch,
    pub(super) region: RegionNumber,
    pub(super) memory: Memory,
    pub(super) frozen_until: Micros,
    /// It answers no more calls, and exits soon.
    pub(super) is_closing: bool,
    /// When its next turn comes.
    turns_at: Option<Micros>,
    /// When the first event came that no turn has served yet.
    pub(super) batched_since: Option<Micros>,
    reads_until: Option<Micros>,
    pub(super) replaced: Option<Result<Region, String>>,
    /// The status that was published last.
    pub(super) status: ReceiverStatus,
    /// Pieces of broken-off writes that its kernel holds: transfer and piece.
    pub(super) sockets: Vec<(usize, usize)>,
    pub(super) next_call: u64,
    /// Unanswered calls.
    pub(super) calls: BTreeMap<CallId, OpenCall>,
    /// Calls that follow from an answer of this turn.
    pub(super) attaching: Vec<(ConnectionId, u64, Handshaken)>,
    /// Lookups that were answered in this turn.
    pub(super) answered_lookups: Vec<(LookupId, Bitmap)>,
    /// The slots of all grants, by the request and key of the grant.
    pub(super) granted: BTreeMap<SlotTicket, (u64, usize)>,
    /// The reserved slots, with their keys.
    pub(super) reserved: BTreeMap<SlotTicket, usize>,
    pub(super) committed: BTreeSet<SlotTicket>,
    /// Keys that were reported as stored and whose commits are not answered yet, with their lengths.
    pub(super) stored: BTreeMap<usize, u64>,
    /// The last hashes, by offset.
    pub(super) hashed: BTreeMap<u64, Vec<u64>>,
    leases_run_out: u64,
    /// How lookups had ended at the last answer of one.
    pub(super) lookup_waits: LookupWaits,
    /// Lookups that were answered while one of their keys was being written.
    pub(super) early_answers: u64,
}

/// A waiting call: the destination of its answer, and its request.
#[derive(Debug, Clone)]
pub(super) struct OpenCall {
    pub(super) connection: ConnectionId,
    pub(super) number: u64,
    pub(super) asked: Asked,
    /// Its caller disconnected after the last turn.
    pub(super) is_abandoned: bool,
}

impl OpenCall {
    pub(super) fn new(connection: ConnectionId, number: u64, asked: Asked) -> Self {
        Self { connection, number, asked, is_abandoned: false }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Asked {
    /// The sender, and the number of its attempt.
    Handshake {
        epoch: Epoch,
        attempt: u64,
        protocol_version: u32,
        superseded: u64,
    },
    Attach(Handshaken),
    Reserve(ReserveRequest),
    Commit(Vec<SlotTicket>),
    Other,
}

impl ReceiverNode {
    pub(super) fn new(options: &Options, random: &mut fastrand::Rng) -> Self {
        let clock = if options.clocks_disagree {
            NodeClock { offset: random.u64(..100_000_000), rate: random.u64(950_000..1_050_000) }
        } else {
            NodeClock { offset: 0, rate: 1_000_000 }
        };
        Self {
            clock,
            process: Process(0),
            runs: false,
            driver: None,
            epoch: Epoch(0),
            region: RegionNumber(0),
            memory: Memory::new(options.capacity_pages),
            frozen_until: 0,
            is_closing: false,
            turns_at: None,
            batched_since: None,
            reads_until: None,
            replaced: None,
            status: ReceiverStatus::default(),
            sockets: Vec::new(),
            next_call: 0,
            calls: BTreeMap::new(),
            attaching: Vec::new(),
            answered_lookups: Vec::new(),
            granted: BTreeMap::new(),
            reserved: BTreeMap::new(),
            committed: BTreeSet::new(),
            stored: BTreeMap::new(),
            hashed: BTreeMap::new(),
            leases_run_out: 0,
            lookup_waits: LookupWaits::default(),
            early_answers: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.machine().is_some_and(|machine| {
            let status = machine.status();
            status.free_bytes() == status.capacity_bytes && status.parked_calls == 0
        })
    }

    pub(super) fn state_of(&self, ticket: SlotTicket) -> Option<&'static str> {
        self.machine().and_then(|machine| machine.slot_state(ticket))
    }

    pub(super) fn machine(&self) -> Option<&ReceiverMachine> {
        self.driver.as_ref().map(ReceiverDriver::machine)
    }

    /// Whether a turn has served all its events.
    pub(super) fn is_settled(&self) -> bool {
        self.batched_since.is_none()
    }

    fn region(&self, options: &Options) -> Region {
        let pages = options.capacity_pages * if options.sabotage == Some(Sabotage::AdmitTooMuch) { 2 } else { 1 };
        Region {
            number: self.region,
            memory: ChannelRegion { base_address: 0, length_bytes: pages * PAGE_BYTES + 64, metadata: Vec::new() },
            probe_offset_bytes: pages * PAGE_BYTES,
            slot_alignment_bytes: PAGE_BYTES,
        }
    }
}

fn settings(options: &Options) -> ReceiverSettings {
    ReceiverSettings {
        slot_alignment_bytes: PAGE_BYTES,
        lease: Duration::from_micros(options.lease),
        death_grace: Duration::from_millis(200),
        channel_close_time: Duration::from_millis(100),
        time_to_live: Duration::from_millis(1200),
        eviction: options.watermark.then_some(Watermark { trigger: 0.8, ratio: 0.3 }),
        checksum: options.checksum,
        wait_max: Duration::from_secs(5),
        lookup_wait: Duration::from_micros(options.lookup_wait),
        lookup_grace: Duration::from_micros(options.lookup_grace),
        lookups_in_grace_max: options.lookups_in_grace,
        ..ReceiverSettings::default()
    }
}

impl World {
    pub(super) fn start_receiver(&mut self) {
        if self.receiver.runs {
            return;
        }
        let epoch = self.fresh_epoch();
        let clock = self.receiver.clock;
        let process = Process(self.receiver.process.0 + 1);
        if process.0 > 1 {
            self.see(Seen::ReceiverRestarted);
        }
        let node = ReceiverNode::new(&self.options, &mut fastrand::Rng::with_seed(0));
        self.receiver = ReceiverNode { clock, process, epoch, region: RegionNumber(1), ..node };
        let machine = ReceiverMachine::new(settings(&self.options), epoch, self.receiver.region(&self.options));
        self.receiver.runs = true;
        // One page at a time, so that much happens while a chunk is copied.
        self.receiver.driver = Some(ReceiverDriver::new(machine).with_parts_of(PAGE_BYTES));
        self.tenancies = Tenancies::new(self.receiver.memory.len());
        self.receiver_turns();
    }

    /// Passes an event to the driver, mostly with an immediate turn.
    pub(super) fn give_receiver(&mut self, event: ReceiverEvent) {
        let now = self.receiver.clock.read(self.now);
        if self.receiver.is_closing && !matches!(event, ReceiverEvent::Close) {
            // After its last turn it takes no event.
            return;
        }
        let Some(driver) = &mut self.receiver.driver else { return };
        self.receiver.batched_since.get_or_insert(self.now);
        driver.handle(now, event);
        if let Some(until) = self.receiver.reads_until.filter(|until| *until > self.now) {
            return self.plan_receiver_turn(until);
        }
        if self.is_batched() {
            self.see(Seen::ReceiverBatched);
            return self.plan_receiver_turn(self.now + BATCHED_FOR);
        }
        self.receiver_turns();
    }

    pub(super) fn receiver_turns(&mut self) {
        self.receiver.turns_at = None;
        let polls = self.receiver.machine().is_some_and(ReceiverMachine::must_poll_channel);
        if polls && self.options.sabotage != Some(Sabotage::PollNothing) {
            // Before the turn that polls: nothing that arrives before the poll frees a slot.
            self.take_from_sockets();
        }
        let Some(mut driver) = self.receiver.driver.take() else { return };
        let evicted = driver.status().counters.evicted_chunks;
        let written = self.receiver.reserved.clone();
        let now = self.receiver.clock.read(self.now);
        for turn in 1.. {
            driver.turn(&mut ReceiverSide::of(self));
            driver.machine().check_invariants();
            if driver.machine().next_deadline().is_none_or(|next| next > now) {
                break;
            }
            assert!(turn < TURNS_MAX, "law: after {turn} turns without a wait, the receiver is due again");
        }
        if driver.status().counters.evicted_chunks > evicted {
            self.see(Seen::Evicted);
        }
        let Rest { due, pause } = driver.rest(now);
        self.receiver.reserved.retain(|ticket, _| driver.machine().slot_state(*ticket) == Some("reserved"));
        self.receiver.driver = Some(driver);
        assert!(
            self.receiver.stored.is_empty(),
            "visibility: {:?} are published, and no commit of theirs is answered",
            self.receiver.stored
        );
        if polls && self.options.sabotage == Some(Sabotage::PollNothing) {
            self.take_from_sockets();
        }
        for (lookup, found) in std::mem::take(&mut self.receiver.answered_lookups) {
            self.lookup_is_answered(lookup, found, &written);
        }
        self.receiver.batched_since = None;
        self.receiver.calls.retain(|_, call| !call.is_abandoned);
        self.check_lookups_are_in_time(now);
        self.plan_after_turn(due, pause);
        self.note_leases();
        self.attach_those_let_in();
    }

    fn plan_after_turn(&mut self, due: Option<Duration>, pause: Pause) {
        let polls_at = match pause {
            Pause::UntilEvent => None,
            // The duration of a turn, with other work and other processes in between.
            Pause::For(pause) if pause >= Duration::from_millis(1) => {
                Some(self.now + u64::try_from(pause.as_micros()).unwrap_or(u64::MAX))
            }
            Pause::None | Pause::Yield | Pause::For(_) => {
                Some(self.now + self.random.transfers.u64(MILLISECOND..10 * MILLISECOND))
            }
        };
        let due = due.map(|due| self.receiver.clock.when(due));
        if let Some(at) = due.into_iter().chain(polls_at).min() {
            self.plan_receiver_turn(at);
        }
    }

    fn plan_receiver_turn(&mut self, at: Micros) {
        let at = at.max(self.now);
        if self.receiver.turns_at.is_none_or(|planned| planned > at) {
            self.receiver.turns_at = Some(at);
            self.at(at, Event::ReceiverTurns(self.receiver.process));
        }
    }

    pub(super) fn turn_receiver(&mut self, process: Process) {
        let node = &mut self.receiver;
        if node.process != process || node.is_closing || node.turns_at.is_none_or(|at| at > self.now) {
            return;
        }
        let now = node.clock.read(self.now);
        let is_read = node.reads_until.take().is_some_and(|until| until <= self.now);
        if !is_read && node.driver.as_ref().is_some_and(|driver| driver.has_stood_still(now)) {
            node.turns_at = None;
            node.reads_until = Some(self.now + READING_TIME);
            self.see(Seen::ReceiverReadsFirst);
            return self.plan_receiver_turn(self.now + READING_TIME);
        }
        let visible = self.visibility.footprint_bytes();
        self.receiver_turns();
        if self.visibility.footprint_bytes() < visible {
            self.see(Seen::Expired);
        }
    }

    fn note_leases(&mut self) {
        let run_out = self.receiver.status.counters.leases_run_out;
        if run_out == self.receiver.leases_run_out {
            return;
        }
        self.receiver.leases_run_out = run_out;
        self.see(Seen::LeaseRanOut);
        if self.options.sabotage == Some(Sabotage::TimerFreesSlots) {
            let all: BTreeSet<Epoch> =
                self.senders.iter().filter_map(|sender| Some(sender.machine()?.epoch())).collect();
            all.into_iter().for_each(|epoch| self.take_for_dead(epoch));
        }
    }

    /// Sabotage: regardless of the connections.
    pub(super) fn take_for_dead(&mut self, epoch: Epoch) {
        let now = self.receiver.clock.read(self.now);
        if let Some(driver) = &mut self.receiver.driver {
            driver.machine_mut().take_for_dead(now, epoch);
        }
        self.receiver_turns();
    }

    pub(super) fn region_is_replaced(&mut self, process: Process, done: bool) {
        if self.receiver.process != process || !self.receiver.runs || self.receiver.is_closing {
            return;
        }
        if !done {
            self.see(Seen::ReplacementFailed);
            self.receiver.replaced = Some(Err("no memory".to_owned()));
            return self.receiver_turns();
        }
        self.see(Seen::RegionReplaced);
        self.forget_target();
        self.receiver.region.0 += 1;
        self.receiver.memory = Memory::new(self.options.capacity_pages);
        self.tenancies = Tenancies::new(self.receiver.memory.len());
        let region = self.receiver.region(&self.options);
        self.receiver.replaced = Some(Ok(region));
        self.receiver_turns();
    }

    /// The process ends, with everything that it held.
    pub(super) fn end_receiver(&mut self) {
        (self.receiver.runs, self.receiver.driver) = (false, None);
        self.receiver.frozen_until = 0;
        self.readings.clear();
        self.forget_target();
        self.visibility.all_gone(self.now);
        let process = self.receiver.process;
        for index in 0..self.connections.len() {
            let connection = &mut self.connections[index];
            if connection.receiver_process != process || !connection.is_open {
                continue;
            }
            connection.is_broken = true;
            let (sender, process) = (connection.sender, connection.sender_process);
            let delay = self.random.faults.u64(10..5 * MILLISECOND);
            self.after(delay, Event::ConnectionLost { sender, process, connection: ConnectionId(index) });
        }
    }
}
