//! Nodes on the hosts of a network, and the claims that must hold for them.
//!
//! The message of a violated claim begins with its kind: "wrong byte", "lost chunk", "lost slot", "hang", "false health", "not
//! healed" or "crash".

use std::{
    collections::BTreeMap,
    io::Write as _,
    ops::Range,
    process::Command,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    network::Host,
    node::{PATIENCE, comes_to, free_ports, spec},
    process::NodeProcess,
};

/// Ports of the control plane. Networks are isolated, so all of them use the same.
pub(crate) const CONTROL_PORTS: [u16; 2] = [7001, 7002];
pub(crate) const RECEIVER: &str = "10.77.0.2";
pub(crate) const SENDER: &str = "10.77.0.1";
/// The second sender's address.
pub(crate) const OTHER_SENDER: &str = "10.77.0.3";

pub(crate) const MIB: usize = 1 << 20;
/// The length of every chunk.
pub(crate) const CHUNK: usize = MIB;
/// The size of the receiver's buffer, in chunks.
pub(crate) const RECEIVER_CHUNKS: u64 = 64;

/// How soon bytes must move again after a fault has ended.
const HEALS_WITHIN: Duration = Duration::from_secs(30);
/// How late a node may be because its machine is busy.
const SLACK: Duration = Duration::from_secs(10);

/// Prints a line even if the test passes. The test harness captures `eprintln!`, but not this.
pub(crate) fn say(what: &str) {
    std::io::stderr().write_all(format!("pd_networks: {what}\n").as_bytes()).unwrap();
}

/// Why no node starts on this machine; `None` if one does. NIXL may be missing.
pub(crate) fn obstacle() -> Option<&'static str> {
    static OBSTACLE: OnceLock<Option<String>> = OnceLock::new();
    let look = || {
        let more = json!({"transfer_channel": "nixl", "nixl_backends": ["tcp"]});
        let spec = spec("receiver", &free_ports(2), MIB as u64, &more);
        NodeProcess::start_by(Command::new(std::env::current_exe().unwrap()), &spec).err()
    };
    OBSTACLE.get_or_init(look).as_deref()
}

/// The keys that the specs of all nodes of a deployment share.
#[derive(Clone)]
pub(crate) struct Settings {
    timing: Value,
    more: Value,
}

impl Settings {
    /// Short leases and deadlines, but long enough for a busy machine.
    pub(crate) fn short() -> Self {
        let timing = json!({
            "lease_seconds": 3.0, "heartbeat_seconds": 0.5, "connect_seconds": 2.0, "reserve_seconds": 0.5,
            "write_seconds": 10.0, "commit_seconds": 5.0, "store_seconds": 20.0, "death_grace_seconds": 1.0,
        });
        Self { timing, more: json!({}) }
    }

    /// The default of every time.
    pub(crate) fn with_default_times() -> Self {
        Self { timing: json!({}), more: json!({}) }
    }

    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        self.more[key] = value;
        self
    }

    fn seconds(&self, key: &str, default: f64) -> Duration {
        Duration::from_secs_f64(self.timing[key].as_f64().unwrap_or(default))
    }

    fn store_deadline(&self) -> Duration {
        self.seconds("store_seconds", 60.0)
    }

    /// How soon a sender must report that it is cut off: after three heartbeats without an answer and one attempt to connect.
    pub(crate) fn notices_within(&self) -> Duration {
        4 * self.seconds("heartbeat_seconds", 5.0) + self.seconds("connect_seconds", 10.0)
    }

    fn start(&self, host: &Host<'_>, role: &str, buffer_bytes: usize) -> NodeProcess {
        self.try_to_start(host, role, buffer_bytes).unwrap()
    }

    /// Starts a node, or returns the reason why it does not start.
    pub(crate) fn try_to_start(&self, host: &Host<'_>, role: &str, buffer_bytes: usize) -> Result<NodeProcess, String> {
        let mut more = self.more.clone();
        more["peer_host"] = json!(RECEIVER);
        more["transfer_channel"] = json!("nixl");
        more["nixl_backends"] = json!(["tcp"]);
        more["timing"] = self.timing.clone();
        let spec = spec(role, &CONTROL_PORTS, buffer_bytes as u64, &more);
        let program = std::env::current_exe().unwrap();
        // A starting node needs a whole core for a moment. If all started at once, others would miss heartbeats.
        static STARTS: [Mutex<()>; 4] = [const { Mutex::new(()) }; 4];
        static TURN: AtomicUsize = AtomicUsize::new(0);
        let turn = TURN.fetch_add(1, Ordering::Relaxed) % STARTS.len();
        let _turn = STARTS[turn].lock().unwrap_or_else(PoisonError::into_inner);
        NodeProcess::start_by(host.command(program.to_str().unwrap()), &spec)
    }
}

