//! Messages about ports that lead to the wrong place, with both sides' ports and ranks. Pure.

use std::{fmt, net::IpAddr};

use crate::adapters::pd_l2_adapter::{
    host::Host,
    protocol::{HandshakeAnswer, Identity},
};

/// A port of the sender's spec, as its operator wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PortName {
    key: &'static str,
    tp_rank: u32,
    host: Host,
    port: u16,
    /// The address of the host, if it has several.
    address: Option<IpAddr>,
}

impl PortName {
    pub(super) fn init(host: &Host, tp_rank: u32, port: u16) -> Self {
        Self { key: "peer_init_port", tp_rank, host: host.clone(), port, address: None }
    }

    pub(super) fn alloc(host: &Host, tp_rank: u32, port: u16) -> Self {
        Self { key: "peer_alloc_port", tp_rank, host: host.clone(), port, address: None }
    }

    /// The port at this address of its host.
    pub(super) fn at(self, address: IpAddr) -> Self {
        Self { address: Some(address), ..self }
    }
}

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, tp_rank, host, port, address } = self;
        write!(f, "`{key}[{tp_rank}]` {host}:{port}")?;
        address.map_or(Ok(()), |address| write!(f, " at {address}"))
    }
}

/// The init port led to one memory, and the alloc port to another.
pub(super) fn misdirected(init: &PortName, alloc: &PortName, welcome: &HandshakeAnswer, found: Identity) -> String {
    let expected = Identity { receiver: welcome.epoch, tp_rank: welcome.tp_rank, ports: welcome.ports };
    if found.receiver == expected.receiver {
        return format!(
            "{alloc} leads to {found}, and {init} to {expected}: give both nodes the same port lists, in the same order"
        );
    }
    if (found.tp_rank, found.ports) == (expected.tp_rank, expected.ports) {
        return format!("the receiver behind {init} and {alloc} restarted during the handshake");
    }
    format!(
        "these ports lead to two receivers: {init} to {expected}, {alloc} to {found}; give this sender the port lists of one \
         of them"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        adapters::pd_l2_adapter::protocol::{Epoch, RankPorts, Region, RegionNumber},
        transfer::ChannelRegion,
    };

    fn identity(receiver: u64, tp_rank: u32, init: u16) -> Identity {
        Identity { receiver: Epoch(receiver), tp_rank, ports: RankPorts { init, alloc: init + 100 } }
    }

    fn message(found: Identity) -> String {
        let Identity { receiver, tp_rank, ports } = identity(0xa, 0, 7300);
        let region = Region {
            number: RegionNumber(1),
            memory: ChannelRegion { base_address: 0, length_bytes: 8192, metadata: Vec::new() },
            probe_offset_bytes: 4096,
            slot_alignment_bytes: 4096,
        };
        let welcome = HandshakeAnswer { epoch: receiver, tp_rank, ports, region, lease_ms: 1 };
        let (name, address) = (Host::new("decode"), Host::new("fd00::2"));
        misdirected(&PortName::init(&name, 0, 7300), &PortName::alloc(&address, 0, 7401), &welcome, found)
    }

    #[test]
    fn a_misdirection_names_both_sides_ports_and_ranks() {
        let messages = [identity(0xa, 1, 7301), identity(0xb, 0, 8300), identity(0xb, 0, 7300)].map(message);
        insta::assert_snapshot!(messages.join("\n\n"), @r"
        `peer_alloc_port[0]` [fd00::2]:7401 leads to TP rank 1 of receiver 000000000000000a (init port 7301, alloc port 7401), and `peer_init_port[0]` decode:7300 to TP rank 0 of receiver 000000000000000a (init port 7300, alloc port 7400): give both nodes the same port lists, in the same order

        these ports lead to two receivers: `peer_init_port[0]` decode:7300 to TP rank 0 of receiver 000000000000000a (init port 7300, alloc port 7400), `peer_alloc_port[0]` [fd00::2]:7401 to TP rank 0 of receiver 000000000000000b (init port 8300, alloc port 8400); give this sender the port lists of one of them

        the receiver behind `peer_init_port[0]` decode:7300 and `peer_alloc_port[0]` [fd00::2]:7401 restarted during the handshake
        ");
    }
}
