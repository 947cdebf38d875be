//! The config of `pd`.
//!
//! Names, types and defaults of the first ten keys are those of the feature request this project began with; the rules are
//! ours, and help and schema document each of them.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{Timing, usable};
use crate::{CommonConfig, ConfigChoice, L2AdapterConfig, RuleError, Secret};

/// Hands KV chunks from a prefill node to a decode node.
///
/// The sender runs next to the prefill workers and pushes every chunk to the receiver. The receiver runs next to the decode
/// workers and listens on one pair of ports for each TP rank.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "pd")]
#[config(also_known_as = ["pd_backend", "disagg", "disaggregated", "disaggregated_prefill", "prefill_decode"])]
#[config(mistaken_for(
    what = "a config of LMCache's classic PD backend",
    keys = [
        "enable_pd", "pd_role", "pd_peer_host", "pd_peer_init_port", "pd_peer_alloc_port", "pd_peer_query_port",
        "pd_proxy_host", "pd_proxy_port", "pd_buffer_size", "pd_buffer_device", "pd_backend_mode", "pd_bidirectional",
        "pd_skip_proxy_notification", "pd_allocation_timeout_sec", "pd_shutdown_timeout_sec", "pd_max_prefill_len",
        "pd_condition_poll_interval_sec", "enable_nixl", "enable_xpyd", "nixl_role", "nixl_enable_gc",
    ],
    advice = "a `pd` spec has no `pd_` before its keys, and a sender names its receiver's host and ports",
    rewritten
))]
#[cfg_attr(pd_runtime, config(factory = super::PdL2Adapter::create))]
#[config(rule(
    name = "equal_port_counts",
    doc = "`peer_init_port` and `peer_alloc_port` have one port each for every TP rank.",
    reads(peer_init_port, peer_alloc_port),
    check = equal_port_counts
))]
#[config(rule(
    name = "distinct_ports",
    doc = "No port appears twice in `peer_init_port` and `peer_alloc_port`.",
    reads(peer_init_port, peer_alloc_port),
    check = distinct_ports
))]
#[config(rule(
    name = "whole_proxy_address",
    doc = "`proxy_host` and `proxy_port` are given together or not at all.",
    reads(proxy_host, proxy_port),
    check = whole_proxy_address
))]
#[config(rule(
    name = "one_machine_to_reach",
    doc = "`peer_host` and `proxy_host` of a sender are not `0.0.0.0` or `::`, which lead to no machine.",
    reads(role, peer_host, proxy_host),
    check = usable::one_machine_to_reach
))]
#[config(rule(
    name = "room_for_a_slot",
    doc = "`buffer_size` of a receiver has room for a slot of 4096 bytes.",
    reads(role, buffer_size),
    check = usable::room_for_a_slot
))]
#[config(rule(
    name = "backends_exist",
    doc = "`nixl_backends` names plugins of NIXL, of which one is for networks, or in lower case transports of UCX: `tcp`, \
           `shm`, `rdma` or several of them, or one of `dc`, `dc_x`, `ib`, `rc`, `rc_v`, `rc_x`, `ud`, `ud_v`, `ud_x`.",
    reads(transfer_channel, nixl_backends),
    check = usable::backends_exist
))]
#[config(rule(
    name = "evicts_by_last_use",
    doc = "`eviction_policy` is `LRU` or `noop`.",
    reads(common),
    check = usable::evicts_by_last_use
))]
#[config(warning(
    name = "buffer_in_main_memory",
    doc = "`buffer_device` \"cuda\" is not built yet.",
    reads(buffer_device),
    check = usable::buffer_in_main_memory
))]
#[config(warning(
    name = "room_for_a_staged_chunk",
    doc = "`buffer_size` of a sender has room for a chunk.",
    reads(role, buffer_size),
    check = usable::room_for_a_staged_chunk
))]
#[config(warning(
    name = "plugins_are_of_nixl",
    doc = "`nixl_backends` names plugins that come with NIXL 1.5.",
    reads(transfer_channel, nixl_backends),
    check = usable::plugins_are_of_nixl
))]
#[cfg_attr(
    pd_runtime,
    config(machine_rule(
        name = "free_ports",
        doc = "A receiver's ports are free, at an address of the machine.",
        reads(role, peer_host, listen_host, peer_init_port, peer_alloc_port),
        check = super::on_machine::free_ports
    ))
)]
#[cfg_attr(
    pd_runtime,
    config(machine_rule(
        name = "memory_for_buffers",
        doc = "The machine, and the control group of the process, have memory for `buffer_size` times the number of TP ranks.",
        reads(buffer_size, peer_init_port),
        check = super::on_machine::memory_for_buffers
    ))
)]
#[config(warning(
    name = "proxy_on_receiver",
    doc = "Proxy settings have no effect on a receiver.",
    reads(role, proxy_host, proxy_port),
    check = no_proxy_on_receiver
))]
#[config(warning(
    name = "receiver_name_on_receiver",
    doc = "`receiver_name` has no effect on a receiver.",
    reads(role, receiver_name),
    check = no_receiver_name_on_receiver
))]
pub struct PdL2AdapterConfig {
    /// Which end of the transfer this node is.
    #[config(required)]
    #[config(also_known_as = ["pd_role", "nixl_role", "kv_role", "node_role"])]
    pub role: Role,
    /// The receiver's host name or IP address: a sender connects to it, and a receiver listens on it.
    #[config(required, not_blank, host = [bracketed, scoped], example = "10.0.0.1")]
    #[config(also_known_as = ["pd_peer_host", "host", "receiver_host", "remote_host", "decoder_host"])]
    #[config(also_known_as = ["nixl_peer_host", "nixl_receiver_host"])]
    pub peer_host: String,
    /// The receiver's handshake ports, one for each TP rank: `[9051]` for TP 1.
    #[config(required, min_items = 1, each(min = 1, max = 65535), example = [9051])]
    #[config(also_known_as = ["pd_peer_init_port", "init_port", "receiver_init_port", "nixl_peer_init_port", "nixl_peer_port"])]
    #[config(also_known_as = ["nixl_receiver_port"])]
    pub peer_init_port: Vec<u16>,
    /// The receiver's allocation ports, one for each TP rank: `[9052]` for TP 1.
    #[config(required, min_items = 1, each(min = 1, max = 65535), example = [9052])]
    #[config(also_known_as = ["pd_peer_alloc_port", "alloc_port", "receiver_alloc_port", "nixl_peer_alloc_port"])]
    pub peer_alloc_port: Vec<u16>,
    /// The host of the proxy to notify when all chunks of a request have arrived. Empty: no notification. Sender only.
    #[config(default = "", host = [bracketed, scoped])]
    #[config(also_known_as = ["pd_proxy_host", "nixl_proxy_host"])]
    pub proxy_host: String,
    /// The proxy's port. 0: no notification. Sender only.
    #[config(default = 0)]
    #[config(also_known_as = ["pd_proxy_port", "nixl_proxy_port"])]
    pub proxy_port: u16,
    /// Staging memory for each TP rank. A chunk must fit into it.
    #[config(default = 67108864, min = 1, unit = bytes)]
    #[config(also_known_as = ["pd_buffer_size", "nixl_buffer_size", "kv_buffer_size"])]
    pub buffer_size: u64,
    /// The place of the staging memory.
    #[config(default = "cpu")]
    #[config(also_known_as = ["pd_buffer_device", "nixl_buffer_device", "kv_buffer_device"])]
    pub buffer_device: BufferDevice,
    /// The transfer channel that moves the bytes.
    #[config(default = "nixl")]
    #[config(also_known_as = ["channel", "transport", "nixl_channel"])]
    pub transfer_channel: TransferChannel,
    /// The NIXL backends: names of plugins (`UCX`), or in lower case the transports that UCX may use (`tcp`).
    #[config(default = ["tcp"], min_items = 1, unique, each(not_blank))]
    #[config(also_known_as = ["nixl_backend", "backends", "backend", "ucx_transports"])]
    pub nixl_backends: Vec<String>,
    /// The protocol of the notification.
    #[config(default = "zmq")]
    pub proxy_protocol: ProxyProtocol,
    /// The address that a receiver listens on, if it differs from `peer_host`: in a container, or `::` for all addresses.
    #[config(not_blank, host = [bracketed, scoped], example = "0.0.0.0")]
    #[config(also_known_as = ["bind_host", "bind_address", "listen_address"])]
    pub listen_host: Option<String>,
    /// This node's name among all senders of a receiver. Two live senders with one name are refused, so that two replicas of
    /// one spec are noticed. A name frees no memory: the receiver keeps the memory of a lost sender quarantined.
    #[config(not_blank, max_length = 128, example = "prefill-0")]
    pub node_name: Option<String>,
    /// The name by which requests address this sender's receiver. A request that names a receiver is pushed by the senders of
    /// that name only, one that names none by all; a sender without a name pushes all requests. Sender only.
    #[config(not_blank, max_length = 128, example = "decode-0")]
    pub receiver_name: Option<String>,
    /// A secret that sender and receiver must share. Without it the receiver accepts chunks from every host that can reach its
    /// ports.
    #[config(secret, min_length = 16, env = "L2_ADAPTER_PD_SHARED_SECRET")]
    #[config(also_known_as = ["secret", "secret_key", "token", "password", "api_key"])]
    pub shared_secret: Option<Secret<String>>,
    /// Whether chunks are hashed before they are sent, when they arrive and when they are loaded. Sender and receiver must
    /// agree.
    #[config(default = false)]
    pub checksum: bool,
    /// Deadlines, leases and times to live. Absent: the default of each.
    pub timing: Option<Timing>,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// Which end of a transfer a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum Role {
    /// Pushes its chunks to the receiver: the prefill node.
    #[config(also_known_as = ["prefill", "prefiller", "prefill_node", "producer", "kv_producer", "client"])]
    Sender,
    /// Receives chunks, finds and loads them: the decode node.
    #[config(also_known_as = ["decode", "decoder", "decode_node", "consumer", "kv_consumer", "server"])]
    #[config(also_known_as(
        names = ["both", "kv_both"],
        advice = "a node that is both has two specs, one for each role"
    ))]
    Receiver,
}