/// A receiver on a host.
pub(crate) struct Receiver<'network> {
    pub(crate) node: NodeProcess,
    pub(crate) host: Host<'network>,
}

impl<'network> Receiver<'network> {
    pub(crate) fn start(host: Host<'network>, settings: &Settings) -> Self {
        Self { node: settings.start(&host, "receiver", RECEIVER_CHUNKS as usize * CHUNK), host }
    }

    /// Loads those of the chunks that are there, and compares every byte. Returns their number.
    #[track_caller]
    pub(crate) fn load(&mut self, keys: &[u64]) -> usize {
        let mut found = 0;
        for keys in keys.chunks(16) {
            let loaded = self.node.perform(json!({"do": "load", "keys": keys, "length": CHUNK}));
            assert_eq!(loaded["wrong"], 0, "wrong byte: of {keys:?} {loaded}");
            assert_eq!(
                loaded["loaded"], loaded["found"],
                "wrong byte: a chunk of {keys:?} that was found was not loaded"
            );
            found += loaded["found"].as_u64().unwrap() as usize;
        }
        found
    }

    /// Deletes the chunks until all memory is free. Commits may still come in, so it deletes again and again.
    #[track_caller]
    pub(crate) fn until_all_is_free(&mut self, keys: &[u64]) {
        let mut status = Value::Null;
        let is_free = comes_to(|| {
            self.node.perform(json!({"do": "delete", "keys": keys}));
            status = self.node.status();
            status["free_bytes"] == status["capacity_bytes"]
        });
        assert!(is_free, "lost slot: in {PATIENCE:?} not all memory came free: {status:#}");
    }
}

/// A sender on a host, and the chunks it was given to store.
pub(crate) struct Sender<'network> {
    pub(crate) node: NodeProcess,
    pub(crate) host: Host<'network>,
    settings: Settings,
    /// The keys of its chunks so far.
    keys: Range<u64>,
    /// The start of each chunk's store task that is open.
    open: BTreeMap<u64, Instant>,
    /// Keys of chunks that the receiver must have.
    stored: Vec<u64>,
    failures: Vec<String>,
}

