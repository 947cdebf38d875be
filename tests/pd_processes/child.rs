//! A node's process: it does what it is told on its standard input, one JSON value a line, and answers in kind.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, Write},
};

use l2_adapter::{
    adapter::{L2Adapter, ObjectKey, StoreBuffer, StoreChunk, StoreResult, TaskId, TaskKind},
    adapters::pd_l2_adapter::PdL2Adapter,
};
use serde_json::{Value, json};

use crate::node;

/// Where the spec of the node is.
pub(crate) const SPEC: &str = "PD_NODE_SPEC";

struct Node {
    adapter: PdL2Adapter,
    /// How each store task ended; `None` while it is open.
    stores: BTreeMap<TaskId, Option<StoreResult>>,
}

/// Serves until its input ends.
pub(crate) fn serve() {
    let spec = std::env::var(SPEC).expect("a node's process is started with its spec");
    let mut node = Node { adapter: node::start(&serde_json::from_str(&spec).unwrap()), stores: BTreeMap::new() };
    answer(&json!("ready"));
    for line in std::io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line.unwrap()).unwrap();
        answer(&node.perform(&command));
    }
}

/// In a line of its own that no line of the test's own output looks like.
fn answer(value: &Value) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "\n>{value}").unwrap();
    output.flush().unwrap();
}

impl Node {
    fn perform(&mut self, command: &Value) -> Value {
        let keys: Vec<ObjectKey> = command["keys"].as_array().map_or(&[][..], Vec::as_slice).iter().map(key).collect();
        let length = command["length"].as_u64().unwrap_or_default() as usize;
        match command["do"].as_str().unwrap() {
            "status" => self.adapter.status(),
            "resources" => resources(),
            "store" => self.store(&keys, length),
            "store_each" => keys.iter().map(|key| self.store(std::slice::from_ref(key), length)).collect(),
            "wait" => self.wait(),
            "load" => self.load(&keys, length),
            "consume" => self.consume(keys, length),
            "delete" => {
                self.adapter.delete(keys.clone());
                json!(node::look_up(&self.adapter, &keys).count())
            }
            "close" => {
                self.adapter.close();
                json!({})
            }
            unknown => panic!("a node does not know how to {unknown}"),
        }
    }

    fn store(&mut self, keys: &[ObjectKey], length: usize) -> Value {
        let chunk = |key: &ObjectKey| {
            let buffer = StoreBuffer::new(node::bytes(key, length));
            StoreChunk { key: key.clone(), buffer }
        };
        let task = self.adapter.submit_store_task(keys.iter().map(chunk).collect());
        self.stores.insert(task, None);
        json!({})
    }

    /// Waits for all store tasks: how many there were since the last time, and why some failed. Each completes once.
    fn wait(&mut self) -> Value {
        while self.stores.values().any(Option::is_none) {
            let adapter = &self.adapter;
            let completed = node::wait_for(adapter, TaskKind::Store, || Some(adapter.pop_completed_store_tasks()));
            for (task, result) in completed {
                let open = self.stores.get_mut(&task).expect("a task that was submitted completes");
                assert!(open.replace(result).is_none(), "{task:?} completed twice");
            }
        }
        let results: Vec<_> = std::mem::take(&mut self.stores).into_values().flatten().collect();
        let failures: Vec<_> = results.iter().filter_map(|result| result.failure.clone()).collect();
        json!({"tasks": results.len(), "failures": failures})
    }

    /// Loads what is there of the keys, and compares it byte for byte.
    fn load(&self, keys: &[ObjectKey], length: usize) -> Value {
        let found = node::look_up(&self.adapter, keys);
        let keys: Vec<_> =
            (0..).zip(keys).filter(|(index, _)| found.test(*index)).map(|(_, key)| key.clone()).collect();
        let loaded = node::load(&self.adapter, &keys, length);
        self.adapter.submit_unlock(keys.clone());
        let is_wrong = |(key, bytes): &(&ObjectKey, &Option<Box<[u8]>>)| {
            bytes.as_deref().is_some_and(|bytes| bytes != node::bytes(key, length).as_slice())
        };
        let wrong = keys.iter().zip(&loaded).filter(is_wrong).count();
        json!({"found": keys.len(), "loaded": loaded.iter().flatten().count(), "wrong": wrong})
    }

    /// Loads every key as soon as it is there: how many had wrong bytes.
    fn consume(&self, mut keys: Vec<ObjectKey>, length: usize) -> Value {
        let mut wrong = 0;
        node::eventually("all keys were loaded", move || {
            keys.retain(|key| {
                let loaded = self.load(std::slice::from_ref(key), length);
                wrong += loaded["wrong"].as_u64().unwrap();
                loaded["loaded"] == 0
            });
            assert_eq!(wrong, 0, "bytes of another chunk were loaded");
            keys.is_empty()
        });
        json!({})
    }
}

fn key(key: &Value) -> ObjectKey {
    node::key(0, key.as_u64().unwrap())
}

/// What the process has open and in use.
fn resources() -> Value {
    let count = |folder| fs::read_dir(folder).unwrap().count();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let resident_kib: u64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    json!({"descriptors": count("/proc/self/fd"), "threads": count("/proc/self/task"), "resident_kib": resident_kib})
}
