//! Conversion between the values of the protocol and the messages of `pd.proto`. A message that is not a valid value is an
//! [`Unreadable`]; it is never guessed.

use super::{
    generated as wire,
    incarnation::IncarnationKey,
    naming::{destination, ports, read_destination, read_incarnation_key, read_ports},
    unreadable::{Unreadable, missing},
};
use crate::{
    adapter::{ObjectKey, ObjectKeyError},
    adapters::pd_l2_adapter::protocol::{
        CancelRequest, CommitAnswer, CommitRequest, CommitResult, Epoch, HandshakeAnswer, HandshakeRequest, Identity,
        KeyAnswer, LayoutFingerprint, Refusal, Region, RegionNumber, RequestId, RequestWrites, ReserveAnswer,
        ReserveRequest, SlotCommit, SlotTicket, WantedChunk,
    },
    transfer::ChannelRegion,
};

pub(super) fn introduction(request: &HandshakeRequest, incarnation: &IncarnationKey) -> wire::Introduction {
    wire::Introduction {
        protocol_version: request.protocol_version,
        incarnation_key: incarnation.as_bytes().to_vec(),
        node_name: request.node_name.clone().unwrap_or_default(),
        tp_rank: request.tp_rank,
        rank_count: request.rank_count,
        transfer_channel: request.transfer_channel.clone(),
        checksum: request.checksum,
        next_request: request.next_request.0,
    }
}

pub(super) fn read_introduction(message: wire::Introduction) -> Result<HandshakeRequest, Unreadable> {
    Ok(HandshakeRequest {
        protocol_version: message.protocol_version,
        epoch: read_incarnation_key(&message.incarnation_key)?.epoch(),
        node_name: Some(message.node_name).filter(|name| !name.is_empty()),
        tp_rank: message.tp_rank,
        rank_count: message.rank_count,
        transfer_channel: message.transfer_channel,
        checksum: message.checksum,
        next_request: RequestId(message.next_request),
    })
}

pub(super) fn welcome(answer: HandshakeAnswer) -> wire::Welcome {
    let region = wire::Region {
        number: answer.region.number.0,
        base_address: answer.region.memory.base_address,
        length_bytes: answer.region.memory.length_bytes,
        slot_alignment_bytes: answer.region.slot_alignment_bytes,
        channel_metadata: answer.region.memory.metadata,
        probe_offset_bytes: answer.region.probe_offset_bytes,
    };
    wire::Welcome {
        epoch: answer.epoch.0,
        region: Some(region),
        lease_ms: answer.lease_ms,
        tp_rank: answer.tp_rank,
        ports: Some(ports(answer.ports)),
    }
}

pub(super) fn read_welcome(message: wire::Welcome) -> Result<HandshakeAnswer, Unreadable> {
    let region = message.region.ok_or_else(|| missing("the region"))?;
    Ok(HandshakeAnswer {
        epoch: Epoch(message.epoch),
        tp_rank: message.tp_rank,
        ports: read_ports(message.ports)?,
        region: Region {
            number: RegionNumber(region.number),
            memory: ChannelRegion {
                base_address: region.base_address,
                length_bytes: region.length_bytes,
                metadata: region.channel_metadata,
            },
            probe_offset_bytes: region.probe_offset_bytes,
            slot_alignment_bytes: region.slot_alignment_bytes,
        },
        lease_ms: message.lease_ms,
    })
}

pub(super) fn reserve_call(request: ReserveRequest) -> wire::ReserveCall {
    let chunk =
        |chunk: WantedChunk| wire::WantedChunk { key: Some(chunk_key(&chunk.key)), length_bytes: chunk.length_bytes };
    wire::ReserveCall {
        epoch: request.epoch.0,
        request: request.request.0,
        destination: Some(destination(request.destination)),
        chunks: request.chunks.into_iter().map(chunk).collect(),
        wait_ms: request.wait_ms,
    }
}