impl<'network> Sender<'network> {
    pub(crate) fn start(host: Host<'network>, settings: &Settings) -> Self {
        static SENDERS: AtomicU64 = AtomicU64::new(1);
        let first_key = SENDERS.fetch_add(1, Ordering::Relaxed) << 32;
        Self {
            node: settings.start(&host, "sender", 16 * MIB),
            host,
            settings: settings.clone(),
            keys: first_key..first_key,
            open: BTreeMap::new(),
            stored: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// The keys since it last [settled](settle).
    pub(crate) fn keys(&self) -> Vec<u64> {
        self.keys.clone().collect()
    }

    /// The number of its chunks that the receiver must have.
    pub(crate) fn stored(&self) -> usize {
        self.stored.len()
    }

    /// Whether no store task is open.
    pub(crate) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Begins to store new chunks, each in a separate task.
    #[track_caller]
    pub(crate) fn begin_to_store(&mut self, chunks: u64) {
        let keys: Vec<_> = (self.keys.end..self.keys.end + chunks).collect();
        self.keys.end += chunks;
        self.node.perform(json!({"do": "store_each", "keys": keys, "length": CHUNK}));
        self.open.extend(keys.into_iter().map(|key| (key, Instant::now())));
    }

    /// Takes the available results. No task may outlast its deadline.
    #[track_caller]
    pub(crate) fn collect(&mut self) {
        let results = self.node.perform(json!({"do": "collect"}));
        let names = |list: &str| results[list].as_array().unwrap().iter().map(|name| name.as_u64().unwrap());
        for key in names("stored").chain(names("failed")) {
            assert!(self.open.remove(&key).is_some(), "the task of chunk {key} completed twice");
        }
        self.stored.extend(names("stored"));
        self.failures.extend(results["failures"].as_array().unwrap().iter().map(|reason| reason.to_string()));
        let longest = self.open.values().map(Instant::elapsed).max().unwrap_or_default();
        let bound = self.settings.store_deadline() + SLACK;
        assert!(longest < bound, "hang: a store task is open after {longest:?}: {:#}", self.node.status());
    }

    /// Waits until every task has completed.
    #[track_caller]
    pub(crate) fn until_all_is_over(&mut self) {
        // Bounded: `collect` panics when a task outlasts its deadline.
        while !self.open.is_empty() {
            self.collect();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stores new chunks, all of which must arrive.
    #[track_caller]
    pub(crate) fn store(&mut self, chunks: u64) {
        let failed_before = self.failures.len();
        self.begin_to_store(chunks);
        self.until_all_is_over();
        assert!(self.failures.len() == failed_before, "a chunk was not stored: {:?}", &self.failures[failed_before..]);
    }

    /// Begins to store chunks over a slow link, and returns while they are being written.
    #[track_caller]
    pub(crate) fn store_until_a_transfer_is_under_way(&mut self) {
        self.host.slow_down(40);
        let before = self.host.sent_bytes();
        let moves = comes_to(|| {
            if self.is_idle() {
                self.begin_to_store(12);
            }
            self.collect();
            self.host.sent_bytes() > before + CHUNK as u64 && self.node.status()["writes_in_flight"] != 0
        });
        assert!(moves, "not healed: in {PATIENCE:?} no transfer was under way");
    }

    /// Waits until it has sent this many more bytes.
    #[track_caller]
    pub(crate) fn until_it_has_sent(&self, bytes: u64) {
        let before = self.host.sent_bytes();
        assert!(comes_to(|| self.host.sent_bytes() > before + bytes), "in {PATIENCE:?} it did not send {bytes} bytes");
    }

    /// Why it is not healthy; `None` if it is healthy.
    #[track_caller]
    pub(crate) fn trouble(&mut self) -> Option<String> {
        self.node.perform(json!({"do": "health"})).as_str().map(str::to_owned)
    }

    /// Watches the node for as long as a fault lasts. Returns how long it took until the node was not healthy.
    #[track_caller]
    pub(crate) fn watch(&mut self, duration: Duration) -> Option<Duration> {
        let start = Instant::now();
        let mut noticed = None;
        while start.elapsed() < duration {
            self.collect();
            if noticed.is_none() && self.trouble().is_some() {
                noticed = Some(start.elapsed());
            }
            std::thread::sleep(Duration::from_millis(20).min(duration.saturating_sub(start.elapsed())));
        }
        noticed
    }

    /// Watches a node that is cut off: if the cut is long enough, the node must report it until the end.
    #[track_caller]
    pub(crate) fn watch_cut_off(&mut self, duration: Duration) {
        let noticed = self.watch(duration);
        let bound = self.settings.notices_within() + SLACK;
        if duration > bound {
            assert!(
                noticed.is_some_and(|after| after < bound),
                "false health: cut off, it notices it after {noticed:?}"
            );
            assert!(self.trouble().is_some(), "false health: it is cut off and healthy");
        }
    }

    /// Every function of NIXL that the node's thread has called, and its longest call.
    #[track_caller]
    pub(crate) fn library_calls(&mut self) -> Vec<String> {
        let calls = self.node.status()["library_calls"].take();
        let calls = calls.as_object().unwrap();
        calls
            .iter()
            .map(|(name, call)| format!("{name} {} times, longest {} us", call["count"], call["longest_us"]))
            .collect()
    }

    /// Stores one chunk. Returns the failure's reason.
    #[track_caller]
    pub(crate) fn probe(&mut self) -> Result<(), String> {
        self.begin_to_store(1);
        let probe = self.keys.end - 1;
        while self.open.contains_key(&probe) {
            self.collect();
            std::thread::sleep(Duration::from_millis(2));
        }
        if self.stored.contains(&probe) { Ok(()) } else { Err(self.failures.last().cloned().unwrap_or_default()) }
    }

    /// Stores one chunk during a fault. If that fails, the node must not be healthy.
    #[track_caller]
    pub(crate) fn probe_while_broken(&mut self) {
        if let Err(reason) = self.probe() {
            assert!(self.trouble().is_some(), "false health: healthy after a chunk was not stored: {reason}");
        }
    }

    /// Stores one chunk after another until one arrives, and returns how long that took. The network works by now, so a healthy
    /// node's chunk must arrive.
    #[track_caller]
    pub(crate) fn until_bytes_move(&mut self) -> Duration {
        let start = Instant::now();
        loop {
            let trouble = self.trouble();
            let result = self.probe();
            let took = start.elapsed();
            match (&result, &trouble) {
                (Ok(()), _) if took < HEALS_WITHIN => return took,
                (Err(reason), None) => panic!("false health: healthy, and a chunk was not stored: {reason}"),
                _ => {}
            }
            assert!(took < HEALS_WITHIN, "not healed: in {took:?} no bytes moved: {result:?}, health: {trouble:?}");
        }
    }

    /// Waits until the node is healthy.
    #[track_caller]
    pub(crate) fn until_healthy(&mut self) {
        let mut trouble = None;
        let is_healthy = comes_to(|| {
            trouble = self.trouble();
            trouble.is_none()
        });
        assert!(is_healthy, "not healed: bytes move, and in {PATIENCE:?} it does not become healthy: {trouble:?}");
    }

    /// Kills the process. Returns its host, which stays up, and its keys.
    pub(crate) fn kill(self) -> (Host<'network>, Vec<u64>) {
        let keys = self.keys();
        self.node.kill();
        (self.host, keys)
    }

    /// Stops expecting the chunks stored so far: the receiver was restarted, or had no room for all of them.
    #[track_caller]
    pub(crate) fn expect_nothing_so_far(&mut self) {
        self.collect();
        self.stored.clear();
    }
}

/// Checks the claims that hold when all faults are over: each task has a result, each stored chunk is there with its own bytes, all
/// senders are healthy, and no memory remains in use. `orphans` are keys that dead senders were given.
#[track_caller]
pub(crate) fn settle(senders: &mut [&mut Sender<'_>], receiver: &mut Receiver<'_>, orphans: &[u64]) {
    receiver.load(orphans);
    let mut keys = orphans.to_vec();
    for sender in &mut *senders {
        sender.until_all_is_over();
        sender.until_healthy();
        let found = receiver.load(&sender.stored);
        assert_eq!(found, sender.stored.len(), "lost chunk: not all stored chunks are found");
        receiver.load(&sender.keys());
        keys.extend(sender.keys());
    }
    receiver.until_all_is_free(&keys);
    for sender in senders {
        let mut status = Value::Null;
        let is_idle = comes_to(|| {
            status = sender.node.status();
            ["staged_bytes", "writes_in_flight", "open_requests", "open_tasks"].iter().all(|count| status[count] == 0)
        });
        assert!(is_idle, "lost slot: the sender's memory is still in use: {status:#}");
        sender.stored.clear();
        sender.keys.start = sender.keys.end;
    }
}
