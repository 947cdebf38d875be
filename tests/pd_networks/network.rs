//! A network of hosts around a hub, each a namespace, and the faults of its links.
//!
//! Faults are set in the hub, not on the hosts: a filter on the sending host would return an error to the sender.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use crate::{
    namespace::{Namespace, output},
    node::eventually,
};

/// A bridge that hosts are plugged into.
pub(crate) struct Network {
    hub: Namespace,
}

/// A machine on the network.
pub(crate) struct Host<'network> {
    namespace: Namespace,
    hub: &'network Namespace,
    address: String,
    /// The hub's end of the cable.
    port: String,
}

/// A fault of one host's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkFault {
    /// The cable is unplugged: nothing passes either way, and the host's interface loses its carrier.
    Unplugged,
    /// Every packet from the host is lost.
    NothingLeaves,
    /// Every packet to the host is lost.
    NothingArrives,
    /// A firewall drops every TCP packet except the control plane's.
    DataDropped,
    /// A firewall resets every TCP connection to the host except the control plane's.
    DataRejected,
    /// Packets of more than this many bytes are lost, except the control plane's: a path MTU that no host knows.
    LargeDataDropped(u32),
    /// This percentage of packets is lost, each way.
    Loss(u8),
}

impl Network {
    pub(crate) fn new() -> Self {
        let hub = Namespace::new();
        // Without a delay, a new port forwards at once.
        hub.ip("link add hub type bridge forward_delay 0 stp_state 0");
        hub.ip("link set hub up");
        Self { hub }
    }

    /// Adds a host. An earlier host with this address must have been dropped or unplugged.
    pub(crate) fn host(&self, address: &str) -> Host<'_> {
        let namespace = Namespace::new();
        let number = namespace.name().rsplit('-').next().unwrap();
        let port = format!("port{number}");
        self.hub.ip(&format!("link add {port} type veth peer name eth0 netns {}", namespace.name()));
        // The MAC address follows from the IP address: neighbours keep the old one cached when a host is replaced.
        let last = address.rsplit('.').next().unwrap();
        namespace.ip(&format!("link set eth0 address 02:00:00:00:00:{last:0>2} up"));
        namespace.ip(&format!("address add {address}/24 dev eth0"));
        self.hub.ip(&format!("link set {port} master hub up"));
        let host = Host { namespace, hub: &self.hub, address: address.to_owned(), port };
        host.until_up();
        host
    }
}

impl Host<'_> {
    /// A command that runs on the host.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.namespace.command(program)
    }

    /// Sets a fault that lasts until [`repair`](Self::repair).
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
            LinkFault::LargeDataDropped(bytes) => self.filter(
                &["iifname", "oifname"].map(|way| format!("{way} {port} {is_data} meta length > {bytes} drop")),
            ),
            // A bridge cannot reset forwarded connections, so the host's own firewall does.
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

    /// Replaces the hub's rules for the host's packets.
    fn filter(&self, rules: &[String]) {
        self.hub.nft(&table("bridge", &self.port, "forward", rules));
    }

    /// Removes every fault and rate limit of the link.
    #[track_caller]
    pub(crate) fn repair(&self) {
        // This fails if there was no limit.
        let _ = output(self.command("tc").args("qdisc delete dev eth0 root".split(' ')));
        self.hub.nft(&no_table("bridge", &self.port));
        self.namespace.nft(&no_table("inet", "faults"));
        self.hub.ip(&format!("link set {} up", self.port));
        self.until_up();
    }

    /// Gives a name these addresses, for programs that are started on the host from now on.
    pub(crate) fn name(&self, name: &str, addresses: &[&str]) {
        let lines: String = addresses.iter().map(|address| format!("{address} {name}\n")).collect();
        self.namespace.replace_file("hosts", &lines);
    }

    /// Gives the host an address that is valid on its link only.
    pub(crate) fn add_link_address(&self, address: &str) {
        self.namespace.ip(&format!("address add {address}/64 dev eth0 nodad"));
    }

    /// Makes name resolution hang for longer than any test waits, for programs that are started on the host from now on.
    pub(crate) fn lose_name_servers(&self) {
        self.namespace.nft(&table("inet", "names", "input", &["udp dport 53 drop".to_owned()]));
        self.namespace.replace_file("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
    }

    /// Waits until the host's kernel uses the interface: UCX ignores one that is down when a node starts.
    #[track_caller]
    fn until_up(&self) {
        eventually("the interface is up", || {
            let shown: Value = serde_json::from_str(&self.namespace.ip("-json link show dev eth0")).unwrap();
            shown[0]["operstate"] == "UP"
        });
    }

    /// Limits the rate of packets from the host until [`repair`](Self::repair). Up to 400 ms of them wait in a queue.
    pub(crate) fn slow_down(&self, megabits_per_second: u32) {
        let limit = format!("tbf rate {megabits_per_second}mbit burst 256kb latency 400ms");
        let mut command = self.command("tc");
        command.args("qdisc replace dev eth0 root".split(' ')).args(limit.split(' '));
        output(&mut command).unwrap();
    }

    /// Makes the host's kernel end every TCP connection with another host except the control plane's, as a user timeout does.
    /// Returns their number. UCX's connections with itself remain, because no network fault can end them.
    pub(crate) fn destroy_data_connections(&self, control_ports: &[u16]) -> usize {
        self.list_data_connections(&["--kill"], control_ports).lines().count()
    }

    /// The local and remote address of every TCP connection with another host that the host's kernel considers established, except
    /// the control plane's.
    pub(crate) fn data_connections(&self, control_ports: &[u16]) -> BTreeSet<[String; 2]> {
        let listed = self.list_data_connections(&["--numeric", "state", "established"], control_ports);
        let ends = |line: &str| {
            let mut words = line.split_whitespace().skip(2).map(str::to_owned);
            [words.next().unwrap(), words.next().unwrap()]
        };
        listed.lines().map(ends).collect()
    }

    fn list_data_connections(&self, arguments: &[&str], control_ports: &[u16]) -> String {
        let mut command = self.command("ss");
        command.args(["--tcp", "--no-header"]).args(arguments);
        command.args(["src", &self.address, "and", "not", "dst", &self.address]);
        for port in control_ports {
            command.args(["and", "sport", "!=", &format!(":{port}"), "and", "dport", "!=", &format!(":{port}")]);
        }
        output(&mut command).unwrap()
    }

    /// Bytes that the hub has received from the host.
    pub(crate) fn sent_bytes(&self) -> u64 {
        let shown = self.hub.ip(&format!("-json -statistics link show dev {}", self.port));
        let shown: Value = serde_json::from_str(&shown).unwrap();
        shown[0]["stats64"]["rx"]["bytes"].as_u64().unwrap()
    }
}

impl Drop for Host<'_> {
    /// Pulls the cable first: a connection that the kernel still tries to close keeps the namespace alive, which would respond for
    /// its address after another host has taken over the address.
    fn drop(&mut self) {
        self.hub.ip(&format!("link delete {}", self.port));
    }
}

/// `nft` commands that replace a table by one with these rules.
fn table(family: &str, name: &str, hook: &str, rules: &[String]) -> String {
    let mut commands = vec![
        no_table(family, name),
        format!("add table {family} {name}"),
        format!("add chain {family} {name} rules {{ type filter hook {hook} priority 0; }}"),
    ];
    commands.extend(rules.iter().map(|rule| format!("add rule {family} {name} rules {rule}")));
    commands.join("; ")
}

/// `nft` commands that remove a table, whether or not it exists.
fn no_table(family: &str, name: &str) -> String {
    format!("add table {family} {name}; delete table {family} {name}")
}
