//! The node with the receiver: what its threads, sockets and timers do around the machine, and what is watched there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    checks::tenancies::{Tenancies, Tenant},
    clock::{MILLISECOND, Micros, NodeClock},
    coverage::Seen,
    memory::{Memory, PAGE_BYTES, index_of, pages_of},
    network::{Answer, ConnectionId},
    options::Options,
    sabotage::Sabotage,
    world::{ACTIONS_MAX, Event, Process, World},
};
use crate::adapters::pd_l2_adapter::{
    protocol::{
        CallId, CommitRequest, Epoch, KeyAnswer, Region, RegionNumber, ReserveAnswer, ReserveRequest, SlotCommit,
        SlotTicket,
    },
    receiver::{LookupWaits, ReceiverAction, ReceiverMachine, ReceiverSettings, Watermark},
};

/// The node, over all starts of its process.
#[derive(Debug)]
pub(super) struct ReceiverNode {
    pub(super) clock: NodeClock,
    pub(super) process: Process,
    /// `None`: no process runs.
    pub(super) machine: Option<ReceiverMachine>,
    pub(super) epoch: Epoch,
    pub(super) region: RegionNumber,
    pub(super) memory: Memory,
    pub(super) frozen_until: Micros,
    /// It answers nobody any more, and exits soon.
    pub(super) is_closing: bool,
    wakes_at: Option<Micros>,
    pub(super) polls_at: Option<Micros>,
    /// Pieces of writes that broke off, which its kernel holds: transfer and piece.
    pub(super) sockets: Vec<(usize, usize)>,
    pub(super) next_call: u64,
    /// Reserve calls that were not answered yet: where the answer goes, and what was asked.
    pub(super) calls: BTreeMap<CallId, (ConnectionId, u64, ReserveRequest)>,
    /// The slots of every grant, by what they were granted for.
    pub(super) granted: BTreeMap<SlotTicket, (u64, usize)>,
    pub(super) committed: BTreeSet<SlotTicket>,
    /// The slots of the commit that is being handled.
    pub(super) committing: Vec<SlotTicket>,
    /// Chunks that are found no more, and are still being copied.
    pub(super) condemned: BTreeMap<SlotTicket, usize>,
    leases_run_out: u64,
    /// How look-ups had ended when one was answered last.
    pub(super) lookup_waits: LookupWaits,
    /// Look-ups that were answered while one of their keys was being written.
    pub(super) early_answers: u64,
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
            machine: None,
            epoch: Epoch(0),
            region: RegionNumber(0),
            memory: Memory::new(options.capacity_pages),
            frozen_until: 0,
            is_closing: false,
            wakes_at: None,
            polls_at: None,
            sockets: Vec::new(),
            next_call: 0,
            calls: BTreeMap::new(),
            granted: BTreeMap::new(),
            committed: BTreeSet::new(),
            committing: Vec::new(),
            condemned: BTreeMap::new(),
            leases_run_out: 0,
            lookup_waits: LookupWaits::default(),
            early_answers: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.machine.as_ref().is_some_and(|machine| {
            let status = machine.status();
            status.free_bytes() == status.capacity_bytes && status.parked_calls == 0
        })
    }

    pub(super) fn state_of(&self, ticket: SlotTicket) -> Option<&'static str> {
        self.machine.as_ref().and_then(|machine| machine.slot_state(ticket))
    }

    pub(super) fn condemned_bytes(&self) -> u64 {
        self.condemned.values().map(|key| pages_of(*key) * PAGE_BYTES).sum()
    }

    fn region(&self, options: &Options) -> Region {
        let pages = options.capacity_pages * if options.sabotage == Some(Sabotage::AdmitTooMuch) { 2 } else { 1 };
        Region {
            number: self.region,
            base_address: 0,
            length_bytes: pages * PAGE_BYTES + 64,
            probe_offset_bytes: pages * PAGE_BYTES,
            slot_alignment_bytes: PAGE_BYTES,
            channel_metadata: Vec::new(),
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
        if self.receiver.machine.is_some() {
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
        let region = self.receiver.region(&self.options);
        self.receiver.machine = Some(ReceiverMachine::new(settings(&self.options), epoch, region));
        self.tenancies = Tenancies::new(self.receiver.memory.len());
    }

    /// One input, then all actions it leads to.
    pub(super) fn tell_receiver<T>(
        &mut self,
        input: impl FnOnce(&mut ReceiverMachine, Duration, &Memory) -> T,
    ) -> Option<T> {
        let now = self.receiver.clock.read(self.now);
        let machine = self.receiver.machine.as_mut()?;
        let evicted = machine.status().counters.evicted_chunks;
        let result = input(machine, now, &self.receiver.memory);
        machine.check_invariants();
        if machine.status().counters.evicted_chunks > evicted {
            self.coverage.see(Seen::Evicted);
        }
        for _ in 0..ACTIONS_MAX {
            let Some(action) = self.receiver.machine.as_mut().and_then(ReceiverMachine::poll_action) else {
                self.plan_receiver_wake();
                return Some(result);
            };
            self.tell(|| format!("  the receiver does {action:?}"));
            self.receiver_does(action);
        }
        panic!("law: one input leads to more than {ACTIONS_MAX} actions");
    }

    fn plan_receiver_wake(&mut self) {
        let must_poll = self.receiver.machine.as_ref().is_some_and(ReceiverMachine::must_poll_channel);
        if must_poll && self.receiver.polls_at.is_none() {
            let at = self.now + self.random.transfers.u64(MILLISECOND..10 * MILLISECOND);
            self.receiver.polls_at = Some(at);
            self.at(at, Event::ReceiverPolls(self.receiver.process));
        }
        let Some(deadline) = self.receiver.machine.as_ref().and_then(ReceiverMachine::next_deadline) else { return };
        let at = self.receiver.clock.when(deadline).max(self.now);
        if self.receiver.wakes_at.is_none_or(|planned| planned > at) {
            self.receiver.wakes_at = Some(at);
            self.at(at, Event::ReceiverWakes(self.receiver.process));
        }
    }

    pub(super) fn wake_receiver(&mut self, process: Process) {
        if self.receiver.process != process || self.receiver.wakes_at.is_none_or(|at| at > self.now) {
            return;
        }
        self.receiver.wakes_at = None;
        let visible = self.visibility.footprint_bytes();
        self.tell_receiver(|machine, now, _| machine.handle_deadline(now));
        if self.visibility.footprint_bytes() < visible {
            self.see(Seen::Expired);
        }
        let now = self.receiver.clock.read(self.now);
        let next = self.receiver.machine.as_ref().and_then(ReceiverMachine::next_deadline);
        assert!(next.is_none_or(|next| next > now), "law: after {now:?} was handled, {next:?} is due");
        self.check_lookups_are_in_time(now);
        self.note_leases();
    }

    fn note_leases(&mut self) {
        let Some(machine) = &self.receiver.machine else { return };
        let run_out = machine.status().counters.leases_run_out;
        if run_out == self.receiver.leases_run_out {
            return;
        }
        self.receiver.leases_run_out = run_out;
        self.see(Seen::LeaseRanOut);
        if self.options.sabotage == Some(Sabotage::TimerFreesSlots) {
            let all: BTreeSet<Epoch> =
                self.senders.iter().filter_map(|sender| Some(sender.machine.as_ref()?.epoch())).collect();
            for epoch in all {
                self.tell_receiver(|machine, now, _| machine.take_for_dead(now, epoch));
            }
        }
    }

    fn receiver_does(&mut self, action: ReceiverAction) {
        match action {
            ReceiverAction::AnswerReserve { call, answer } => {
                let Some((connection, number, request)) = self.receiver.calls.remove(&call) else {
                    panic!("law: {call:?} is answered twice")
                };
                self.check_reserve_answer(&request, &answer);
                self.send_answer(connection, number, Answer::Reserve(answer));
            }
            ReceiverAction::AnswerLookup { lookup, found } => self.lookup_is_answered(lookup, found),
            ReceiverAction::ReplaceRegion => {
                // Memory is wanted most when the faults are over, so that this one may still strike then, once.
                let chance = std::mem::take(&mut self.options.replacement_fails);
                let fails = self.random.faults.u32(..1000) < chance;
                let delay = self.random.faults.u64(10..20 * MILLISECOND);
                self.after(delay, Event::RegionIsReplaced(self.receiver.process, !fails));
            }
            ReceiverAction::KeysStored(keys) => {
                keys.iter().for_each(|(key, length_bytes)| self.check_stored(key, *length_bytes));
            }
            ReceiverAction::KeysDeleted(keys) => {
                if self.options.sabotage != Some(Sabotage::LoseDeletedKeys) {
                    keys.iter().for_each(|(key, _)| self.visibility.deleted(index_of(key), self.now));
                }
            }
            ReceiverAction::KeysAccessed(_) => {}
        }
    }

    /// Slots are handed out where no write may land, and a key is called present only where it is.
    fn check_reserve_answer(&mut self, request: &ReserveRequest, answer: &ReserveAnswer) {
        let ReserveAnswer::Granted { keys: answers, .. } = answer else { return };
        assert_eq!(answers.len(), request.chunks.len(), "law: not every key is answered");
        let mut is_first = true;
        for (chunk, answer) in request.chunks.iter().zip(answers) {
            let key = index_of(&chunk.key);
            match *answer {
                KeyAnswer::Write { ticket, offset_bytes } => {
                    let before = self.receiver.granted.insert(ticket, (offset_bytes, key));
                    if before == Some((offset_bytes, key)) {
                        self.see(Seen::SameSlotsAgain);
                        continue;
                    }
                    assert_eq!(before, None, "tenancy: {ticket} is handed out twice");
                    let tenant = Tenant { ticket, epoch: request.epoch, key };
                    self.tenancies.granted(offset_bytes, chunk.length_bytes, tenant);
                    if is_first && self.options.sabotage == Some(Sabotage::PublishAtReserve) {
                        self.publish(request, ticket, chunk.length_bytes);
                    }
                    is_first = false;
                }
                KeyAnswer::Present => {
                    assert!(self.visibility.contains(key), "visibility: key {key} is called present, and is not there");
                }
                KeyAnswer::Pending => {}
            }
        }
    }

    /// Sabotage: what a sender has not written yet is committed for it.
    fn publish(&mut self, request: &ReserveRequest, ticket: SlotTicket, length_bytes: u64) {
        let checksum = None;
        let slots = vec![SlotCommit { ticket, length_bytes, checksum, layout: None }];
        let destination = request.destination;
        let commit = CommitRequest { epoch: request.epoch, request: request.request, destination, slots };
        self.commit(commit);
    }

    pub(super) fn region_is_replaced(&mut self, process: Process, done: bool) {
        if self.receiver.process != process || self.receiver.machine.is_none() {
            return;
        }
        if !done {
            self.see(Seen::ReplacementFailed);
            self.tell_receiver(|machine, now, _| machine.handle_region_replacement_failed(now));
            return;
        }
        self.see(Seen::RegionReplaced);
        self.forget_target();
        self.receiver.region.0 += 1;
        self.receiver.memory = Memory::new(self.options.capacity_pages);
        self.tenancies = Tenancies::new(self.receiver.memory.len());
        let region = self.receiver.region(&self.options);
        self.tell_receiver(|machine, now, _| machine.handle_region_replaced(now, region));
    }

    /// The process is gone, and with it what it held.
    pub(super) fn end_receiver(&mut self) {
        self.receiver.machine = None;
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
