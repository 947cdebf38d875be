//! Whether the specs of a deployment's nodes fit each other: senders, and the receivers they name. Pure.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use l2_adapter_schema::counted;
use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt::Debug,
    net::IpAddr,
};

use l2_adapter_schema::{unexpanded, without_passwords};

use super::{PdL2AdapterConfig, Role};

/// The spec of one node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'a> {
    pub(crate) config: &'a PdL2AdapterConfig,
    /// Its place, by which messages about other nodes name it.
    pub(crate) label: &'a str,
}

/// The keys that are compared.
pub(crate) const COMPARED_KEYS: [&str; 7] =
    ["peer_host", "peer_init_port", "peer_alloc_port", "transfer_channel", "checksum", "shared_secret", "node_name"];

/// One misfit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) code: PairCode,
    pub(crate) severity: Severity,
    /// The node and key to look at.
    pub(crate) node: usize,
    pub(crate) key: &'static str,
    /// The node that it does not fit.
    pub(crate) other: Option<usize>,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// These nodes cannot work together.
    Fault,
    /// They may be unable to, depending on facts that the specs do not contain.
    Warning,
    /// It may be intended.
    Note,
}

impl Severity {
    /// The word for it in reports.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Severity::Fault => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// The kinds of misfit. Codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PairCode {
    /// The receiver has another port, or has it in another place.
    Ports,
    /// Sender and receiver have ports for different numbers of TP ranks.
    Ranks,
    /// They move bytes by different channels.
    Channel,
    /// One hashes chunks, the other does not.
    Checksum,
    /// They have different secrets, or one has none.
    Secret,
    /// Two receivers have one port of one host.
    Address,
    /// Two senders of one receiver have one name.
    Name,
    /// A sender names a receiver that is not among the specs.
    NoReceiver,
    /// There are more nodes than are compared.
    Limit,
}

impl PairCode {
    #[cfg(test)]
    const ALL: [PairCode; 9] = [
        PairCode::Ports,
        PairCode::Ranks,
        PairCode::Channel,
        PairCode::Checksum,
        PairCode::Secret,
        PairCode::Address,
        PairCode::Name,
        PairCode::NoReceiver,
        PairCode::Limit,
    ];

    /// The code as it is written in reports.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            PairCode::Ports => "pair_ports",
            PairCode::Ranks => "pair_ranks",
            PairCode::Channel => "pair_channel",
            PairCode::Checksum => "pair_checksum",
            PairCode::Secret => "pair_secret",
            PairCode::Address => "pair_address",
            PairCode::Name => "pair_name",
            PairCode::NoReceiver => "pair_no_receiver",
            PairCode::Limit => "pair_limit",
        }
    }
}

/// Compares every sender with the receiver it names, receivers with each other, and senders of one receiver with each other.
/// One node alone fits. `environment_is_known` says that a secret which is absent in a spec is absent.
pub(crate) fn misfits(nodes: &[Node<'_>], environment_is_known: bool) -> Vec<Misfit> {
    if nodes.len() < 2 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let hosts: Vec<_> = nodes.iter().map(|node| host(&node.config.peer_host)).collect();
    let receivers = Receivers::new(nodes, &hosts, &mut found);
    let mut names = BTreeMap::new();
    for (node, sender) in of_role(nodes, Role::Sender) {
        let host = hosts[node].as_str();
        let named = receivers.named_by(sender, host);
        if named.is_empty() {
            found.push(receivers.without_receiver(nodes, node, host));
        }
        for other in named {
            Pair { sender, node, receiver: nodes[other], other, found: &mut found }.compare(environment_is_known);
        }
        found.extend(second_of_a_name(nodes, node, host, &mut names));
    }
    found.sort_by_key(|misfit| misfit.node);
    found
}

fn of_role<'a, 'n>(nodes: &'n [Node<'a>], role: Role) -> impl Iterator<Item = (usize, Node<'a>)> + use<'a, 'n> {
    nodes.iter().copied().enumerate().filter(move |(_, node)| node.config.role == role)
}

/// All ports of a node, rank by rank.
fn ports(config: &PdL2AdapterConfig) -> impl Iterator<Item = u16> + use<'_> {
    config.peer_init_port.iter().zip(&config.peer_alloc_port).flat_map(|(init, alloc)| [*init, *alloc])
}

