//! A network of hosts around a hub, all of them namespaces, and what can happen to its links.
//!
//! Links are broken in the hub, not on the hosts: a host's own kernel must not know.

use std::process::Command;

use serde_json::Value;

use crate::namespace::{Namespace, output};

/// A bridge that hosts are plugged into.
pub(crate) struct Network {
    hub: Namespace,
}

/// A machine on the network. Belongs to its network, which it must not outlive.
pub(crate) struct Host<'network> {
    namespace: Namespace,
    hub: &'network Namespace,
    address: &'static str,
    /// The hub's end of the cable.
    port: String,
}

/// What can happen to a host's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkFault {
    /// The cable is out: both ways, and the host sees it.
    Unplugged,
    /// What the host sends is lost, and the host does not know.
    NothingLeaves,
    /// What is sent to the host is lost.
    NothingArrives,
    /// Connections beside the control plane's are dropped, as by a firewall.
    DataDropped,
    /// Connections beside the control plane's are refused, as by a firewall.
    DataRejected,
    /// So many percent of the packets are lost, each way.
    Loss(u8),
}

impl Network {
    pub(crate) fn new() -> Self {
        let hub = Namespace::new();
        // A port forwards at once: no spanning tree, no learning before.
        hub.ip("link add hub type bridge forward_delay 0 stp_state 0");
        hub.ip("link set hub up");
        Self { hub }
    }

    /// Plugs a new host in. Another one of the same address must have been dropped or unplugged.
    pub(crate) fn host(&self, address: &'static str) -> Host<'_> {
        let namespace = Namespace::new();
        let number = namespace.name().rsplit('-').next().unwrap();
        let port = format!("port{number}");
        self.hub.ip(&format!("link add {port} type veth peer name eth0 netns {}", namespace.name()));
        // The address of the card follows from the host's, as when a machine takes another's place: neighbours remember it.
        let last = address.rsplit('.').next().unwrap();
        namespace.ip(&format!("link set eth0 address 02:00:00:00:00:{last:0>2} up"));
        namespace.ip(&format!("address add {address}/24 dev eth0"));
        self.hub.ip(&format!("link set {port} master hub up"));
        Host { namespace, hub: &self.hub, address, port }
    }
}

impl Host<'_> {
    pub(crate) fn address(&self) -> &'static str {
        self.address
    }

    /// A command that runs on the host.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.namespace.command(program)
    }

    /// Has something happen to the host's link, until it is repaired. `control_ports` are those of the control plane.
    #[track_caller]
    pub(crate) fn suffer(&self, fault: LinkFault, control_ports: &[u16]) {
        let port = &self.port;
        let control = control_ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let is_data = format!("tcp dport != {{ {control} }} tcp sport != {{ {control} }}");
        match fault {
            LinkFault::Unplugged => drop(self.hub.ip(&format!("link set {port} down"))),
            LinkFault::NothingLeaves => self.filter(&[format!("iifname {port} drop")]),
            LinkFault::NothingArrives => self.filter(&[format!("oifname {port} drop")]),
            LinkFault::DataDropped => {
                self.filter(&["iifname", "oifname"].map(|way| format!("{way} {port} {is_data} drop")));
            }
            // A bridge refuses nothing: the host's own firewall does.
            LinkFault::DataRejected => self.namespace.nft(&table(
                "inet",
                "faults",
                "input",
                &[format!("iifname eth0 {is_data} reject with tcp reset")],
            )),
            LinkFault::Loss(percent) => self.filter(
                &["iifname", "oifname"].map(|way| format!("{way} {port} numgen random mod 100 < {percent} drop")),
            ),
        }
    }

    /// Replaces what the hub does to the host's packets.
    fn filter(&self, rules: &[String]) {
        self.hub.nft(&table("bridge", &self.port, "forward", rules));
    }

    /// Nothing is the matter with the link any more, and it is fast.
    #[track_caller]
    pub(crate) fn repair(&self) {
        // There is nothing to delete where it was not slowed down.
        let _ = output(self.command("tc").args("qdisc delete dev eth0 root".split(' ')));
        self.hub.nft(&no_table("bridge", &self.port));
        self.namespace.nft(&no_table("inet", "faults"));
        self.hub.ip(&format!("link set {} up", self.port));
    }

    /// Limits what leaves the host until the link is repaired; what exceeds the rate waits on the way, for up to 400 ms.
    pub(crate) fn slow_down(&self, megabits_per_second: u32) {
        let limit = format!("tbf rate {megabits_per_second}mbit burst 256kb latency 400ms");
        let mut command = self.command("tc");
        command.args("qdisc replace dev eth0 root".split(' ')).args(limit.split(' '));
        output(&mut command).unwrap();
    }

    /// Has the host's kernel destroy the connections that carry bytes, as it does when their time is over: how many.
    pub(crate) fn destroy_data_connections(&self, control_ports: &[u16]) -> usize {
        let mut command = self.command("ss");
        command.args(["--kill", "--tcp", "--no-header", "src", self.address]);
        for port in control_ports {
            command.args(["and", "sport", "!=", &format!(":{port}"), "and", "dport", "!=", &format!(":{port}")]);
        }
        output(&mut command).unwrap().lines().count()
    }

    /// Bytes that have come from the host so far.
    pub(crate) fn sent_bytes(&self) -> u64 {
        let shown = self.hub.ip(&format!("-json -statistics link show dev {}", self.port));
        let shown: Value = serde_json::from_str(&shown).unwrap();
        shown[0]["stats64"]["rx"]["bytes"].as_u64().unwrap()
    }
}

impl Drop for Host<'_> {
    /// Pulls the cable first: connections that a kernel still tries to end keep a namespace alive, and another host may have its
    /// address by then.
    fn drop(&mut self) {
        self.hub.ip(&format!("link delete {}", self.port));
    }
}

/// Commands that replace a table of `nft` by one that has these rules.
fn table(family: &str, name: &str, hook: &str, rules: &[String]) -> String {
    let mut commands = vec![
        no_table(family, name),
        format!("add table {family} {name}"),
        format!("add chain {family} {name} rules {{ type filter hook {hook} priority 0; }}"),
    ];
    commands.extend(rules.iter().map(|rule| format!("add rule {family} {name} rules {rule}")));
    commands.join("; ")
}

/// Commands that remove a table of `nft`, be it there or not.
fn no_table(family: &str, name: &str) -> String {
    format!("add table {family} {name}; delete table {family} {name}")
}