pub(super) fn read_reserve_call(message: wire::ReserveCall) -> Result<ReserveRequest, Unreadable> {
    let mut last: Option<ObjectKey> = None;
    let chunk = |chunk: wire::WantedChunk| {
        let key = read_chunk_key(&chunk.key.ok_or_else(|| missing("a chunk's key"))?, last.as_ref())?;
        last = Some(key.clone());
        Ok(WantedChunk { key, length_bytes: chunk.length_bytes })
    };
    Ok(ReserveRequest {
        epoch: Epoch(message.epoch),
        request: RequestId(message.request),
        destination: read_destination(message.destination)?,
        chunks: message.chunks.into_iter().map(chunk).collect::<Result<_, _>>()?,
        wait_ms: message.wait_ms,
    })
}

fn chunk_key(key: &ObjectKey) -> wire::ChunkKey {
    wire::ChunkKey {
        model_name: key.model_name().to_owned(),
        kv_rank: key.kv_rank(),
        object_group_id: key.object_group_id(),
        chunk_hash: key.chunk_hash().to_vec(),
        cache_salt: key.cache_salt().to_owned(),
    }
}

/// The keys of a call share the memory of what they have in common with the one before them.
fn read_chunk_key(message: &wire::ChunkKey, last: Option<&ObjectKey>) -> Result<ObjectKey, Unreadable> {
    let wire::ChunkKey { model_name, kv_rank, object_group_id, chunk_hash, cache_salt } = message;
    let of_message = (model_name.as_str(), *kv_rank, *object_group_id, cache_salt.as_str());
    let of_key =
        |key: &&ObjectKey| (key.model_name(), key.kv_rank(), key.object_group_id(), key.cache_salt()) == of_message;
    if let Some(last) = last.filter(of_key) {
        return Ok(last.with_chunk_hash(chunk_hash));
    }
    let unreadable = |error: ObjectKeyError| Unreadable(error.to_string());
    ObjectKey::new(model_name, *kv_rank, chunk_hash)
        .map_err(unreadable)?
        .with_object_group_id(*object_group_id)
        .with_cache_salt(cache_salt)
        .map_err(unreadable)
}

pub(super) fn reserve_reply(answer: ReserveAnswer) -> wire::ReserveReply {
    use wire::reserve_reply::Answer;
    let answer = match answer {
        ReserveAnswer::Granted { destination: from, keys } => Answer::Grants(wire::Grants {
            keys: keys.into_iter().map(key_grant).collect(),
            destination: Some(destination(from)),
        }),
        ReserveAnswer::Busy { occupied_bytes, capacity_bytes } => {
            Answer::Busy(wire::Shortage { bytes: occupied_bytes, capacity_bytes })
        }
        ReserveAnswer::TooLarge { requested_bytes, capacity_bytes } => {
            Answer::TooLarge(wire::Shortage { bytes: requested_bytes, capacity_bytes })
        }
        ReserveAnswer::Refused(refusal) => Answer::Refusal(call_refusal(refusal)),
    };
    wire::ReserveReply { answer: Some(answer) }
}

pub(super) fn read_reserve_reply(message: wire::ReserveReply) -> Result<ReserveAnswer, Unreadable> {
    use wire::reserve_reply::Answer;
    Ok(match message.answer.ok_or_else(|| missing("the answer to a reserve call"))? {
        Answer::Grants(grants) => ReserveAnswer::Granted {
            destination: read_destination(grants.destination)?,
            keys: grants.keys.into_iter().map(read_key_grant).collect::<Result<_, _>>()?,
        },
        Answer::Busy(shortage) => {
            ReserveAnswer::Busy { occupied_bytes: shortage.bytes, capacity_bytes: shortage.capacity_bytes }
        }
        Answer::TooLarge(shortage) => {
            ReserveAnswer::TooLarge { requested_bytes: shortage.bytes, capacity_bytes: shortage.capacity_bytes }
        }
        Answer::Refusal(refusal) => ReserveAnswer::Refused(read_call_refusal(refusal)?),
    })
}