/// A host as two specs may write it differently: names know no case and may end with a dot, addresses have several forms.
fn host(text: &str) -> String {
    let within = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    match within.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().to_string(),
        Err(_) => within.strip_suffix('.').unwrap_or(within).to_ascii_lowercase(),
    }
}

/// Whether a host is the same one in every spec: a variable is not, and neither are all addresses of a machine.
fn is_one_place(host: &str) -> bool {
    unexpanded(host).is_none() && !host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified())
}

/// Which receiver has which port of which host.
struct Receivers<'h> {
    by_port: BTreeMap<&'h str, BTreeMap<u16, usize>>,
}

impl<'h> Receivers<'h> {
    fn new(nodes: &[Node<'_>], hosts: &'h [String], found: &mut Vec<Misfit>) -> Self {
        let mut by_port: BTreeMap<&str, BTreeMap<u16, usize>> = BTreeMap::new();
        for (node, receiver) in of_role(nodes, Role::Receiver) {
            let of_host = by_port.entry(&hosts[node]).or_default();
            let mut is_said = false;
            for port in ports(receiver.config) {
                let other = match of_host.entry(port) {
                    // Each node may have an address of its own.
                    Entry::Occupied(_) if !is_one_place(&receiver.config.peer_host) => continue,
                    Entry::Vacant(free) => {
                        free.insert(node);
                        continue;
                    }
                    Entry::Occupied(taken) => *taken.get(),
                };
                if !std::mem::replace(&mut is_said, true) {
                    let message = format!(
                        "port {port} of `peer_host` {:?} is also a port of the receiver at {}: give every receiver its own",
                        receiver.config.peer_host, nodes[other].label
                    );
                    found.push(Misfit {
                        code: PairCode::Address,
                        severity: Severity::Fault,
                        node,
                        key: "peer_host",
                        other: Some(other),
                        message,
                    });
                }
            }
        }
        Self { by_port }
    }

    /// The receivers with any of a sender's ports. Usually one.
    fn named_by(&self, sender: Node<'_>, host: &str) -> BTreeSet<usize> {
        let Some(of_host) = self.by_port.get(host) else { return BTreeSet::new() };
        ports(sender.config).filter_map(|port| of_host.get(&port).copied()).collect()
    }

    /// The message about a sender that names none of them.
    fn without_receiver(&self, nodes: &[Node<'_>], node: usize, host: &str) -> Misfit {
        let PdL2AdapterConfig { peer_host, peer_init_port, .. } = nodes[node].config;
        let port = peer_init_port.first().copied().unwrap_or_default();
        let other = self.by_port.get(host).and_then(|of_host| of_host.values().next()).copied();
        let nearest =
            other.map(|other| format!("; the receiver at {} has other ports of this host", nodes[other].label));
        let message = format!(
            "no receiver among these specs has port {port} of `peer_host` {peer_host:?}{}",
            nearest.unwrap_or_default()
        );
        Misfit { code: PairCode::NoReceiver, severity: Severity::Note, node, key: "peer_host", other, message }
    }
}

/// A sender whose name an earlier sender of the same receiver has.
fn second_of_a_name<'a>(
    nodes: &[Node<'a>],
    node: usize,
    host: &'a str,
    names: &mut BTreeMap<(&'a str, &'a str, u16), usize>,
) -> Option<Misfit> {
    let config = nodes[node].config;
    let name = config.node_name.as_deref()?;
    let mut first = None;
    for port in &config.peer_init_port {
        let other = *names.entry((name, host, *port)).or_insert(node);
        if other != node {
            first.get_or_insert(other);
        }
    }
    let other = first?;
    let message = format!(
        "`node_name` {} is also that of the sender at {}, which names the same receiver: give every sender its own",
        without_passwords(&format!("{name:?}")),
        nodes[other].label
    );
    let (code, severity) = (PairCode::Name, Severity::Fault);
    Some(Misfit { code, severity, node, key: "node_name", other: Some(other), message })
}

/// A sender and the receiver that it names.
struct Pair<'a, 'f> {
    sender: Node<'a>,
    node: usize,
    receiver: Node<'a>,
    other: usize,
    found: &'f mut Vec<Misfit>,
}

impl Pair<'_, '_> {
    fn compare(&mut self, environment_is_known: bool) {
        let (sender, receiver) = (self.sender.config, self.receiver.config);
        self.ranks();
        self.ports("peer_init_port", &sender.peer_init_port, &receiver.peer_init_port);
        self.ports("peer_alloc_port", &sender.peer_alloc_port, &receiver.peer_alloc_port);
        self.equal(
            PairCode::Channel,
            "transfer_channel",
            &sender.transfer_channel.to_string(),
            &receiver.transfer_channel.to_string(),
        );
        self.equal(PairCode::Checksum, "checksum", &sender.checksum, &receiver.checksum);
        self.secrets(environment_is_known);
    }

    fn ranks(&mut self) {
        let [sender, receiver] = [self.sender, self.receiver].map(|node| node.config.peer_init_port.len());
        if sender != receiver {
            let message = format!(
                "`peer_init_port` has ports for {}, and for {receiver} in the receiver's spec at {}: both need the same TP",
                counted(sender, "TP rank"),
                self.receiver.label
            );
            self.push(PairCode::Ranks, Severity::Fault, "peer_init_port", message);
        }
    }

    /// The first place in which two lists of ports differ.
    fn ports(&mut self, key: &'static str, sender: &[u16], receiver: &[u16]) {
        let differ = sender.iter().zip(receiver).enumerate().find(|(_, (sender, receiver))| sender != receiver);
        let Some((rank, (port, theirs))) = differ else { return };
        let message = format!(
            "`{key}[{rank}]` is {port}, and {theirs} in the receiver's spec at {}{}: both need the same ports in the same order",
            self.receiver.label,
            self.place_at_the_receiver(*port).map(|place| format!(", where {port} is `{place}`")).unwrap_or_default()
        );
        self.push(PairCode::Ports, Severity::Fault, key, message);
    }

    fn place_at_the_receiver(&self, port: u16) -> Option<String> {
        let config = self.receiver.config;
        let lists = [("peer_init_port", &config.peer_init_port), ("peer_alloc_port", &config.peer_alloc_port)];
        lists.into_iter().find_map(|(key, ports)| {
            let rank = ports.iter().position(|other| *other == port)?;
            Some(format!("{key}[{rank}]"))
        })
    }

    fn equal<T: PartialEq + Debug>(&mut self, code: PairCode, key: &'static str, sender: &T, receiver: &T) {
        if sender != receiver {
            let message = format!(
                "`{key}` is {sender:?}, and {receiver:?} in the receiver's spec at {}: both need the same",
                self.receiver.label
            );
            self.push(code, Severity::Fault, key, message);
        }
    }

    /// Secrets are compared and never shown. A variable may supply one that is absent.
    fn secrets(&mut self, environment_is_known: bool) {
        let label = self.receiver.label;
        let (message, is_certain) = match (&self.sender.config.shared_secret, &self.receiver.config.shared_secret) {
            (Some(sender), Some(receiver)) if sender != receiver => (
                format!("`shared_secret` differs from that in the receiver's spec at {label}: both need the same"),
                true,
            ),
            (Some(_), None) => {
                (format!("`shared_secret` is given, and absent in the receiver's spec at {label}"), false)
            }
            (None, Some(_)) => {
                (format!("`shared_secret` is absent, and given in the receiver's spec at {label}"), false)
            }
            _ => return,
        };
        if is_certain || environment_is_known {
            let end = if is_certain { "" } else { ": both need the same" };
            return self.push(PairCode::Secret, Severity::Fault, "shared_secret", message + end);
        }
        let message = format!("{message}: the environment variable L2_ADAPTER_PD_SHARED_SECRET has to supply the same");
        self.push(PairCode::Secret, Severity::Warning, "shared_secret", message);
    }

    fn push(&mut self, code: PairCode, severity: Severity, key: &'static str, message: String) {
        self.found.push(Misfit { code, severity, node: self.node, key, other: Some(self.other), message });
    }
}

#[cfg(test)]
mod tests;
