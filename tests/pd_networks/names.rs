//! Names of hosts.

use std::{fs, process::Command};

use serde_json::json;

use crate::{
    network::Network,
    node::{eventually, spec},
    nodes::{CONTROL_PORTS, MIB, SENDER},
    process::NodeProcess,
};

/// Looking names up hangs in the system's own library, where nothing ends it.
pub(crate) fn a_node_closes_in_time_although_names_are_not_resolved() {
    let network = Network::new();
    let host = network.host(SENDER);
    host.lose_name_servers();
    let more = json!({
        "peer_host": "decode.test", "proxy_host": "proxy.test", "proxy_port": 5768, "timing": {"close_seconds": 1.0},
    });
    let spec = spec("sender", &CONTROL_PORTS, MIB as u64, &more);
    let program: Command = host.command(std::env::current_exe().unwrap().to_str().unwrap());
    let mut node = NodeProcess::start_by(program, &spec).unwrap();
    node.perform(json!({"do": "finish_request"}));
    let threads = format!("/proc/{}/task", node.id().as_raw_nonzero());
    eventually("both names are looked up", || {
        let names =
            fs::read_dir(&threads).unwrap().flatten().map(|thread| fs::read_to_string(thread.path().join("comm")));
        names.flatten().filter(|name| name.starts_with("tokio-r")).count() == 2
    });
    node.perform(json!({"do": "close"}));
}
