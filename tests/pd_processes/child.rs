//! A node's process: it reads commands from its standard input, one JSON value a line, and writes one answer for each.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, Write},
};

use l2_adapter::{
    L2AdapterConfig,
    adapter::{AdapterStatus, L2Adapter, ObjectKey, StoreResult, TaskId, TaskKind},
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig},
};
use serde_json::{Value, json};

use crate::node;

/// The environment variable with the node's spec.
pub(crate) const SPEC: &str = "PD_NODE_SPEC";

struct Node {
    adapter: PdL2Adapter,
    /// Store tasks whose result the test has not collected yet.
    stores: BTreeMap<TaskId, Store>,
}

struct Store {
    names: Vec<Value>,
    /// `None` while the task is open.
    result: Option<StoreResult>,
}

/// Serves until its input ends.
pub(crate) fn serve() {
    let spec = std::env::var(SPEC).expect("a node's process is started with its spec");
    let config = PdL2AdapterConfig::from_str(&spec).unwrap();
    let adapter = match PdL2Adapter::new(&config, &node::context()) {
        Ok(adapter) => adapter,
        Err(error) => return answer(&json!({"cannot_start": error.to_string()})),
    };
    let mut node = Node { adapter, stores: BTreeMap::new() };
    answer(&json!("ready"));
    for line in std::io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line.unwrap()).unwrap();
        answer(&node.perform(&command));
    }
}

/// Writes a line that cannot be confused with the test's own output.
fn answer(value: &Value) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "\n>{value}").unwrap();
    output.flush().unwrap();
}

impl Node {
    fn perform(&mut self, command: &Value) -> Value {
        let names = command["keys"].as_array().map_or(&[][..], Vec::as_slice);
        let keys: Vec<ObjectKey> = names.iter().map(key).collect();
        let length = command["length"].as_u64().unwrap_or_default() as usize;
        match command["do"].as_str().unwrap() {
            "status" => self.adapter.status(),
            "health" => self.health(),
            "resources" => resources(),
            "store" => self.store(names, length),
            "store_each" => names.iter().map(|name| self.store(std::slice::from_ref(name), length)).collect(),
            "collect" => self.collect(),
            "wait" => self.wait(),
            "load" => self.load(&keys, length),
            "consume" => self.consume(keys, length),
            "delete" => {
                self.adapter.delete(keys.clone());
                json!(node::look_up(&self.adapter, &keys).count())
            }
            "finish_request" => {
                self.adapter.finish_request("request");
                json!({})
            }
            "close" => {
                self.adapter.close();
                json!({})
            }
            unknown => panic!("a node does not know how to {unknown}"),
        }
    }

    /// Why the node is not healthy; null if it is.
    fn health(&self) -> Value {
        match self.adapter.report_status() {
            AdapterStatus::Healthy => Value::Null,
            AdapterStatus::Unhealthy(reason) => json!(reason),
            other => json!(format!("{other:?}")),
        }
    }

    fn store(&mut self, names: &[Value], length: usize) -> Value {
        let keys: Vec<_> = names.iter().map(key).collect();
        let task = node::submit_store(&self.adapter, &keys, length);
        self.stores.insert(task, Store { names: names.to_vec(), result: None });
        json!({})
    }

    /// Takes the results since the last call: their number, the keys of tasks that succeeded and of those that failed, and the
    /// reasons. Each task completes once.
    fn collect(&mut self) -> Value {
        self.note(self.adapter.pop_completed_store_tasks());
        let mut results = json!({"tasks": 0, "stored": [], "failed": [], "failures": []});
        let mut add = |list: &str, values: Vec<Value>| results[list].as_array_mut().unwrap().extend(values);
        let is_over = |_: &TaskId, store: &mut Store| store.result.is_some();
        let over: Vec<_> = self.stores.extract_if(.., is_over).map(|(_, store)| store).collect();
        let tasks = over.len();
        for Store { names, result } in over {
            match result.and_then(|result| result.failure) {
                None => add("stored", names),
                Some(reason) => {
                    add("failed", names);
                    add("failures", vec![json!(reason)]);
                }
            }
        }
        results["tasks"] = json!(tasks);
        results
    }

    fn note(&mut self, completed: Vec<(TaskId, StoreResult)>) {
        for (task, result) in completed {
            let store = self.stores.get_mut(&task).expect("a task that was submitted completes");
            assert!(store.result.replace(result).is_none(), "{task:?} completed twice");
        }
    }

    /// Waits for all store tasks, and collects them.
    fn wait(&mut self) -> Value {
        while self.stores.values().any(|store| store.result.is_none()) {
            let adapter = &self.adapter;
            let completed = node::wait_for(adapter, TaskKind::Store, || Some(adapter.pop_completed_store_tasks()));
            self.note(completed);
        }
        self.collect()
    }

    /// Loads those of the keys that are found, and compares every byte.
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

    /// Loads every key as soon as it is found. Returns how many had wrong bytes.
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

/// The open descriptors, threads and memory of the process.
fn resources() -> Value {
    let count = |folder| fs::read_dir(folder).unwrap().count();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let resident_kib: u64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    json!({"descriptors": count("/proc/self/fd"), "threads": count("/proc/self/task"), "resident_kib": resident_kib})
}
