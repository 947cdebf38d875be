//! The proxy is notified of a request once all of its chunks are at the receiver, or one of them has failed. The proxy's socket is
//! that of LMCache's proxies: pyzmq and msgspec.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
};

use l2_adapter::{
    adapter::{ObjectKey, StoreBuffer, StoreChunk, StoreResult},
    adapters::pd_l2_adapter::{PdL2Adapter, RequestWords},
};
use serde_json::json;

use crate::node::{PATIENCE, Pair, bytes, eventually, free_ports, key, look_up, spec, start, store, stored};

const LENGTH: usize = 1000;

/// A PULL socket of pyzmq in a separate process, which ends when this is dropped.
struct PythonProxy {
    process: Child,
    port: u16,
    requests: mpsc::Receiver<String>,
}

impl PythonProxy {
    fn start(port: Option<u16>) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/python-peers/bin/python");
        assert!(python.exists(), "{} is missing: run scripts/install-python-peers", python.display());
        let mut process = Command::new(python)
            .arg(root.join("tests/interop/proxy_pull.py"))
            .args(port.map(|port| port.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (to_test, requests) = mpsc::channel();
        std::thread::spawn(move || lines.try_for_each(|line| to_test.send(line)));
        let port = requests.recv_timeout(PATIENCE).expect("the proxy reports its port").parse().unwrap();
        Self { process, port, requests }
    }

    /// The request ids of the next messages.
    fn take(&self, count: usize) -> Vec<String> {
        let next = || self.requests.recv_timeout(PATIENCE).expect("a notification arrives");
        (0..count).map(|_| next()).collect()
    }
}

impl Drop for PythonProxy {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn pair(ranks: usize, proxy_port: u16) -> Pair {
    let ports = free_ports(2 * ranks);
    let receiver = start(&spec("receiver", &ports, 1 << 20, &json!({})));
    let proxy = json!({"proxy_host": "127.0.0.1", "proxy_port": proxy_port});
    Pair { sender: start(&spec("sender", &ports, 1 << 20, &proxy)), receiver }
}

fn store_of(sender: &PdL2Adapter, request: &str, keys: &[ObjectKey]) -> StoreResult {
    let chunk = |key: &ObjectKey| StoreChunk::new(key.clone(), StoreBuffer::new(bytes(key, LENGTH)));
    let task = sender.submit_store_task_of_request(request, keys.iter().map(chunk).collect());
    stored(sender, task)
}

fn named_pair(receiver_name: &str, proxy_port: u16) -> Pair {
    let ports = free_ports(2);
    let receiver = start(&spec("receiver", &ports, 1 << 20, &json!({"timing": {"lookup_grace_seconds": 0}})));
    let of_sender = json!({"proxy_host": "127.0.0.1", "proxy_port": proxy_port, "receiver_name": receiver_name});
    Pair { sender: start(&spec("sender", &ports, 1 << 20, &of_sender)), receiver }
}

/// Messages that were sent or wait to be sent.
fn notifications(sender: &PdL2Adapter) -> u64 {
    let proxy = &sender.status()["proxy"];
    proxy["sent"].as_u64().unwrap() + proxy["waiting"].as_u64().unwrap()
}

#[test]
fn the_proxy_is_notified_once_for_each_rank_when_a_request_is_finished_and_committed() {
    let proxy = PythonProxy::start(None);
    let pair = pair(2, proxy.port);
    assert!(store_of(&pair.sender, "chatcmpl-1", &[key(0, 1), key(1, 1)]).is_successful());
    assert!(store_of(&pair.sender, "chatcmpl-1", &[key(1, 2)]).is_successful());
    assert_eq!(notifications(&pair.sender), 0, "the request is not finished");
    pair.sender.finish_request("chatcmpl-1");
    pair.sender.finish_request("nothing to store: é");
    assert_eq!(proxy.take(4), ["chatcmpl-1", "chatcmpl-1", "nothing to store: é", "nothing to store: é"]);
    eventually("all are sent", || pair.sender.status()["proxy"]["sent"] == 4);
}

#[test]
fn a_request_finished_before_its_commits_is_notified_after_them() {
    let proxy = PythonProxy::start(None);
    let ports = free_ports(2);
    let address = json!({"proxy_host": "127.0.0.1", "proxy_port": proxy.port});
    let sender = start(&spec("sender", &ports, 1 << 20, &address));
    let buffer = StoreBuffer::new(bytes(&key(0, 1), LENGTH));
    let task = sender.submit_store_task_of_request("r", vec![StoreChunk::new(key(0, 1), buffer)]);
    sender.finish_request("r");
    assert_eq!(notifications(&sender), 0, "there is no receiver yet");
    let _receiver = start(&spec("receiver", &ports, 1 << 20, &json!({})));
    assert!(stored(&sender, task).is_successful());
    assert_eq!(proxy.take(1), ["r"]);
}

#[test]
fn a_request_with_a_chunk_that_was_not_stored_is_notified_and_counts_as_failed() {
    let proxy = PythonProxy::start(None);
    let pair = pair(1, proxy.port);
    assert!(store_of(&pair.sender, "broken", &[key(0, 1)]).is_successful());
    assert!(!store_of(&pair.sender, "broken", &[key(1, 1)]).is_successful(), "rank 1 has no port");
    pair.sender.finish_request("broken");
    pair.sender.finish_request("whole");
    assert_eq!(proxy.take(2), ["broken", "whole"]);
    assert_eq!(pair.sender.status()["requests"], json!({"open": 0, "failed": 1, "missing_chunks": 0}));
}

#[test]
fn store_tasks_that_name_no_request_complete_announced_keys() {
    let proxy = PythonProxy::start(None);
    let pair = pair(2, proxy.port);
    let (first, second) = (key(0, 1), key(1, 1));
    let words = RequestWords { receiver: None, proxy_request: Some("17".to_owned()) };
    assert!(pair.sender.expect("cmpl-1", [first.clone(), second.clone()], &words));
    pair.sender.finish_request("cmpl-1");
    assert_eq!(pair.sender.unclaimed_keys("cmpl-1"), [first.clone(), second.clone()]);
    assert!(store(&pair.sender, &[first], LENGTH).is_successful());
    assert_eq!(notifications(&pair.sender), 0, "the second rank is not ready");
    assert!(store(&pair.sender, &[second], LENGTH).is_successful());
    assert_eq!(proxy.take(2), ["17", "17"]);
}

#[test]
fn each_receiver_gets_the_keys_of_requests_that_name_it_and_an_unknown_receiver_is_a_failure() {
    let proxy = PythonProxy::start(None);
    let pairs = ["decode-0", "decode-1"].map(|name| named_pair(name, proxy.port));
    let senders = pairs.each_ref().map(|pair| &pair.sender);
    let [only_0, only_1, both, all, nobody] = [1, 2, 3, 4, 5].map(|number| key(0, number));
    for (request, receiver, keys) in [
        ("zero", Some("decode-0"), [only_0.clone(), both.clone()].as_slice()),
        ("one", Some("decode-1"), &[only_1.clone(), both.clone()]),
        ("lost", Some("decode-2"), std::slice::from_ref(&nobody)),
        ("all", None, std::slice::from_ref(&all)),
    ] {
        let words = RequestWords { receiver: receiver.map(str::to_owned), proxy_request: None };
        PdL2Adapter::expect_at(&senders, request, keys, &words);
    }
    // One store task mixes them, as LMCache's do.
    let mixed = [only_0, only_1, both, all, nobody];
    let stored = senders.map(|sender| store(sender, &mixed, LENGTH).bytes_transferred);
    assert_eq!(stored, [3 * LENGTH as u64; 2]);
    for (pair, expected) in pairs.iter().zip([[true, false, true, true, false], [false, true, true, true, false]]) {
        let found = look_up(&pair.receiver, &mixed);
        assert_eq!([0, 1, 2, 3, 4].map(|index| found.test(index)), expected);
    }
    for request in ["zero", "one", "lost"] {
        senders.iter().for_each(|sender| sender.finish_request(request));
    }
    let mut requests = proxy.take(3);
    requests.sort();
    assert_eq!(requests, ["lost", "one", "zero"]);
    assert_eq!(senders.map(|sender| sender.status()["requests"]["failed"].as_u64()), [Some(1), Some(0)]);
}

#[test]
fn a_restarted_proxy_gets_the_notifications_it_missed() {
    let proxy = PythonProxy::start(None);
    let (pair, port) = (pair(1, proxy.port), proxy.port);
    pair.sender.finish_request("before");
    assert_eq!(proxy.take(1), ["before"]);
    drop(proxy);
    assert!(store_of(&pair.sender, "meanwhile", &[key(0, 1)]).is_successful());
    pair.sender.finish_request("meanwhile");
    eventually("it was tried", || pair.sender.status()["proxy"]["retried"] != 0);
    let proxy = PythonProxy::start(Some(port));
    pair.sender.finish_request("after");
    assert_eq!(proxy.take(2), ["meanwhile", "after"]);
}

#[test]
fn an_unresponsive_proxy_delays_neither_stores_nor_close() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let pair = pair(1, silent.local_addr().unwrap().port());
    for name in 0..50 {
        let request = name.to_string();
        assert!(store_of(&pair.sender, &request, &[key(0, name)]).is_successful());
        pair.sender.finish_request(&request);
    }
    assert_eq!(notifications(&pair.sender), 50);
    drop(pair);
}

#[test]
fn closing_sends_the_last_notification() {
    let proxy = PythonProxy::start(None);
    let pair = pair(1, proxy.port);
    assert!(store_of(&pair.sender, "last", &[key(0, 1)]).is_successful());
    pair.sender.finish_request("last");
    drop(pair);
    assert_eq!(proxy.take(1), ["last"]);
}