/// The place of staging memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum BufferDevice {
    /// In main memory.
    #[config(also_known_as = ["dram", "ram", "host", "memory"])]
    Cpu,
    /// On the GPU.
    #[config(also_known_as = ["gpu", "hbm", "vram", "cuda:0"])]
    Cuda,
}

/// The transfer channel, which moves the bytes of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum TransferChannel {
    /// NVIDIA's transfer library.
    #[config(also_known_as = ["ucx", "rdma", "tcp", "py_socket"])]
    Nixl,
    /// Copies in memory, for tests on one machine.
    MockMemory,
}

/// How a proxy learns that a request's chunks have all arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum ProxyProtocol {
    /// A ZMQ PUSH socket sends the MessagePack of LMCache's classic proxy.
    Zmq,
    /// An HTTP POST of telemetry, as LMCache's multiprocess proxy expects it.
    Http,
}

fn equal_port_counts(init: &[u16], alloc: &[u16]) -> Result<(), RuleError> {
    if init.len() == alloc.len() {
        return Ok(());
    }
    let message = format!(
        "must have as many ports as `peer_init_port`, one for each TP rank: it has {}, `peer_init_port` {}",
        alloc.len(),
        init.len()
    );
    Err(RuleError::new(message).at("peer_alloc_port"))
}