fn key_grant(answer: KeyAnswer) -> wire::KeyGrant {
    use wire::key_grant::Answer;
    let answer = match answer {
        KeyAnswer::Write { ticket, offset_bytes } => {
            Answer::Write(wire::SlotGrant { ticket: Some(slot_ticket(ticket)), offset_bytes })
        }
        KeyAnswer::Present => Answer::Present(wire::Nothing {}),
        KeyAnswer::Pending => Answer::Pending(wire::Nothing {}),
    };
    wire::KeyGrant { answer: Some(answer) }
}

fn read_key_grant(message: wire::KeyGrant) -> Result<KeyAnswer, Unreadable> {
    use wire::key_grant::Answer;
    Ok(match message.answer.ok_or_else(|| missing("the answer for a key"))? {
        Answer::Write(grant) => {
            KeyAnswer::Write { ticket: read_slot_ticket(grant.ticket)?, offset_bytes: grant.offset_bytes }
        }
        Answer::Present(_) => KeyAnswer::Present,
        Answer::Pending(_) => KeyAnswer::Pending,
    })
}

fn slot_ticket(ticket: SlotTicket) -> wire::SlotTicket {
    wire::SlotTicket { slot: ticket.slot, generation: ticket.generation }
}

fn read_slot_ticket(message: Option<wire::SlotTicket>) -> Result<SlotTicket, Unreadable> {
    let ticket = message.ok_or_else(|| missing("a slot's ticket"))?;
    Ok(SlotTicket { slot: ticket.slot, generation: ticket.generation })
}

pub(super) fn commit_call(request: CommitRequest) -> wire::CommitCall {
    let slot = |slot: SlotCommit| wire::SlotCommit {
        ticket: Some(slot_ticket(slot.ticket)),
        length_bytes: slot.length_bytes,
        checksum: slot.checksum,
        layout_fingerprint: slot.layout.map(|layout| layout.0),
    };
    wire::CommitCall {
        epoch: request.epoch.0,
        request: request.request.0,
        slots: request.slots.into_iter().map(slot).collect(),
        destination: Some(destination(request.destination)),
    }
}

pub(super) fn read_commit_call(message: wire::CommitCall) -> Result<CommitRequest, Unreadable> {
    let slot = |slot: wire::SlotCommit| {
        let ticket = read_slot_ticket(slot.ticket)?;
        let layout = slot.layout_fingerprint.map(LayoutFingerprint);
        Ok(SlotCommit { ticket, length_bytes: slot.length_bytes, checksum: slot.checksum, layout })
    };
    Ok(CommitRequest {
        epoch: Epoch(message.epoch),
        request: RequestId(message.request),
        destination: read_destination(message.destination)?,
        slots: message.slots.into_iter().map(slot).collect::<Result<_, _>>()?,
    })
}

pub(super) fn commit_reply(answer: CommitAnswer) -> wire::CommitReply {
    use wire::commit_reply::Answer;
    let result = |result| {
        i32::from(match result {
            CommitResult::Committed => wire::CommitResult::Committed,
            CommitResult::Stale => wire::CommitResult::Stale,
            CommitResult::WrongLength => wire::CommitResult::WrongLength,
            CommitResult::WrongChecksum => wire::CommitResult::WrongChecksum,
        })
    };
    let answer = match answer {
        CommitAnswer::Results(results) => {
            Answer::Results(wire::CommitResults { results: results.into_iter().map(result).collect() })
        }
        CommitAnswer::Refused(refusal) => Answer::Refusal(call_refusal(refusal)),
    };
    wire::CommitReply { answer: Some(answer) }
}

