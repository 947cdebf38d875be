//! Names of hosts.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    process::Stdio,
};

use rustix::process::{Pid, Signal, kill_process};

use serde_json::{Value, json};

use crate::{
    network::{Host, Network},
    node::{eventually, spec},
    nodes::{CONTROL_PORTS, MIB, RECEIVER, SENDER},
    process::NodeProcess,
};

fn start(host: &Host<'_>, role: &str, more: &Value) -> NodeProcess {
    let program = host.command(std::env::current_exe().unwrap().to_str().unwrap());
    NodeProcess::start_by(program, &spec(role, &CONTROL_PORTS, MIB as u64, more)).unwrap()
}

fn moves_a_chunk(sender: &mut NodeProcess, receiver: &mut NodeProcess) {
    sender.store([1], 1000);
    sender.all_stored();
    assert_eq!(receiver.load([1], 1000), 1);
}

/// A name with two addresses, the first of which is unreachable: no machine has it, and packets to it get no reply.
pub(crate) fn a_receiver_is_reached_by_the_second_address_of_its_name() {
    let network = Network::new();
    let (here, there) = (network.host(SENDER), network.host(RECEIVER));
    here.name("decode.test", &["10.77.0.99", RECEIVER]);
    let mut receiver = start(&there, "receiver", &json!({"peer_host": RECEIVER}));
    let timing = json!({"connect_seconds": 2.0});
    let mut sender = start(&here, "sender", &json!({"peer_host": "decode.test", "timing": timing}));
    moves_a_chunk(&mut sender, &mut receiver);
}

/// A link-local IPv6 address, which names the interface, too.
pub(crate) fn a_receiver_is_reached_by_an_address_with_a_scope() {
    let network = Network::new();
    let (here, there) = (network.host(SENDER), network.host(RECEIVER));
    here.add_link_address("fe80::77:1");
    there.add_link_address("fe80::77:2");
    let more = json!({"peer_host": "[fe80::77:2%eth0]"});
    let mut receiver = start(&there, "receiver", &more);
    let mut sender = start(&here, "sender", &more);
    moves_a_chunk(&mut sender, &mut receiver);
}

/// The start hangs in the resolution of the node's own host name.
pub(crate) fn a_command_that_is_still_starting_ends_on_a_signal() {
    let network = Network::new();
    let host = network.host(RECEIVER);
    host.lose_name_servers();
    let spec = spec("receiver", &CONTROL_PORTS, MIB as u64, &json!({"peer_host": "decode.test"}));
    let Some(program) = option_env!("CARGO_BIN_EXE_l2-adapter") else { panic!("the program is built with the tests") };
    let mut node = host.command(program);
    node.args(["run", "--metrics", "127.0.0.1:9400", "--l2-adapter", &spec.to_string()]).stderr(Stdio::piped());
    let mut node = node.spawn().unwrap();
    let id = Pid::from_child(&node);
    let threads = format!("/proc/{}/task", id.as_raw_nonzero());
    // The command's thread, its starter's, and the rank's.
    eventually("its host is looked up", || fs::read_dir(&threads).is_ok_and(|threads| threads.count() >= 3));
    eventually("it ends by a signal", || {
        kill_process(id, Signal::TERM).unwrap();
        node.try_wait().unwrap().is_some_and(|status| status.success())
    });
    let mut output = String::new();
    node.stderr.take().unwrap().read_to_string(&mut output).unwrap();
    assert!(output.contains("SIGTERM: the node had not started"), "{output}");
}

/// Debian gives a machine's own name the address 127.0.1.1.
pub(crate) fn a_receiver_whose_name_resolves_to_loopback_warns() {
    let network = Network::new();
    let host = network.host(RECEIVER);
    host.name("decode.test", &["127.0.1.1"]);
    let spec = spec("receiver", &CONTROL_PORTS, MIB as u64, &json!({"peer_host": "decode.test"}));
    let Some(program) = option_env!("CARGO_BIN_EXE_l2-adapter") else { panic!("the program is built with the tests") };
    let mut node = host.command(program);
    node.args(["run", "--l2-adapter", &spec.to_string()]).stderr(Stdio::piped());
    let mut node = node.spawn().unwrap();
    let mut output = BufReader::new(node.stderr.take().unwrap()).lines().map(Result::unwrap);
    let warning = output.find(|line| line.contains("WARN")).unwrap();
    node.kill().unwrap();
    node.wait().unwrap();
    assert!(warning.contains("the name decode.test leads to 127.0.1.1, which only this machine reaches"), "{warning}");
    assert!(warning.contains("`listen_host`"), "{warning}");
}

/// Name resolution hangs in the system's library, which has no way to interrupt it.
pub(crate) fn a_node_closes_in_time_during_name_resolution() {
    let network = Network::new();
    let host = network.host(SENDER);
    host.lose_name_servers();
    let more = json!({
        "peer_host": "decode.test", "proxy_host": "proxy.test", "proxy_port": 5768, "timing": {"close_seconds": 1.0},
    });
    let mut node = start(&host, "sender", &more);
    node.perform(json!({"do": "finish_request"}));
    let threads = format!("/proc/{}/task", node.id().as_raw_nonzero());
    eventually("both names are looked up", || {
        let names =
            fs::read_dir(&threads).unwrap().flatten().map(|thread| fs::read_to_string(thread.path().join("comm")));
        names.flatten().filter(|name| name.starts_with("tokio-r")).count() == 2
    });
    node.perform(json!({"do": "close"}));
}
