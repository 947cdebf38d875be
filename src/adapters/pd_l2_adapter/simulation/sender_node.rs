//! A node with a sender: what its threads, sockets and timers do around the machine.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    checks::tasks::Tasks,
    clock::{Micros, NodeClock},
    coverage::Seen,
    memory::{Memory, PAGE_BYTES},
    network::{Call, Connection, ConnectionId},
    options::Options,
    sabotage::Sabotage,
    world::{ACTIONS_MAX, Event, Process, World},
};
use crate::{
    adapter::{StoreResult, TaskId},
    adapters::pd_l2_adapter::{
        protocol::{Epoch, RegionNumber, RequestId, RequestWrites},
        sender::{SenderAction, SenderCall, SenderMachine, SenderSettings},
    },
    transfer::WriteId,
};

pub(super) const STORE_DEADLINE: Duration = Duration::from_millis(1500);

/// The node, over all starts of its process.
#[derive(Debug)]
pub(super) struct SenderNode {
    pub(super) clock: NodeClock,
    pub(super) process: Process,
    /// `None`: no process runs.
    pub(super) machine: Option<SenderMachine>,
    pub(super) frozen_until: Micros,
    /// It takes no tasks any more, and exits soon.
    pub(super) is_closing: bool,
    wakes_at: Option<Micros>,
    /// Where calls go.
    pub(super) current: Option<ConnectionId>,
    pub(super) attempt: Option<(u64, ConnectionId)>,
    /// Connections by the attempts that made them.
    pub(super) made: BTreeMap<u64, ConnectionId>,
    pub(super) calls: BTreeMap<u64, OpenCall>,
    pub(super) tasks: Tasks,
    pub(super) next_task: u64,
    /// What the channel knows of.
    pub(super) peers: BTreeMap<Epoch, RegionNumber>,
    /// Those whose connection is dead: no write to them arrives until they are added again.
    pub(super) broken_peers: BTreeSet<Epoch>,
    /// Those that something has failed with since they were added.
    pub(super) troubled_peers: BTreeSet<Epoch>,
    pub(super) staging: Memory,
    /// Transfers of the process by the machine's names.
    pub(super) transfers: BTreeMap<WriteId, usize>,
}

/// A call without an answer, on the connection it went over.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenCall {
    pub(super) connection: ConnectionId,
    pub(super) what: Asked,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Asked {
    Handshake(u64),
    Reserve(RequestId),
    Commit(RequestId),
    Cancel(RequestId),
    Heartbeat,
}

impl SenderNode {
    pub(super) fn new(index: usize, options: &Options, random: &mut fastrand::Rng) -> Self {
        let clock = if options.clocks_disagree {
            NodeClock { offset: random.u64(..100_000_000), rate: random.u64(950_000..1_050_000) }
        } else {
            NodeClock { offset: index as u64, rate: 1_000_000 }
        };
        Self {
            clock,
            process: Process(0),
            machine: None,
            frozen_until: 0,
            is_closing: false,
            wakes_at: None,
            current: None,
            attempt: None,
            made: BTreeMap::new(),
            calls: BTreeMap::new(),
            tasks: Tasks::default(),
            next_task: 0,
            peers: BTreeMap::new(),
            broken_peers: BTreeSet::new(),
            troubled_peers: BTreeSet::new(),
            staging: Memory::new(options.staging_pages),
            transfers: BTreeMap::new(),
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.machine.as_ref().is_none_or(|machine| {
            let status = machine.status();
            // A sender whose name another one has is not heard: what it would give up waits for the end of its memory.
            let unheard = if status.is_connected { status.open_cancellations } else { 0 };
            let writes = machine.chunk_writes_in_flight();
            status.open_requests + unheard + writes == 0 && self.tasks.is_empty()
        })
    }
}

fn settings(index: usize, options: &Options) -> SenderSettings {
    SenderSettings {
        node_name: options
            .node_names
            .then(|| if options.one_name { "node".to_owned() } else { format!("node-{index}") }),
        checksum: options.checksum,
        staging_bytes: options.staging_pages * PAGE_BYTES,
        staging_alignment_bytes: PAGE_BYTES,
        staged_write_max_bytes: 2 * PAGE_BYTES,
        reserve_wait: Duration::from_micros(options.reserve_wait),
        write_deadline: Duration::from_millis(250),
        store_deadline: STORE_DEADLINE,
        random_seed: index as u64,
        heartbeat_interval: Duration::from_micros(options.lease / 3),
        reconnect_delay: Duration::from_millis(20),
        reconnect_delay_max: Duration::from_millis(200),
        retry_delay: Duration::from_millis(5),
        ..SenderSettings::default()
    }
}

impl World {
    pub(super) fn start_sender(&mut self, sender: usize) {
        if self.senders[sender].machine.is_some() {
            return;
        }
        let epoch = self.fresh_epoch();
        let settings = settings(sender, &self.options);
        let node = &mut self.senders[sender];
        node.process.0 += 1;
        if node.process.0 > 1 {
            self.coverage.see(Seen::SenderRestarted);
        }
        let staging = Memory::new(self.options.staging_pages);
        let (process, clock, next_task) = (node.process, node.clock, node.next_task);
        *node = SenderNode {
            process,
            machine: Some(SenderMachine::new(settings, epoch)),
            next_task,
            staging,
            ..SenderNode::new(sender, &self.options, &mut fastrand::Rng::with_seed(0))
        };
        node.clock = clock;
        self.tell_sender(sender, |machine, now| machine.handle_deadline(now));
    }