pub(super) fn read_commit_reply(message: wire::CommitReply) -> Result<CommitAnswer, Unreadable> {
    use wire::commit_reply::Answer;
    let result = |result| match wire::CommitResult::try_from(result) {
        Ok(wire::CommitResult::Committed) => Ok(CommitResult::Committed),
        Ok(wire::CommitResult::Stale) => Ok(CommitResult::Stale),
        Ok(wire::CommitResult::WrongLength) => Ok(CommitResult::WrongLength),
        Ok(wire::CommitResult::WrongChecksum) => Ok(CommitResult::WrongChecksum),
        Ok(wire::CommitResult::Unspecified) | Err(_) => {
            Err(Unreadable(format!("{result} is not a result of a commit")))
        }
    };
    Ok(match message.answer.ok_or_else(|| missing("the answer to a commit"))? {
        Answer::Results(results) => {
            CommitAnswer::Results(results.results.into_iter().map(result).collect::<Result<_, _>>()?)
        }
        Answer::Refusal(refusal) => CommitAnswer::Refused(read_call_refusal(refusal)?),
    })
}

pub(super) fn cancel_call(request: &CancelRequest) -> wire::CancelCall {
    let writes = match request.writes {
        RequestWrites::InProgress => wire::RequestWrites::InProgress,
        RequestWrites::BrokenOff => wire::RequestWrites::BrokenOff,
        RequestWrites::Ended => wire::RequestWrites::Ended,
    };
    wire::CancelCall { epoch: request.epoch.0, request: request.request.0, writes: writes.into() }
}

pub(super) fn read_cancel_call(message: &wire::CancelCall) -> Result<CancelRequest, Unreadable> {
    let unreadable = || Unreadable(format!("{} says nothing of a request's writes", message.writes));
    let writes = match message.writes() {
        wire::RequestWrites::Unspecified => return Err(unreadable()),
        wire::RequestWrites::InProgress => RequestWrites::InProgress,
        wire::RequestWrites::BrokenOff => RequestWrites::BrokenOff,
        wire::RequestWrites::Ended => RequestWrites::Ended,
    };
    Ok(CancelRequest { epoch: Epoch(message.epoch), request: RequestId(message.request), writes })
}

pub(super) fn call_refusal(refusal: Refusal) -> wire::CallRefusal {
    use wire::call_refusal::Reason;
    let reason = match refusal {
        Refusal::UnknownEpoch => Reason::UnknownEpoch(wire::Nothing {}),
        Refusal::StaleRegion { got, current } => {
            Reason::StaleRegion(wire::StaleRegion { got: got.0, current: current.0 })
        }
        Refusal::RequestEnded => Reason::RequestEnded(wire::Nothing {}),
        Refusal::Malformed(message) => Reason::Malformed(message),
        Refusal::Closing => Reason::Closing(wire::Nothing {}),
        Refusal::WrongDestination(identity) => Reason::WrongDestination(wire::Identity {
            receiver: identity.receiver.0,
            tp_rank: identity.tp_rank,
            ports: Some(ports(identity.ports)),
        }),
        Refusal::Version { ours } => Reason::ProtocolVersion(ours),
    };
    wire::CallRefusal { reason: Some(reason) }
}

