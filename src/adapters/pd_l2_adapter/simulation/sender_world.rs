//! A node with a sender: the world of its driver.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use super::{
    checks::tasks::Tasks,
    clock::{MILLISECOND, Micros, NodeClock},
    coverage::Seen,
    memory::{Memory, PAGE_BYTES},
    network::{Call, Connection, ConnectionId},
    options::Options,
    sabotage::Sabotage,
    world::{ACTIONS_MAX, Event, Process, TURNS_MAX, World},
};
use crate::{
    adapter::{StoreResult, TaskId},
    adapters::pd_l2_adapter::{
        driver::{Announcement, Announcer, SenderDriver, SenderEvent, SenderWorld},
        protocol::{Epoch, HandshakeRequest, Region, RegionNumber, RequestId, RequestWrites},
        sender::{ChunkWrite, SenderCall, SenderMachine, SenderSettings, SenderStatus, WriteRefusal},
    },
    transfer::{WriteEnd, WriteId},
};

/// How long a process that is being closed waits for its writes.
const CLOSE_TIME: Duration = Duration::from_millis(15);
/// How long events are collected before the turn that serves them, if they are batched.
pub(super) const BATCHED_FOR: Micros = 2 * MILLISECOND;
pub(super) const STORE_DEADLINE: Duration = Duration::from_millis(1500);

/// The node, over all starts of its process.
#[derive(Debug)]
pub(super) struct SenderNode {
    pub(super) clock: NodeClock,
    pub(super) process: Process,
    /// Whether its process runs.
    pub(super) runs: bool,
    /// `None` if no process runs, and during a turn.
    pub(super) driver: Option<SenderDriver>,
    /// The epoch of its last handshake.
    pub(super) epoch: Epoch,
    pub(super) frozen_until: Micros,
    /// It accepts no more tasks, and exits soon.
    pub(super) is_closing: bool,
    /// When its next turn comes.
    turns_at: Option<Micros>,
    /// Writes whose end the channel reports at the next poll.
    pub(super) ended: Vec<WriteEnd>,
    /// The connection for its calls.
    pub(super) current: Option<ConnectionId>,
    pub(super) attempt: Option<(u64, ConnectionId)>,
    /// Connections by the attempts that made them.
    pub(super) made: BTreeMap<u64, ConnectionId>,
    pub(super) calls: BTreeMap<u64, OpenCall>,
    pub(super) tasks: Tasks,
    pub(super) next_task: u64,
    /// The peers that the channel knows.
    pub(super) peers: BTreeMap<Epoch, RegionNumber>,
    /// Peers with a dead connection: no write to them arrives until they are added again.
    pub(super) broken_peers: BTreeSet<Epoch>,
    /// Peers with a failure since they were added.
    pub(super) troubled_peers: BTreeSet<Epoch>,
    pub(super) staging: Memory,
    /// Transfers of the process, by the machine's write ids.
    pub(super) transfers: BTreeMap<WriteId, usize>,
    misses_heartbeats: bool,
}

/// An unanswered call, and its connection.
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
    /// With the attempt that made its connection.
    Heartbeat(u64),
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
            runs: false,
            driver: None,
            epoch: Epoch(0),
            frozen_until: 0,
            is_closing: false,
            turns_at: None,
            ended: Vec::new(),
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
            misses_heartbeats: false,
        }
    }

    pub(super) fn machine(&self) -> Option<&SenderMachine> {
        self.driver.as_ref().map(SenderDriver::machine)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.machine().is_none_or(|machine| {
            let status = machine.status();
            // A superseded sender is ignored: its cancellations wait for the end of its memory.
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
        if self.senders[sender].runs {
            return;
        }
        let epoch = self.fresh_epoch();
        let machine = SenderMachine::new(settings(sender, &self.options), epoch);
        let node = &mut self.senders[sender];
        node.process.0 += 1;
        if node.process.0 > 1 {
            self.coverage.see(Seen::SenderRestarted);
        }
        let announcer = Announcer::new(Duration::from_secs(1), node.clock.read(self.now));
        let SenderNode { process, clock, next_task, .. } = *node;
        *node = SenderNode {
            process,
            runs: true,
            driver: Some(SenderDriver::new(machine, announcer, CLOSE_TIME).with_parts_of(1)),
            epoch,
            next_task,
            ..SenderNode::new(sender, &self.options, &mut fastrand::Rng::with_seed(0))
        };
        node.clock = clock;
        self.sender_turns(sender);
    }

    /// Passes an event to the driver, mostly with an immediate turn.
    pub(super) fn give_sender(&mut self, sender: usize, event: SenderEvent) {
        let node = &mut self.senders[sender];
        let Some(driver) = &mut node.driver else { return };
        let now = node.clock.read(self.now);
        let before = driver.status();
        driver.handle(now, event);
        let after = driver.status();
        if before.is_connected && !after.is_connected && before.open_requests > after.open_requests {
            self.coverage.see(Seen::GrantDropped);
        }
        if self.is_batched() {
            self.see(Seen::SenderBatched);
            return self.plan_sender_turn(sender, self.now + BATCHED_FOR);
        }
        self.sender_turns(sender);
    }

    pub(super) fn sender_turns(&mut self, sender: usize) {
        let node = &mut self.senders[sender];
        node.turns_at = None;
        let Some(mut driver) = node.driver.take() else { return };
        let is_due = |world: &Self, driver: &SenderDriver| {
            let now = world.senders[sender].clock.read(world.now);
            driver.machine().next_deadline().is_some_and(|next| next <= now)
        };
        // A turn may leave work, or cause an immediate deadline: the thread takes the next turn without a wait.
        let mut due_again = 0;
        loop {
            driver.turn(&mut SenderSide { world: self, sender, actions: 0 });
            driver.machine().check_invariants();
            if driver.has_work() {
                if self.is_batched() {
                    self.see(Seen::WritesInterrupted);
                    self.senders[sender].driver = Some(driver);
                    return self.plan_sender_turn(sender, self.now + BATCHED_FOR);
                }
                continue;
            }
            if !is_due(self, &driver) {
                break;
            }
            due_again += 1;
            assert!(due_again < TURNS_MAX, "law: after {due_again} turns without a wait, sender {sender} is due again");
        }
        let node = &mut self.senders[sender];
        let now = node.clock.read(self.now);
        node.tasks.check_deadlines(now);
        // The result of a poll comes as an event.
        let at = driver.rest(now).due.filter(|_| !driver.is_over(now)).map(|due| node.clock.when(due));
        node.driver = Some(driver);
        at.into_iter().for_each(|at| self.plan_sender_turn(sender, at));
    }

    fn plan_sender_turn(&mut self, sender: usize, at: Micros) {
        let node = &mut self.senders[sender];
        let at = at.max(self.now);
        if node.turns_at.is_none_or(|planned| planned > at) {
            node.turns_at = Some(at);
            let process = node.process;
            self.at(at, Event::SenderTurns(sender, process));
        }
    }

    pub(super) fn turn_sender(&mut self, sender: usize, process: Process) {
        let node = &self.senders[sender];
        if node.process == process && node.turns_at.is_some_and(|at| at <= self.now) {
            self.sender_turns(sender);
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
            SenderCall::Heartbeat { connection, epoch, is_probing } => {
                self.call_current(sender, Asked::Heartbeat(connection), Call::Heartbeat(epoch, is_probing));
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
            is_broken: !self.receiver.runs || self.receiver.is_closing,
            is_half_open: false,
        });
        ConnectionId(self.connections.len() - 1)
    }

    fn complete(&mut self, sender: usize, task: TaskId, result: &StoreResult) {
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
        tasks.completed(task, result, &self.visibility);
        if self.options.sabotage == Some(Sabotage::CompleteTwice) && task.0 % 5 == 4 {
            tasks.completed(task, result, &self.visibility);
        }
    }
}

/// The sender's side of the world, for one turn.
struct SenderSide<'a> {
    world: &'a mut World,
    sender: usize,
    actions: usize,
}