fn distinct_ports(init: &[u16], alloc: &[u16]) -> Result<(), RuleError> {
    // Ports are usually ascending: then one pass without an allocation suffices.
    if both_ascend(init, alloc) && disjoint(init, alloc) { Ok(()) } else { no_repeated_port(init, alloc) }
}

/// Whether two lists of one length ascend.
fn both_ascend(left: &[u16], right: &[u16]) -> bool {
    let mut pairs = left.windows(2).zip(right.windows(2));
    left.len() == right.len() && pairs.all(|(left, right)| left[0] < left[1] && right[0] < right[1])
}

/// Whether two ascending lists have no port in common.
fn disjoint(mut left: &[u16], mut right: &[u16]) -> bool {
    if left.last() < right.first() || right.last() < left.first() {
        return true;
    }
    while let ([first, left_rest @ ..], [other, right_rest @ ..]) = (left, right) {
        match first.cmp(other) {
            Ordering::Less => left = left_rest,
            Ordering::Greater => right = right_rest,
            Ordering::Equal => return false,
        }
    }
    true
}

fn no_repeated_port(init: &[u16], alloc: &[u16]) -> Result<(), RuleError> {
    let mut first_use = BTreeMap::new();
    for (list, ports) in [("peer_init_port", init), ("peer_alloc_port", alloc)] {
        for (index, port) in ports.iter().enumerate() {
            if let Some((first_list, first_index)) = first_use.insert(port, (list, index)) {
                let first = format!("{first_list}[{first_index}]");
                let message = format!("repeats port {port} of `{first}`: every port needs its own number");
                return Err(RuleError::new(message).at(list).item(index));
            }
        }
    }
    Ok(())
}

fn whole_proxy_address(host: &str, port: &u16) -> Result<(), RuleError> {
    let has_host = host.chars().any(|character| !crate::BLANK.contains(&character));
    match (has_host, *port) {
        (true, 0) => Err(RuleError::new("must be above 0 when `proxy_host` is given").at("proxy_port")),
        (false, 1..) => Err(RuleError::new("must not be blank when `proxy_port` is given").at("proxy_host")),
        _ => Ok(()),
    }
}

fn no_proxy_on_receiver(role: &Role, host: &str, port: &u16) -> Result<(), RuleError> {
    if *role == Role::Receiver && (!host.is_empty() || *port != 0) {
        let key = if host.is_empty() { "proxy_port" } else { "proxy_host" };
        return Err(RuleError::new("has no effect on a receiver: only a sender notifies the proxy").at(key));
    }
    Ok(())
}

fn no_receiver_name_on_receiver(role: &Role, name: &Option<String>) -> Result<(), RuleError> {
    if *role == Role::Receiver && name.is_some() {
        let message = "has no effect on a receiver: each sender to it has the name in its own spec";
        return Err(RuleError::new(message).at("receiver_name"));
    }
    Ok(())
}