    /// One input, then all actions it leads to.
    pub(super) fn tell_sender(&mut self, sender: usize, input: impl FnOnce(&mut SenderMachine, Duration)) {
        let node = &mut self.senders[sender];
        let Some(machine) = &mut node.machine else { return };
        let now = node.clock.read(self.now);
        let was_up = machine.status().is_connected;
        let requests = machine.status().open_requests;
        input(machine, now);
        machine.check_invariants();
        if was_up && !machine.status().is_connected && requests > machine.status().open_requests {
            self.coverage.see(Seen::GrantDropped);
        }
        for _ in 0..ACTIONS_MAX {
            let Some(action) = self.senders[sender].machine.as_mut().and_then(SenderMachine::poll_action) else {
                return self.plan_sender_wake(sender);
            };
            self.tell(|| format!("  sender {sender} does {action:?}"));
            self.perform(sender, action);
        }
        panic!("law: one input leads to more than {ACTIONS_MAX} actions");
    }

    fn plan_sender_wake(&mut self, sender: usize) {
        let node = &mut self.senders[sender];
        let Some(deadline) = node.machine.as_ref().and_then(SenderMachine::next_deadline) else { return };
        let at = node.clock.when(deadline).max(self.now);
        if node.wakes_at.is_none_or(|planned| planned > at) {
            node.wakes_at = Some(at);
            let process = node.process;
            self.at(at, Event::SenderWakes(sender, process));
        }
    }

    pub(super) fn wake_sender(&mut self, sender: usize, process: Process) {
        let node = &mut self.senders[sender];
        if node.process != process || node.wakes_at.is_none_or(|at| at > self.now) {
            return;
        }
        node.wakes_at = None;
        let now = node.clock.read(self.now);
        self.tell_sender(sender, |machine, now| machine.handle_deadline(now));
        let node = &self.senders[sender];
        node.tasks.check_deadlines(now);
        let next = node.machine.as_ref().and_then(SenderMachine::next_deadline);
        assert!(next.is_none_or(|next| next > now), "law: after {now:?} was handled, {next:?} is due");
    }

    fn perform(&mut self, sender: usize, action: SenderAction) {
        match action {
            SenderAction::Connect { attempt, request } => {
                let connection = self.open_connection(sender);
                let node = &mut self.senders[sender];
                node.attempt = Some((attempt, connection));
                node.made.insert(attempt, connection);
                self.call(sender, Some(connection), Asked::Handshake(attempt), Call::Handshake(request, attempt));
            }
            SenderAction::AddPeer { peer, region } => self.add_peer(sender, peer, region.number),
            SenderAction::RemovePeer(peer) => {
                self.senders[sender].peers.remove(&peer);
            }
            SenderAction::Probe { write, peer, .. } => self.probe_peer(sender, write, peer),
            SenderAction::LeaveConnection => self.leave_connection(sender),
            SenderAction::CloseConnection(attempt) => self.close_one_connection(sender, attempt),
            SenderAction::Call(call) => self.make_call(sender, call),
            SenderAction::Write { write, peer, chunks } => self.post(sender, write, peer, &chunks),
            SenderAction::Complete { task, result } => self.complete(sender, task, result),
        }
    }

    fn make_call(&mut self, sender: usize, call: SenderCall) {
        match call {
            SenderCall::Reserve(it) => self.call_current(sender, Asked::Reserve(it.request), Call::Reserve(it)),
            SenderCall::Commit(it) => self.call_current(sender, Asked::Commit(it.request), Call::Commit(it)),
            SenderCall::Cancel(mut it) => {
                self.see(match it.writes {
                    RequestWrites::InProgress => Seen::CancelUnconfirmed,
                    RequestWrites::BrokenOff => Seen::CancelBrokenOff,
                    RequestWrites::Ended => Seen::CancelConfirmed,
                });
                if self.options.sabotage == Some(Sabotage::CancelFreesUnderWrite) {
                    it.writes = RequestWrites::Ended;
                }
                self.call_current(sender, Asked::Cancel(it.request), Call::Cancel(it));
            }
            SenderCall::Heartbeat { epoch, is_probing } => {
                self.call_current(sender, Asked::Heartbeat, Call::Heartbeat(epoch, is_probing));
            }
        }
    }

    fn open_connection(&mut self, sender: usize) -> ConnectionId {
        self.connections.push(Connection {
            sender,
            sender_process: self.senders[sender].process,
            receiver_process: self.receiver.process,
            is_open: true,
            close_arrived: false,
            is_broken: self.receiver.machine.is_none(),
            is_half_open: false,
        });
        ConnectionId(self.connections.len() - 1)
    }

    fn complete(&mut self, sender: usize, task: TaskId, result: StoreResult) {
        let failure = result.failure.as_deref().unwrap_or_default();
        let seen = match (result.is_successful(), result.bytes_transferred) {
            (true, 0) => Seen::TaskStoredWithoutWriting,
            (true, _) => Seen::TaskStored,
            _ if failure.contains("do not fit") => Seen::TaskTooLarge,
            _ if failure.contains("a write did not end") => Seen::WriteTooSlow,
            _ if failure.contains("in time") => Seen::TaskLate,
            _ => Seen::TaskFailed,
        };
        self.see(seen);
        if self.options.sabotage == Some(Sabotage::LoseCompletion) && task.0 % 5 == 4 {
            return;
        }
        let tasks = &mut self.senders[sender].tasks;
        tasks.completed(task, &result, &self.visibility);
        if self.options.sabotage == Some(Sabotage::CompleteTwice) && task.0 % 5 == 4 {
            tasks.completed(task, &result, &self.visibility);
        }
    }
}
