//! Faults of the two processes, and what must hold afterwards: no wrong byte, no lost slot, every task completes once.

use serde_json::{Value, json};

use crate::{
    node::{free_ports, spec},
    process::NodeProcess,
};

const MIB: usize = 1 << 20;

/// Eight polls of `mock_memory`.
const LARGE: usize = 32 * MIB;

/// The specs of a receiver and its senders.
pub(crate) struct Nodes {
    channel: String,
    ports: Vec<u16>,
    buffer_bytes: u64,
    timing: Value,
}

impl Nodes {
    /// Short leases (but a debug build's copy of a large chunk must not outlast one), and enough time for each task to outlast
    /// its fault.
    pub(crate) fn new(channel: &str, buffer_bytes: usize) -> Self {
        let timing = json!({
            "lease_seconds": 2.0, "heartbeat_seconds": 0.2, "connect_seconds": 2.0, "reserve_seconds": 0.2,
            "death_grace_seconds": 0.0, "store_seconds": 120.0, "write_seconds": 60.0,
        });
        Self { channel: channel.to_owned(), ports: free_ports(2), buffer_bytes: buffer_bytes as u64, timing }
    }

    /// The default leases: no node is declared silent because the machine is busy.
    pub(crate) fn with_long_leases(channel: &str, buffer_bytes: usize) -> Self {
        Self { timing: json!({"death_grace_seconds": 0.0}), ..Self::new(channel, buffer_bytes) }
    }

    fn with(mut self, key: &str, value: Value) -> Self {
        self.timing[key] = value;
        self
    }

    pub(crate) fn ports(&self) -> &[u16] {
        &self.ports
    }

    pub(crate) fn receiver(&self) -> NodeProcess {
        self.start("receiver", &json!({}))
    }

    pub(crate) fn sender(&self) -> NodeProcess {
        self.start("sender", &json!({}))
    }

    pub(crate) fn start(&self, role: &str, more: &Value) -> NodeProcess {
        let mut more = more.clone();
        more["transfer_channel"] = json!(self.channel);
        more["timing"] = self.timing.clone();
        NodeProcess::start(&spec(role, &self.ports, self.buffer_bytes, &more))
    }
}

/// Freezes a sender during a write: it has been granted a slot and has not committed it. Returns the keys that are being
/// written.
fn freeze_during_a_write(sender: &mut NodeProcess, receiver: &mut NodeProcess) -> u64 {
    for key in 1000.. {
        sender.store([key], LARGE);
        receiver.until("a slot is reserved", |status| {
            status["reserved"]["slots"] != 0 || status["committed"]["slots"] != 0
        });
        sender.freeze();
        // A frozen sender commits nothing more. After two answers the receiver has handled everything that it had sent.
        receiver.status();
        let status = receiver.status();
        // On a slow machine the lease may already have run out.
        if [&status["reserved"], &status["quarantined"]].iter().any(|tally| tally["slots"] == 1) {
            return key;
        }
        // Too late: everything had been written. Whether it was also committed does not matter here.
        sender.thaw();
        sender.perform(json!({"do": "wait"}));
        receiver.delete([key]);
    }
    unreachable!()
}

pub(crate) fn a_sender_killed_during_a_write_leaves_no_slot_behind(channel: &str) {
    let nodes = Nodes::new(channel, 2 * LARGE);
    let (mut receiver, mut sender) = (nodes.receiver(), nodes.sender());
    let key = freeze_during_a_write(&mut sender, &mut receiver);
    sender.kill();
    receiver.until_all_is_free();
    assert_eq!(receiver.load([key], LARGE), 0, "a chunk that was never committed is not found");

    let mut restarted = nodes.sender();
    restarted.store([key], LARGE);
    restarted.all_stored();
    assert_eq!(receiver.load([key], LARGE), 1);
    receiver.delete([key]);
    receiver.until_all_is_free();
}

pub(crate) fn a_receiver_killed_during_a_write_and_restarted_gets_the_task_again(channel: &str) {
    let nodes = Nodes::new(channel, 2 * LARGE);
    let (mut receiver, mut sender) = (nodes.receiver(), nodes.sender());
    let key = freeze_during_a_write(&mut sender, &mut receiver);
    receiver.kill();
    let mut receiver = nodes.receiver();
    sender.thaw();
    sender.all_stored();
    assert_eq!(receiver.load([key], LARGE), 1);
    receiver.delete([key]);
    receiver.until_all_is_free();
    sender.until("its staging memory is free", |status| status["staged_bytes"] == 0);
}