impl SenderSide<'_> {
    fn does(&mut self, action: fmt::Arguments<'_>) {
        self.world.trace(|| format!("  sender {} does {action}", self.sender));
        self.actions += 1;
        assert!(self.actions <= ACTIONS_MAX, "law: one turn leads to more than {ACTIONS_MAX} actions");
    }
}

impl SenderWorld for SenderSide<'_> {
    fn now(&self) -> Duration {
        self.world.senders[self.sender].clock.read(self.world.now)
    }

    fn poll_channel(&mut self, ended: &mut Vec<WriteEnd>) {
        ended.append(&mut self.world.senders[self.sender].ended);
    }

    fn connect(&mut self, attempt: u64, request: HandshakeRequest) {
        self.does(format_args!("connect: attempt {attempt}, {request:?}"));
        let (world, sender) = (&mut *self.world, self.sender);
        let connection = world.open_connection(sender);
        let node = &mut world.senders[sender];
        node.attempt = Some((attempt, connection));
        node.made.insert(attempt, connection);
        let before = std::mem::replace(&mut node.epoch, request.epoch);
        if before != request.epoch {
            world.see(Seen::FreshEpoch);
        }
        world.call(sender, Some(connection), Asked::Handshake(attempt), Call::Handshake(request, attempt));
    }

    fn leave_connection(&mut self) {
        self.does(format_args!("leave its connection"));
        self.world.leave_connection(self.sender);
    }

    fn close_connection(&mut self, attempt: u64) {
        self.does(format_args!("close connection {attempt}"));
        self.world.close_one_connection(self.sender, attempt);
    }

    fn call(&mut self, call: SenderCall) {
        self.does(format_args!("{call:?}"));
        self.world.make_call(self.sender, call);
    }

    fn add_peer(&mut self, peer: Epoch, region: Region) -> Result<(), String> {
        self.does(format_args!("add peer {peer}, {region:?}"));
        self.world.add_peer(self.sender, peer, region.number)
    }

    fn remove_peer(&mut self, peer: Epoch) {
        self.does(format_args!("remove peer {peer}"));
        self.world.senders[self.sender].peers.remove(&peer);
    }

    fn probe(&mut self, write: WriteId, peer: Epoch, _: u64) -> Result<(), WriteRefusal> {
        self.does(format_args!("probe {peer} by {write:?}"));
        self.world.probe_peer(self.sender, write, peer);
        Ok(())
    }

    fn write(&mut self, write: WriteId, peer: Epoch, chunks: &[ChunkWrite]) -> Result<Vec<Option<u64>>, WriteRefusal> {
        self.does(format_args!("post {write:?} to {peer}: {chunks:?}"));
        self.world.post(self.sender, write, peer, chunks)
    }

    fn publish(&mut self, status: SenderStatus) {
        let node = &mut self.world.senders[self.sender];
        let misses = status.last_failure.as_ref().is_some_and(|failure| failure.contains("heartbeats"));
        if misses && !std::mem::replace(&mut node.misses_heartbeats, misses) {
            self.world.see(Seen::HeartbeatsMissed);
        }
    }

    fn announce(&mut self, announcement: Announcement) {
        self.world.trace(|| format!("  sender {} says {announcement:?}", self.sender));
    }

    fn complete(&mut self, task: TaskId, result: StoreResult) {
        self.does(format_args!("complete {task}: {result:?}"));
        self.world.complete(self.sender, task, &result);
    }
}
