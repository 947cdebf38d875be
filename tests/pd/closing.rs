//! A node that is closed, or fails to start, has no further effect.

use std::{
    net::TcpListener,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};

use l2_adapter::{
    L2AdapterConfig,
    adapter::{Clock, CreationContext, L2Adapter, LoadBuffer, LoadChunk, SystemClock},
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig},
};
use serde_json::json;

use crate::node::{context, eventually, free_ports, key, look_up, spec, start, store};

#[test]
fn a_receiver_that_fails_to_start_frees_its_ports() {
    // An address that no other test uses.
    const HOST: &str = "127.0.0.77";
    let ports = free_ports(4);
    // The alloc port of its second rank.
    let _taken = TcpListener::bind((HOST, ports[3])).unwrap();
    let spec = spec("receiver", &ports, 1 << 20, &json!({"peer_host": HOST}));
    let config = PdL2AdapterConfig::from_value(&spec).unwrap();
    for _ in 0..20 {
        PdL2Adapter::new(&config, &context()).unwrap_err();
        for port in &ports[..3] {
            TcpListener::bind((HOST, *port)).unwrap();
        }
    }
}

const CHUNK: usize = 16 << 20;
/// The content of the owner's memory.
const OF_THE_OWNER: u8 = 0xaa;

/// Memory that a load fills.
struct Memory(Box<[AtomicU8]>);

/// A clock that stops the thread which reads it, once a load has started to fill the memory: at the first read, or a later one.
struct Stopping {
    clock: SystemClock,
    memory: Arc<Memory>,
    calls_before: AtomicUsize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Stopped,
    /// Stops no further thread.
    Over,
}

impl std::fmt::Debug for Stopping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stopping")
    }
}

impl Clock for Stopping {
    fn now(&self) -> Duration {
        let has_begun = self.memory.0[0].load(Ordering::Relaxed) != 0;
        let is_later = |calls: usize| calls.checked_sub(1);
        if has_begun && self.calls_before.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_later).is_err() {
            let mut state = self.state.lock().unwrap();
            if *state == State::Running {
                *state = State::Stopped;
            }
            drop(self.changed.wait_while(state, |state| *state == State::Stopped).unwrap());
        }
        self.clock.now()
    }
}

/// Stops a receiver's thread while the node is closed. The thread continues afterwards.
fn a_load_during_a_stopped_thread(calls_before: usize) {
    let memory = Arc::new(Memory((0..CHUNK).map(|_| AtomicU8::new(0)).collect()));
    let clock = Arc::new(Stopping {
        clock: SystemClock::new(),
        memory: Arc::clone(&memory),
        calls_before: AtomicUsize::new(calls_before),
        state: Mutex::new(State::Running),
        changed: Condvar::new(),
    });
    let ports = free_ports(2);
    let more = json!({"timing": {"close_seconds": 0.1}});
    let config = PdL2AdapterConfig::from_value(&spec("receiver", &ports, 2 * CHUNK as u64, &more)).unwrap();
    let seed = 0x57ed_0000 + calls_before as u64;
    let receiver = PdL2Adapter::new(&config, &CreationContext::new(Arc::<Stopping>::clone(&clock), seed)).unwrap();
    let sender = start(&spec("sender", &ports, 2 * CHUNK as u64, &json!({})));
    assert!(store(&sender, &[key(0, 1)], CHUNK).is_successful());
    assert_eq!(look_up(&receiver, &[key(0, 1)]).count(), 1);

    let start = memory.0.as_ptr().cast::<u8>().cast_mut();
    // SAFETY: the memory lives as long as the buffer, and until the result arrives only atomics read it. After that the test
    // writes to it, and the adapter must not: exactly that is tested.
    let buffer = unsafe { LoadBuffer::from_raw_parts(start, CHUNK, Arc::<Memory>::clone(&memory)) };
    let task = receiver.submit_load_task(vec![LoadChunk { key: key(0, 1), buffer }]);
    eventually("the thread stands still", || *clock.state.lock().unwrap() == State::Stopped);
    receiver.close();
    assert_eq!(receiver.query_load_result(task).map(|loaded| loaded.count()), Some(0));

    memory.0.iter().for_each(|byte| byte.store(OF_THE_OWNER, Ordering::Relaxed));
    *clock.state.lock().unwrap() = State::Over;
    clock.changed.notify_all();
    // The test's own reference, and the clock's.
    eventually("the thread has released the buffer", || Arc::strong_count(&memory) == 2);
    let changed = memory.0.iter().filter(|byte| byte.load(Ordering::Relaxed) != OF_THE_OWNER).count();
    assert_eq!(changed, 0, "bytes were written after the result, with {calls_before} calls before");
}

#[test]
fn a_stopped_thread_does_not_write_to_a_buffer_after_its_result() {
    // A turn of the thread's loop reads the clock a few times.
    let threads: Vec<_> =
        (0..8).map(|calls| std::thread::spawn(move || a_load_during_a_stopped_thread(calls))).collect();
    let ends: Vec<_> = threads.into_iter().map(std::thread::JoinHandle::join).collect();
    assert!(ends.iter().all(Result::is_ok));
}
