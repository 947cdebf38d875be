//! The log of a running node, on standard error.

use std::{
    io::{BufRead as _, BufReader},
    process::Child,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    nodes::{RECEIVER, on_free_ports},
    program::{Program, l2_adapter},
};

fn node(spec: &str) -> Program {
    l2_adapter(&["run", "--l2-adapter", spec])
}

/// Reads lines until one contains `last`, ends the node, and returns all of its lines.
fn lines_until(mut node: Child, last: &str) -> Vec<String> {
    let mut output = BufReader::new(node.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut lines = Vec::new();
    for line in output.by_ref() {
        let is_last = line.contains(last);
        lines.push(line);
        if is_last {
            kill_process(Pid::from_child(&node), Signal::TERM).unwrap();
            break;
        }
    }
    lines.extend(output);
    assert_eq!(node.wait().unwrap().code(), Some(0), "{lines:#?}");
    lines
}

#[test]
fn a_receiver_logs_the_address_of_each_port() {
    let spec = on_free_ports(&RECEIVER.replace("127.0.0.1", "localhost"));
    let lines = lines_until(node(&spec).start(), "serves");
    let listens = lines.iter().find(|line| line.contains("listens")).unwrap();
    assert!(listens.contains("init=127.0.0.1:") || listens.contains("init=[::1]:"), "{listens}");
    assert!(listens.contains("alloc=") && listens.contains("INFO"), "{listens}");
    assert!(!lines.iter().any(|line| line.contains("WARN")), "{lines:#?}");
}

#[test]
fn a_sender_logs_once_that_its_receiver_is_unreachable() {
    let timing = r#"{"timing": {"connect_seconds": 0.1}, "type""#;
    let spec = on_free_ports(RECEIVER).replace("receiver", "sender").replace("{\"type\"", timing);
    let lines = lines_until(node(&spec).start(), "the receiver was not reached so far");
    let warnings: Vec<_> = lines.iter().filter(|line| line.contains("WARN")).collect();
    let [warning] = &*warnings else { panic!("{lines:#?}") };
    assert!(warning.contains("cannot be reached: Connection refused"), "{warning}");
}

#[test]
fn a_receiver_logs_each_senders_address_and_its_disconnection() {
    let spec = on_free_ports(RECEIVER);
    let mut receiver = node(&spec).start();
    let sender = node(&spec.replace("receiver", "sender")).start();
    let mut lines = BufReader::new(receiver.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut of_sender = |event: &str| lines.by_ref().find(|line| line.contains(event)).unwrap();
    let connected = of_sender("a sender has connected tp_rank=0 sender=");
    kill_process(Pid::from_child(&sender), Signal::KILL).unwrap();
    let disconnected = of_sender("a sender has disconnected: its kernel closed the connection tp_rank=0 sender=");
    for line in [&connected, &disconnected] {
        assert!(line.contains("address=127.0.0.1:") && !line.contains("passed_over"), "{line}");
    }
    let sender_of = |line: &str| line.split("sender=").nth(1).unwrap().to_owned();
    assert_eq!(sender_of(&connected), sender_of(&disconnected));
    for mut node in [receiver, sender] {
        node.kill().unwrap();
        node.wait().unwrap();
    }
}

#[test]
fn an_environment_variable_filters_the_log() {
    let spec = on_free_ports(RECEIVER);
    let lines = lines_until(node(&spec).variable("RUST_LOG", "l2_adapter=warn").start(), "serves");
    assert!(!lines.iter().any(|line| line.contains("listens")), "{lines:#?}");
    for filter in ["l2_adapter=loud", "warning", "l2_adapter=info,,", "["] {
        let ended = node(&spec).variable("RUST_LOG", filter).run();
        assert!(ended.code == Some(2) && ended.err.contains("RUST_LOG is not a log filter"), "{ended}");
    }
}

#[test]
fn buffers_beyond_the_memory_of_the_machine_are_refused_with_both_numbers() {
    let spec = on_free_ports(RECEIVER).replace("1048576", "1152921504606846976");
    let ended = node(&spec).run();
    assert!(
        ended.code == Some(2)
            && ended.err.contains("`buffer_size` times the number of TP ranks is 1152921504606912512"),
        "{ended}"
    );
}

#[test]
fn warnings_of_the_spec_are_logged_before_the_node_starts() {
    let more = r#""buffer_device": "cuda", "node_name": "$POD_NAME", "buffer_size""#;
    let ended = node(&on_free_ports(RECEIVER).replace(r#""buffer_size""#, more)).run();
    for expected in
        ["`node_name` has `$POD_NAME`, which looks like a variable", "`buffer_device` \"cuda\" is not built yet"]
    {
        assert!(ended.code == Some(2) && ended.err.contains(expected), "{expected}: {ended}");
    }
}
