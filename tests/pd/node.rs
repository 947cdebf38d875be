//! Nodes for tests: adapters on free ports of the loopback interface, and functions that wait for their results.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use l2_adapter::{
    L2AdapterConfig,
    adapter::{
        Bitmap, CreationContext, GroupLayouts, L2Adapter, LoadBuffer, LoadChunk, LoadedBytes, ObjectKey, StoreBuffer,
        StoreChunk, StoreResult, SystemClock, TaskId, TaskKind,
    },
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig},
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};

/// How long a test waits for a condition. Only a failing test waits this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A sender and the receiver it pushes to.
pub(crate) struct Pair {
    pub(crate) sender: PdL2Adapter,
    pub(crate) receiver: PdL2Adapter,
}

impl Pair {
    /// Two nodes over `mock_memory`, with this many ranks and this much staging memory for each; `more` is added to both specs.
    pub(crate) fn new(ranks: usize, buffer_bytes: u64, more: &Value) -> Self {
        let ports = free_ports(2 * ranks);
        let receiver = start(&spec("receiver", &ports, buffer_bytes, more));
        let sender = start(&spec("sender", &ports, buffer_bytes, more));
        Self { sender, receiver }
    }
}

/// The spec of one node.
pub(crate) fn spec(role: &str, ports: &[u16], buffer_bytes: u64, more: &Value) -> Value {
    let (init, alloc) = ports.split_at(ports.len() / 2);
    let mut spec = json!({
        "type": "pd",
        "role": role,
        "peer_host": "127.0.0.1",
        "peer_init_port": init,
        "peer_alloc_port": alloc,
        "buffer_size": buffer_bytes,
        "transfer_channel": "mock_memory",
    });
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    spec
}

pub(crate) fn start(spec: &Value) -> PdL2Adapter {
    PdL2Adapter::new(&PdL2AdapterConfig::from_value(spec).unwrap(), &context()).unwrap()
}

/// A context with an epoch that no other adapter of this process has.
pub(crate) fn context() -> CreationContext {
    static STARTS: AtomicU64 = AtomicU64::new(1);
    let seed = u64::from(std::process::id()) << 32 | STARTS.fetch_add(1, Ordering::Relaxed);
    CreationContext::new(Arc::new(SystemClock::new()), seed)
}

#[path = "../../src/cli/nodes/free_ports.rs"]
mod ports;

/// Ports that are free now.
pub(crate) fn free_ports(count: usize) -> Vec<u16> {
    ports::free_ports(count).unwrap()
}

/// A key of a rank.
pub(crate) fn key(rank: u8, name: u64) -> ObjectKey {
    ObjectKey::new("org/model", u32::from_be_bytes([2, rank, 2, rank]), &name.to_be_bytes()).unwrap()
}

/// Bytes that differ for every key.
pub(crate) fn bytes(key: &ObjectKey, length: usize) -> Vec<u8> {
    let seed = key
        .chunk_hash()
        .iter()
        .fold(u64::from(key.tp_rank()), |seed, byte| seed.wrapping_mul(257).wrapping_add(u64::from(*byte)));
    let mut random = fastrand::Rng::with_seed(seed);
    let mut bytes = vec![0; length];
    random.fill(&mut bytes);
    bytes
}

/// Stores keys, each with its own bytes, and waits for the result.
pub(crate) fn store(sender: &dyn L2Adapter, keys: &[ObjectKey], length: usize) -> StoreResult {
    stored(sender, submit_store(sender, keys, length))
}

/// Submits a store task of keys, each with its own bytes.
pub(crate) fn submit_store(sender: &dyn L2Adapter, keys: &[ObjectKey], length: usize) -> TaskId {
    let chunk = |key: &ObjectKey| StoreChunk::new(key.clone(), StoreBuffer::new(bytes(key, length)));
    sender.submit_store_task(keys.iter().map(chunk).collect())
}

/// Waits for a store task.
pub(crate) fn stored(sender: &dyn L2Adapter, task: TaskId) -> StoreResult {
    wait_for(sender, TaskKind::Store, || {
        sender.pop_completed_store_tasks().into_iter().find(|(done, _)| *done == task).map(|(_, result)| result)
    })
}

/// Looks keys up, and waits for the result.
pub(crate) fn look_up(receiver: &dyn L2Adapter, keys: &[ObjectKey]) -> Bitmap {
    let task = receiver.submit_lookup_and_lock_task(keys.to_vec(), GroupLayouts::default());
    wait_for(receiver, TaskKind::LookupAndLock, || receiver.query_lookup_and_lock_result(task))
}

/// Loads keys. Returns the bytes of those that were loaded.
pub(crate) fn load(receiver: &dyn L2Adapter, keys: &[ObjectKey], length: usize) -> Vec<Option<Box<[u8]>>> {
    let (chunks, loaded): (Vec<LoadChunk>, Vec<LoadedBytes>) = keys
        .iter()
        .map(|key| {
            let (buffer, loaded) = LoadBuffer::new(length);
            (LoadChunk { key: key.clone(), buffer }, loaded)
        })
        .unzip();
    let task = receiver.submit_load_task(chunks);
    let bitmap = wait_for(receiver, TaskKind::Load, || receiver.query_load_result(task));
    loaded
        .into_iter()
        .enumerate()
        .map(|(index, bytes)| bitmap.test(index).then(|| bytes.try_into_bytes().expect("the buffer was returned")))
        .collect()
}

/// Waits until a condition holds for which there is no event.
#[track_caller]
pub(crate) fn eventually(what: &str, holds: impl FnMut() -> bool) {
    assert!(comes_to(holds), "in {PATIENCE:?} this did not happen: {what}");
}

/// Whether the condition becomes true in time.
pub(crate) fn comes_to(mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Polls the event until there is a result.
pub(crate) fn wait_for<T>(adapter: &dyn L2Adapter, kind: TaskKind, result: impl Fn() -> Option<T>) -> T {
    loop {
        let mut event = [PollFd::from_borrowed_fd(adapter.completion_event(kind), PollFlags::IN)];
        let timeout = Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
        assert_eq!(poll(&mut event, Some(&timeout)), Ok(1), "{adapter}: no {kind:?} task completed in {PATIENCE:?}");
        rustix::io::read(adapter.completion_event(kind), &mut [0; 8]).unwrap();
        if let Some(result) = result() {
            return result;
        }
    }
}