pub(super) fn read_call_refusal(message: wire::CallRefusal) -> Result<Refusal, Unreadable> {
    use wire::call_refusal::Reason;
    Ok(match message.reason.ok_or_else(|| missing("the reason of a refusal"))? {
        Reason::UnknownEpoch(_) => Refusal::UnknownEpoch,
        Reason::StaleRegion(stale) => {
            Refusal::StaleRegion { got: RegionNumber(stale.got), current: RegionNumber(stale.current) }
        }
        Reason::RequestEnded(_) => Refusal::RequestEnded,
        Reason::Malformed(message) => Refusal::Malformed(message),
        Reason::Closing(_) => Refusal::Closing,
        Reason::WrongDestination(wire::Identity { receiver, tp_rank, ports }) => {
            Refusal::WrongDestination(Identity { receiver: Epoch(receiver), tp_rank, ports: read_ports(ports)? })
        }
        Reason::ProtocolVersion(ours) => Refusal::Version { ours },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::pd_l2_adapter::protocol::{Destination, RankPorts};

    fn key() -> ObjectKey {
        let key = ObjectKey::new("org/model", 0x0201_0201, &[1, 2, 3]).unwrap();
        key.with_object_group_id(3).with_cache_salt("user").unwrap()
    }

    const MEMORY: Destination = Destination { receiver: Epoch(5), tp_rank: 6, region: RegionNumber(u64::MAX) };
    const TICKET: SlotTicket = SlotTicket { slot: 7, generation: 9 };

    #[test]
    fn a_reserve_call_arrives_as_it_was_sent_whichever_parts_its_keys_have_in_common() {
        let plain = ObjectKey::new("org/model", 0x0201_0201, &[1, 2, 3]).unwrap();
        let keys = [
            key(),
            key().with_chunk_hash(&[]),
            key().with_object_group_id(4),
            plain.clone(),
            plain.clone().with_cache_salt("another").unwrap(),
            ObjectKey::new("org/model", 0x0202_0202, &[1, 2, 3]).unwrap(),
            ObjectKey::new("org/another", 0x0202_0202, &[1, 2, 3]).unwrap(),
        ];
        let chunks = keys.map(|key| WantedChunk { key, length_bytes: 5 }).to_vec();
        let request =
            ReserveRequest { epoch: Epoch(u64::MAX), request: RequestId(2), destination: MEMORY, chunks, wait_ms: 6 };
        assert_eq!(read_reserve_call(reserve_call(request.clone())), Ok(request));
    }

    #[test]
    fn every_answer_arrives_as_it_was_sent() {
        let refusals = [
            Refusal::UnknownEpoch,
            Refusal::StaleRegion { got: RegionNumber(1), current: RegionNumber(2) },
            Refusal::RequestEnded,
            Refusal::Malformed("so".to_owned()),
            Refusal::Closing,
            Refusal::WrongDestination(Identity {
                receiver: Epoch(9),
                tp_rank: 3,
                ports: RankPorts { init: 1, alloc: u16::MAX },
            }),
            Refusal::Version { ours: 2 },
        ];
        for refusal in &refusals {
            assert_eq!(read_call_refusal(call_refusal(refusal.clone())).as_ref(), Ok(refusal));
        }
        let write = KeyAnswer::Write { ticket: TICKET, offset_bytes: 4096 };
        for answer in [
            ReserveAnswer::Granted { destination: MEMORY, keys: vec![write, KeyAnswer::Present, KeyAnswer::Pending] },
            ReserveAnswer::Busy { occupied_bytes: 1, capacity_bytes: 2 },
            ReserveAnswer::TooLarge { requested_bytes: 3, capacity_bytes: 2 },
            ReserveAnswer::Refused(Refusal::Closing),
        ] {
            assert_eq!(read_reserve_reply(reserve_reply(answer.clone())), Ok(answer));
        }
        use CommitResult::{Committed, Stale, WrongChecksum, WrongLength};
        for answer in [
            CommitAnswer::Results(vec![Committed, Stale, WrongLength, WrongChecksum]),
            CommitAnswer::Refused(Refusal::UnknownEpoch),
        ] {
            assert_eq!(read_commit_reply(commit_reply(answer.clone())), Ok(answer));
        }
    }

    #[test]
    fn an_error_names_the_missing_field() {
        let call = wire::ReserveCall {
            chunks: vec![wire::WantedChunk::default()],
            destination: Some(destination(MEMORY)),
            ..Default::default()
        };
        assert_eq!(read_reserve_call(call), Err(Unreadable("a chunk's key is missing".to_owned())));
        let reply = wire::CommitReply {
            answer: Some(wire::commit_reply::Answer::Results(wire::CommitResults { results: vec![9] })),
        };
        assert_eq!(read_commit_reply(reply), Err(Unreadable("9 is not a result of a commit".to_owned())));
    }
}