/// The sender is alive and sends heartbeats, which stay in the frozen process's sockets.
pub(crate) fn a_receiver_frozen_for_longer_than_a_lease_does_not_declare_its_senders_dead(channel: &str) {
    let nodes = Nodes::new(channel, 8 * MIB).with("lease_seconds", json!(4.0)).with("heartbeat_seconds", json!(1.2));
    let (mut receiver, mut sender) = (nodes.receiver(), nodes.sender());
    sender.store([1], MIB);
    sender.all_stored();
    receiver.freeze();
    std::thread::sleep(std::time::Duration::from_millis(4500));
    receiver.thaw();
    sender.store([2], MIB);
    sender.all_stored();
    assert_eq!(receiver.status()["leases_run_out"], 0);
}

/// The channel stops together with the frozen process, and must not be reported as the cause.
pub(crate) fn a_frozen_receiver_is_reported_as_not_responding(channel: &str) {
    let nodes = Nodes::new(channel, 8 * MIB).with("lease_seconds", json!(120.0)).with("heartbeat_seconds", json!(0.5));
    let (receiver, mut sender) = (nodes.receiver(), nodes.sender());
    // The heartbeat after a write has no probe, except one that is in flight when the receiver freezes.
    sender.store([1], MIB);
    sender.all_stored();
    receiver.freeze();
    let mut trouble = String::new();
    sender.until("it reports a trouble", |status| {
        trouble = status["trouble"].as_str().unwrap_or_default().to_owned();
        !trouble.is_empty()
    });
    assert!(
        trouble.contains("respon") && trouble.contains("check that its process runs and is not stopped"),
        "{trouble}"
    );
    receiver.thaw();
    sender.until("it is healthy again", |status| status["trouble"].is_null());
}

pub(crate) fn either_side_may_be_restarted_between_transfers(channel: &str) {
    let nodes = Nodes::new(channel, 8 * MIB);
    let (mut receiver, mut sender) = (nodes.receiver(), nodes.sender());
    for round in 0..3 {
        sender.store([2 * round], MIB);
        sender.all_stored();
        sender.kill();
        sender = nodes.sender();
        sender.store([2 * round + 1], MIB);
        sender.all_stored();
        assert_eq!(receiver.load([2 * round, 2 * round + 1], MIB), 2);
        receiver.delete([2 * round, 2 * round + 1]);
        receiver.until_all_is_free();
        receiver.kill();
        receiver = nodes.receiver();
    }
}

pub(crate) fn late_bytes_of_a_frozen_sender_hit_no_slot_of_another_sender(channel: &str) {
    let nodes = Nodes::new(channel, 3 * LARGE);
    let (mut receiver, mut frozen, mut other) = (nodes.receiver(), nodes.sender(), nodes.sender());
    freeze_during_a_write(&mut frozen, &mut receiver);
    receiver.until("its lease has run out", |status| status["quarantined"]["slots"] == 1);
    // All memory except the frozen sender's is used, and used again.
    let canaries = || 0..2;
    other.store(canaries(), LARGE);
    other.all_stored();
    frozen.thaw();
    // The sender continues, learns that it has lost its slot, and stores the chunk in another slot or not at all.
    frozen.perform(json!({"do": "wait"}));
    receiver.until("its writes have ended", |status| status["quarantined"]["slots"] == 0);
    assert_eq!(receiver.load(canaries(), LARGE), 2);
    receiver.delete(canaries().chain(1000..1100));
    receiver.until_all_is_free();
}

pub(crate) fn the_memory_of_a_frozen_sender_is_replaced_once_no_other_chunk_is_in_it(channel: &str) {
    let nodes = Nodes::new(channel, 2 * LARGE);
    let (mut receiver, mut frozen) = (nodes.receiver(), nodes.sender());
    freeze_during_a_write(&mut frozen, &mut receiver);
    receiver.until("the memory was replaced", |status| status["regions_replaced"] == 1);
    receiver.until_all_is_free();
    let mut other = nodes.sender();
    other.store(0..2, LARGE);
    other.all_stored();
    frozen.thaw();
    let first_load = receiver.load(0..2, LARGE);
    // The thawed sender stores the chunk again when there is room: loaded chunks are evicted.
    frozen.all_stored();
    assert_eq!(first_load, 2);
    receiver.load(0..2, LARGE);
    receiver.delete((0..2).chain(1000..1100));
    receiver.until_all_is_free();
}

