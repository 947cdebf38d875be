//! `demo`, `bench` and `run`: nodes on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{free_ports::free_ports, program::l2_adapter};

pub(crate) const RECEIVER: &str = r#"{"type": "pd", "role": "receiver", "peer_host": "127.0.0.1", "peer_init_port": [INIT],
    "peer_alloc_port": [ALLOC], "transfer_channel": "mock_memory", "buffer_size": 1048576}"#;

#[test]
fn the_demo_moves_chunks_of_every_size_and_leaves_no_slot_taken() {
    let ended = l2_adapter(&["demo", "--chunk-bytes", "4096", "--chunk-bytes", "100001"]).run();
    assert_eq!(ended.code, Some(0), "{ended}");
    for size in ["4096", "100001"] {
        assert!(ended.out.lines().any(|line| line.trim_start().starts_with(size)), "{ended}");
    }
    let end = "0 reserved, 0 committed, 0 locked, 0 quarantined; 67108864 of 67108864 bytes free";
    assert_eq!(ended.out.matches(end).count(), 2, "{ended}");
}

#[test]
fn a_chunk_larger_than_any_buffer_is_refused_before_anything_starts() {
    let ended = l2_adapter(&["demo", "--chunk-bytes", "67108865"]).run();
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.err.contains("1 to 67108864 bytes"), "{ended}");
}

#[test]
fn the_benchmark_measures_every_row_and_refuses_a_baseline_with_other_options() {
    let options = ["bench", "--rounds", "3", "--chunk-bytes", "4096", "--idle-senders", "4", "--busy", "1"];
    let ended = l2_adapter(&[&options[..], &["--format", "json"]].concat()).run();
    assert_eq!(ended.code, Some(0), "{ended}");
    let report = &ended.records()[0];
    let rows = report["rows"].as_object().unwrap();
    assert_eq!(rows.len(), 25, "{report:#}");
    for (name, row) in rows {
        let least = if name.starts_with("idle_") { -1.0 } else { 0.0 };
        assert!(row["middle"].as_f64().is_some_and(|middle| middle > least), "{name}: {report:#}");
    }
    // With busy neighbours a small store has another aim, and one run is too few for a verdict.
    assert_eq!(rows["store_of_4_kib"]["aim"], json!({"at_most": 3.0}));
    assert_eq!(rows["store_of_4_kib"]["verdict"], Value::Null);

    let folder = tempfile::tempdir().unwrap();
    let earlier = folder.path().join("before.json");
    std::fs::write(&earlier, report.to_string()).unwrap();
    let earlier = earlier.to_str().unwrap();
    let ended = l2_adapter(&["bench", "--baseline", earlier]).run();
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.err.contains("give the same options, on the same machine"), "{ended}");
}

#[test]
fn a_node_serves_status_and_metrics_until_a_signal() {
    let spec = on_free_ports(RECEIVER);
    let mut program = l2_adapter(&["run", "--l2-adapter", &spec, "--metrics", "127.0.0.1:0"]);
    let mut node = program.start();
    let mut output = BufReader::new(node.stderr.take().unwrap()).lines();
    let address: SocketAddr = output
        .find_map(|line| line.unwrap().strip_prefix("status and metrics at http://").map(str::to_owned))
        .unwrap()
        .parse()
        .unwrap();
    assert!(get(address, "/status").contains("\"free_bytes\":1048576"));
    assert!(get(address, "/metrics").contains("l2_adapter_pd_receiver_free_bytes{tp_rank=\"0\"} 1048576"));
    assert!(get(address, "/health").starts_with("HTTP/1.1 200"));
    assert!(get(address, "/nothing").starts_with("HTTP/1.1 404"));
    for garbage in
        [&b"\x16\x03\x01\x02\x00\x01"[..], b"GET /status", b"POST /status HTTP/1.1\r\n\r\n", &[0xff; 100_000]]
    {
        // The node may close the connection before everything is written.
        let _ = TcpStream::connect(address).unwrap().write_all(garbage);
    }
    assert!(get(address, "/health").starts_with("HTTP/1.1 200"));

    kill_process(Pid::from_child(&node), Signal::TERM).unwrap();
    assert!(output.any(|line| line.unwrap().starts_with("SIGTERM: pd receiver")));
    assert_eq!(node.wait().unwrap().code(), Some(0));
}

#[test]
fn a_node_logs_what_happens_while_it_runs() {
    let spec = on_free_ports(RECEIVER);
    let with =
        |spec: &str, secret: &str| spec.replace("{\"type\"", &format!("{{\"shared_secret\": \"{secret}\", \"type\""));
    let receiver = with(&spec, "correct horse battery");
    let sender = with(&spec.replace("receiver", "sender"), "another horse battery");
    let (mut receiver, mut sender) =
        (l2_adapter(&["run", "--l2-adapter", &receiver]), l2_adapter(&["run", "--l2-adapter", &sender]));
    let (mut receiver, mut sender) = (receiver.start(), sender.start());
    let mut output = BufReader::new(receiver.stderr.take().unwrap()).lines();
    assert!(output.any(|line| line.unwrap().contains("failed to prove that it knows the shared secret")));
    for node in [&mut receiver, &mut sender] {
        kill_process(Pid::from_child(node), Signal::TERM).unwrap();
        assert_eq!(node.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn the_error_for_a_port_in_use_names_the_key_to_change() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let spec = on_free_ports(&RECEIVER.replace("INIT", &port));
    let ended = l2_adapter(&["run", "--l2-adapter", &spec]).run();
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.err.contains(&format!("cannot listen on `peer_init_port` {port}")), "{ended}");
}

#[test]
fn metrics_need_an_address_and_a_port() {
    for given in ["9400", "127.0.0.1", "localhost:9400", ":9400", "127.0.0.1:70000"] {
        let ended = l2_adapter(&["run", "--metrics", given]).run();
        assert_eq!(ended.code, Some(2), "{ended}");
        let expected =
            format!("'{given}' for '--metrics <ADDR:PORT>': give an IP address and a port, such as 127.0.0.1:9400");
        assert!(ended.err.contains(&expected), "{ended}");
    }
}

#[test]
fn run_requires_exactly_one_pd_spec() {
    let ended = l2_adapter(&["run"]).run();
    assert!(ended.code == Some(2) && ended.err.contains("exactly one `--l2-adapter`: 0 were given"), "{ended}");
    let ended = l2_adapter(&["run", "--l2-adapter", r#"{"type": "fs", "base_path": "/cache"}"#]).run();
    assert!(ended.code == Some(2) && ended.err.contains("of type `fs`"), "{ended}");
}

pub(crate) fn on_free_ports(spec: &str) -> String {
    let ports = free_ports(2).unwrap();
    spec.replace("INIT", &ports[0].to_string()).replace("ALLOC", &ports[1].to_string())
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
