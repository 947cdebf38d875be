//! Conversion between the names of memory, ports and incarnations and their messages, and of attachments, which consist of
//! them.

use super::{
    generated as wire,
    incarnation::IncarnationKey,
    unreadable::{Unreadable, missing},
};
use crate::adapters::pd_l2_adapter::protocol::{
    Attachment, Destination, Epoch, PROTOCOL_VERSION, RankPorts, RegionNumber,
};

pub(super) fn attachment(incarnation: &IncarnationKey, attempt: u64, to: Destination) -> wire::Attachment {
    wire::Attachment {
        incarnation_key: incarnation.as_bytes().to_vec(),
        attempt,
        protocol_version: PROTOCOL_VERSION,
        destination: Some(destination(to)),
    }
}

pub(super) fn read_attachment(message: &wire::Attachment) -> Result<Attachment, Unreadable> {
    // The destination of another version may be unreadable: the refusal names the version.
    let other_version = message.protocol_version != PROTOCOL_VERSION;
    let nowhere = Destination { receiver: Epoch(0), tp_rank: 0, region: RegionNumber(0) };
    let destination = if other_version { nowhere } else { read_destination(message.destination)? };
    Ok(Attachment {
        epoch: read_incarnation_key(&message.incarnation_key)?.epoch(),
        attempt: message.attempt,
        protocol_version: message.protocol_version,
        destination,
    })
}

pub(super) fn destination(destination: Destination) -> wire::Destination {
    let Destination { receiver, tp_rank, region } = destination;
    wire::Destination { receiver: receiver.0, tp_rank, region: region.0 }
}

pub(super) fn read_destination(message: Option<wire::Destination>) -> Result<Destination, Unreadable> {
    let wire::Destination { receiver, tp_rank, region } = message.ok_or_else(|| missing("the destination"))?;
    Ok(Destination { receiver: Epoch(receiver), tp_rank, region: RegionNumber(region) })
}

pub(super) fn ports(ports: RankPorts) -> wire::Ports {
    wire::Ports { init: u32::from(ports.init), alloc: u32::from(ports.alloc) }
}

pub(super) fn read_ports(message: Option<wire::Ports>) -> Result<RankPorts, Unreadable> {
    let wire::Ports { init, alloc } = message.ok_or_else(|| missing("the ports"))?;
    let port = |port: u32| u16::try_from(port).map_err(|_| Unreadable(format!("{port} is not a port")));
    Ok(RankPorts { init: port(init)?, alloc: port(alloc)? })
}

pub(super) fn read_incarnation_key(bytes: &[u8]) -> Result<IncarnationKey, Unreadable> {
    let wrong = || Unreadable(format!("the key of an incarnation has 16 bytes, not {}", bytes.len()));
    IncarnationKey::from_bytes(bytes).ok_or_else(wrong)
}