pub(crate) fn a_full_receiver_serves_three_senders_that_need_four_times_its_memory(channel: &str) {
    const TASKS: u64 = 11;
    let nodes = Nodes::with_long_leases(channel, 8 * MIB).with("store_seconds", json!(120.0));
    let mut receiver = nodes.receiver();
    let mut senders = [nodes.sender(), nodes.sender(), nodes.sender()];
    let mut keys = Vec::new();
    for (sender, first) in senders.iter_mut().zip([100, 200, 300]) {
        let own: Vec<u64> = (first..first + TASKS).collect();
        sender.begin(json!({"do": "store_each", "keys": own, "length": MIB}));
        keys.extend(own);
    }
    receiver.perform(json!({"do": "consume", "keys": keys, "length": MIB}));
    for sender in &mut senders {
        sender.answer();
        sender.all_stored();
    }
    receiver.delete(keys);
    receiver.until_all_is_free();
}

pub(crate) fn closing_during_a_transfer_completes_every_task_once(channel: &str) {
    let nodes = Nodes::new(channel, 2 * LARGE).with("store_seconds", json!(3.0));
    let (mut receiver, mut sender) = (nodes.receiver(), nodes.sender());
    sender.store([1], LARGE);
    receiver
        .until("a slot is reserved", |status| status["reserved"]["slots"] != 0 || status["committed"]["slots"] != 0);
    sender.perform(json!({"do": "close"}));
    assert_eq!(sender.perform(json!({"do": "wait"}))["tasks"], 1);
    let status = sender.status();
    assert_eq!((&status["state"], &status["leaked_bytes"]), (&json!("closed"), &json!(0)));
    sender.kill();
    receiver.delete([1]);
    receiver.until_all_is_free();

    let mut sender = nodes.sender();
    let key = freeze_during_a_write(&mut sender, &mut receiver);
    receiver.perform(json!({"do": "close"}));
    sender.thaw();
    let ended = sender.perform(json!({"do": "wait"}));
    assert_eq!((&ended["tasks"], ended["failures"].as_array().unwrap().len()), (&json!(1), 1), "{key}");
    sender.until("its staging memory is free", |status| status["staged_bytes"] == 0);
    let status = receiver.status();
    assert_eq!((&status["state"], &status["leaked_bytes"]), (&json!("closed"), &json!(0)));
}

pub(crate) fn ten_thousand_requests_leave_nothing_behind(channel: &str) {
    const BATCH: u64 = 250;
    let nodes = Nodes::with_long_leases(channel, 8 * MIB);
    let (mut receiver, mut sender) = (nodes.receiver(), nodes.sender());
    let batch = |first: u64, sender: &mut NodeProcess, receiver: &mut NodeProcess| {
        let keys: Vec<u64> = (first..first + BATCH).collect();
        sender.perform(json!({"do": "store_each", "keys": keys, "length": 5000}));
        sender.all_stored();
        assert_eq!(receiver.load(keys.clone(), 5000), BATCH);
        receiver.delete(keys);
        receiver.until_all_is_free();
    };
    // Growth that happens only once happens before the first count.
    (0..8).for_each(|number| batch(number * BATCH, &mut sender, &mut receiver));
    let before = resources(&mut sender, &mut receiver);
    (8..40).for_each(|number| batch(number * BATCH, &mut sender, &mut receiver));
    let status = sender.status();
    assert_eq!(status["connections"], 1, "{status}");
    assert_same(&before, &resources(&mut sender, &mut receiver));
    assert_eq!((&status["stored_tasks"], &status["failed_tasks"]), (&json!(40 * BATCH), &json!(0)));
    assert_eq!((&status["staged_bytes"], &status["open_requests"]), (&json!(0), &json!(0)));
}

/// The open descriptors, threads and memory of a sender and a receiver.
pub(crate) fn resources(sender: &mut NodeProcess, receiver: &mut NodeProcess) -> [Value; 2] {
    [sender, receiver].map(|node| node.perform(json!({"do": "resources"})))
}

/// Descriptors and threads must be the same; memory may grow by no more than an allocator's variation.
pub(crate) fn assert_same(before: &[Value; 2], after: &[Value; 2]) {
    for ((side, before), after) in ["sender", "receiver"].iter().zip(before).zip(after) {
        let counts = |resources: &Value| [resources["descriptors"].clone(), resources["threads"].clone()];
        assert_eq!(counts(before), counts(after), "the {side}'s {before} became {after}");
        let kib = |resources: &Value| resources["resident_kib"].as_u64().unwrap();
        assert!(kib(after) < kib(before) + 4096, "the {side}'s {before} became {after}");
    }
}
