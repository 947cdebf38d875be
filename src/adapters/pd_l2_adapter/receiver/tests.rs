//! The receiver's rules, one by one.

use std::time::Duration;

use super::*;
use crate::{
    adapters::pd_l2_adapter::protocol::{
        Attachment, CancelRequest, CommitAnswer, CommitRequest, CommitResult, ConnectionNumber, Destination,
        HandshakeRefusal, HandshakeRequest, KeyAnswer, PROTOCOL_VERSION, Refusal, RegionNumber, RequestId,
        RequestWrites, ReserveRequest, SlotCommit, SpokenBySender, WantedChunk,
    },
    transfer::{ChannelRegion, Polled, RegionReplaced},
};

pub(super) const PAGE: u64 = 4096;
pub(super) const SENDER: Epoch = Epoch(7);
pub(super) const OTHER: Epoch = Epoch(8);
pub(super) const START: Duration = Duration::ZERO;
pub(super) const MEMORY: Destination = Destination { receiver: Epoch(1), tp_rank: 0, region: RegionNumber(1) };

/// A channel's evidence that the region was replaced.
pub(super) fn replaced() -> RegionReplaced {
    let memory = ChannelRegion { base_address: 0, length_bytes: 0, metadata: Vec::new() };
    RegionReplaced::simulated(memory)
}

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn key(name: u8) -> ObjectKey {
    ObjectKey::new("model", 0, &[name]).unwrap()
}

/// A receiver with this many pages that knows two senders. Its lookups do not wait.
pub(super) fn receiver(pages: u64) -> ReceiverMachine {
    let (lookup_wait, lookup_grace) = (Duration::ZERO, Duration::ZERO);
    receiver_with(pages, ReceiverSettings { lookup_wait, lookup_grace, ..ReceiverSettings::default() })
}

pub(super) fn receiver_with(pages: u64, settings: ReceiverSettings) -> ReceiverMachine {
    let region = Region {
        number: MEMORY.region,
        memory: ChannelRegion { base_address: 0, length_bytes: pages * PAGE + 64, metadata: Vec::new() },
        probe_offset_bytes: pages * PAGE,
        slot_alignment_bytes: PAGE,
    };
    let mut machine = ReceiverMachine::new(settings, MEMORY.receiver, region);
    for epoch in [SENDER, OTHER] {
        machine.handle_handshake(START, &handshake(epoch)).unwrap();
    }
    machine
}

pub(super) fn handshake(epoch: Epoch) -> HandshakeRequest {
    HandshakeRequest {
        protocol_version: PROTOCOL_VERSION,
        epoch,
        node_name: None,
        tp_rank: 0,
        rank_count: 1,
        transfer_channel: "mock_memory".to_owned(),
        checksum: false,
        next_request: RequestId(1),
    }
}

pub(super) fn reserve(
    machine: &mut ReceiverMachine,
    epoch: Epoch,
    request: u64,
    keys: &[u8],
    wait_ms: u64,
) -> Option<ReserveAnswer> {
    let chunks = keys.iter().map(|name| WantedChunk { key: key(*name), length_bytes: PAGE }).collect();
    let wanted = ReserveRequest { epoch, request: RequestId(request), destination: MEMORY, chunks, wait_ms };
    machine.handle_reserve(START, CallId(request), wanted);
    machine.check_invariants();
    answer(machine)
}

pub(super) fn answer(machine: &mut ReceiverMachine) -> Option<ReserveAnswer> {
    std::iter::from_fn(|| machine.poll_action()).find_map(|action| match action {
        ReceiverAction::AnswerReserve { answer, .. } => Some(answer),
        _ => None,
    })
}

/// What a lookup finds that does not wait.
pub(super) fn look_up(machine: &mut ReceiverMachine, keys: &[u8]) -> Bitmap {
    machine.handle_lookup(START, LookupId(0), keys.iter().map(|name| key(*name)).collect(), WantedLayouts::default());
    machine.check_invariants();
    let found = std::iter::from_fn(|| machine.poll_action()).find_map(|action| match action {
        ReceiverAction::AnswerLookup { found, .. } => Some(found),
        _ => None,
    });
    found.expect("it does not wait")
}

pub(super) fn tickets(answer: Option<ReserveAnswer>) -> Vec<SlotTicket> {
    let Some(ReserveAnswer::Granted { keys: answers, .. }) = answer else { panic!("not granted: {answer:?}") };
    let ticket = |answer| if let KeyAnswer::Write { ticket, .. } = answer { ticket } else { panic!("{answer:?}") };
    answers.into_iter().map(ticket).collect()
}

pub(super) fn commit(
    machine: &mut ReceiverMachine,
    epoch: Epoch,
    request: u64,
    tickets: &[SlotTicket],
) -> CommitAnswer {
    let slots = tickets.iter().map(|ticket| slot_commit(*ticket, None)).collect();
    let commit = CommitRequest { epoch, request: RequestId(request), destination: MEMORY, slots };
    let answer = machine.handle_commit(START, commit, &SpokenBySender::simulated(), &[]);
    machine.check_invariants();
    answer
}

pub(super) fn slot_commit(ticket: SlotTicket, checksum: Option<u64>) -> SlotCommit {
    SlotCommit { ticket, length_bytes: PAGE, checksum, layout: None }
}

pub(super) fn cancel(machine: &mut ReceiverMachine, request: u64, writes: RequestWrites) {
    machine
        .handle_cancel(
            START,
            CancelRequest { epoch: SENDER, request: RequestId(request), writes },
            &SpokenBySender::simulated(),
        )
        .unwrap();
    machine.check_invariants();
}

pub(super) fn poll(machine: &mut ReceiverMachine, now: Duration) {
    machine.handle_channel_polled(now, &Polled::simulated());
    machine.check_invariants();
}

#[test]
fn a_key_is_found_after_its_commit_and_not_before() {
    let mut machine = receiver(4);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    assert_eq!(look_up(&mut machine, &[1]).count(), 0);
    assert_eq!(commit(&mut machine, SENDER, 1, &slots), CommitAnswer::Results(vec![CommitResult::Committed]));
    assert_eq!(look_up(&mut machine, &[1]).count(), 1);
}

#[test]
fn a_request_gets_all_its_slots_or_none() {
    let mut machine = receiver(2);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    let busy = ReserveAnswer::Busy { occupied_bytes: PAGE, capacity_bytes: 2 * PAGE };
    assert_eq!(reserve(&mut machine, SENDER, 2, &[2, 3], 0), Some(busy));
    assert_eq!(machine.status().reserved.slots, 1);
}

#[test]
fn a_request_larger_than_the_region_is_refused_at_once_with_both_sizes() {
    let answer = reserve(&mut receiver(1), SENDER, 1, &[1, 2], 1000);
    assert_eq!(answer, Some(ReserveAnswer::TooLarge { requested_bytes: 2 * PAGE, capacity_bytes: PAGE }));
}

#[test]
fn a_call_that_waits_for_room_does_not_block_one_that_fits() {
    let mut machine = receiver(2);
    let first = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    assert_eq!(reserve(&mut machine, SENDER, 2, &[2, 3], 1000), None);
    let second = tickets(reserve(&mut machine, OTHER, 1, &[4], 1000));
    assert_ne!(first, second);
}

#[test]
fn an_unconfirmed_cancel_quarantines_and_a_confirmed_one_frees() {
    let mut machine = receiver(1);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    cancel(&mut machine, 1, RequestWrites::InProgress);
    assert_eq!(machine.status().quarantined.slots, 1);
    assert!(matches!(reserve(&mut machine, OTHER, 1, &[1], 0), Some(ReserveAnswer::Busy { .. })));
    cancel(&mut machine, 1, RequestWrites::Ended);
    assert_eq!(machine.status().free_bytes(), PAGE);
}

#[test]
fn no_time_alone_frees_a_slot_that_a_silent_sender_may_write() {
    let mut machine = receiver(2);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    machine.handle_deadline(seconds(31));
    assert_eq!(machine.status().quarantined.slots, 1);
    machine.handle_deadline(seconds(100_000));
    machine.check_invariants();
    assert_eq!(machine.status().quarantined.slots, 1);
    // The memory is replaced instead, and the replacement frees the slot.
    assert_eq!(machine.poll_action(), Some(ReceiverAction::ReplaceRegion));
    assert_eq!(commit(&mut machine, SENDER, 1, &slots), CommitAnswer::Results(vec![CommitResult::Stale]));
    assert_eq!(machine.status().free_bytes(), 2 * PAGE);
}

#[test]
fn a_dead_senders_slots_are_free_at_a_poll_after_its_kernel_has_closed_the_channel() {
    let mut machine = receiver(1);
    machine.settings.channel_close_time = seconds(20);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    machine.take_for_dead(START, SENDER);
    machine.check_invariants();
    poll(&mut machine, seconds(22) - Duration::from_millis(1));
    machine.handle_deadline(seconds(100));
    assert_eq!(machine.status().quarantined.slots, 1, "no time alone frees a slot");
    poll(&mut machine, seconds(22));
    assert_eq!(machine.status().free_bytes(), PAGE);
    assert!(machine.handle_handshake(seconds(23), &handshake(SENDER)).is_err());
}

#[test]
fn slots_of_a_broken_off_write_are_free_at_a_poll_after_the_senders_report() {
    let mut machine = receiver(1);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    poll(&mut machine, START);
    cancel(&mut machine, 1, RequestWrites::BrokenOff);
    machine.handle_deadline(seconds(20));
    poll(&mut machine, seconds(2) - Duration::from_millis(1));
    assert_eq!(machine.status().quarantined.slots, 1);
    // Repeating the call does not restart the wait.
    cancel(&mut machine, 1, RequestWrites::BrokenOff);
    poll(&mut machine, seconds(2));
    assert_eq!(machine.status().free_bytes(), PAGE);
}

#[test]
fn taking_over_a_name_frees_no_slot_of_its_silent_owner() {
    const FIRST: Epoch = Epoch(20);
    const SECOND: Epoch = Epoch(21);
    let mut machine = receiver(1);
    let named = |epoch| HandshakeRequest { node_name: Some("prefill-0".to_owned()), ..handshake(epoch) };
    machine.handle_handshake(START, &named(FIRST)).unwrap();
    tickets(reserve(&mut machine, FIRST, 1, &[1], 0));
    assert!(matches!(machine.handle_handshake(START, &named(SECOND)), Err(HandshakeRefusal::NameInUse { .. })));
    machine.handle_deadline(seconds(30));
    machine.handle_handshake(seconds(30), &named(SECOND)).unwrap();
    poll(&mut machine, seconds(50));
    assert_eq!(machine.status().quarantined.slots, 1, "its bytes may be on their way");

    // It is alive: it may report how its writes ended, and nothing else.
    let refused = Some(ReserveAnswer::Refused(Refusal::UnknownEpoch));
    assert_eq!(reserve(&mut machine, FIRST, 2, &[2], 0), refused);
    assert!(matches!(machine.handle_handshake(seconds(50), &named(FIRST)), Err(HandshakeRefusal::NameInUse { .. })));
    let ended = CancelRequest { epoch: FIRST, request: RequestId(1), writes: RequestWrites::Ended };
    machine.handle_cancel(seconds(50), ended, &SpokenBySender::simulated()).unwrap();
    assert_eq!(machine.status().free_bytes(), PAGE);
}

const CONNECTION: ConnectionNumber = ConnectionNumber(1);

fn attachment(destination: Destination) -> Attachment {
    Attachment { epoch: SENDER, attempt: 1, protocol_version: PROTOCOL_VERSION, destination }
}

#[test]
fn a_call_for_another_rank_receiver_or_region_is_refused() {
    let mut machine = receiver(1);
    let wrong = [
        Destination { receiver: Epoch(2), ..MEMORY },
        Destination { tp_rank: 1, ..MEMORY },
        Destination { region: RegionNumber(2), ..MEMORY },
    ];
    for destination in wrong {
        assert!(machine.handle_attach(START, CONNECTION, attachment(destination)).is_err(), "{destination:?}");
        let chunks = vec![WantedChunk { key: key(1), length_bytes: PAGE }];
        let wanted = ReserveRequest { epoch: SENDER, request: RequestId(1), destination, chunks, wait_ms: 0 };
        machine.handle_reserve(START, CallId(1), wanted);
        assert!(matches!(answer(&mut machine), Some(ReserveAnswer::Refused(_))), "{destination:?}");
        let commit = CommitRequest { epoch: SENDER, request: RequestId(1), destination, slots: Vec::new() };
        let answer = machine.handle_commit(START, commit, &SpokenBySender::simulated(), &[]);
        assert!(matches!(answer, CommitAnswer::Refused(_)), "{destination:?}");
    }
    let other_version = Attachment { protocol_version: 1, ..attachment(MEMORY) };
    let other_version = machine.handle_attach(START, CONNECTION, other_version);
    assert_eq!(other_version, Err(Refusal::Version { ours: PROTOCOL_VERSION }));
    assert_eq!(machine.handle_attach(START, CONNECTION, attachment(MEMORY)), Ok(MEMORY));
}

#[test]
fn the_channel_is_polled_exactly_while_a_probe_is_in_flight() {
    let mut machine = receiver(1);
    assert!(!machine.must_poll_channel());
    machine.handle_heartbeat(START, SENDER, true).unwrap();
    assert!(machine.must_poll_channel());
    machine.handle_heartbeat(START, SENDER, false).unwrap();
    assert!(!machine.must_poll_channel());
    machine.handle_heartbeat(START, SENDER, true).unwrap();
    machine.handle_deadline(seconds(30));
    assert!(!machine.must_poll_channel(), "the sender is silent");
}

#[test]
fn a_cancel_that_arrives_before_its_reserve_call_wins() {
    let mut machine = receiver(1);
    cancel(&mut machine, 5, RequestWrites::Ended);
    let answer = reserve(&mut machine, SENDER, 5, &[1], 0);
    assert_eq!(answer, Some(ReserveAnswer::Refused(Refusal::RequestEnded)));
}

#[test]
fn a_key_that_is_being_written_is_pending_and_is_taken_over_after_its_writer_cancels() {
    let mut machine = receiver(2);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    assert_eq!(reserve(&mut machine, OTHER, 1, &[1], 1000), None);
    cancel(&mut machine, 1, RequestWrites::Ended);
    assert_eq!(tickets(answer(&mut machine)).len(), 1);
}

#[test]
fn a_locked_chunk_outlives_its_time_to_live_and_a_delete() {
    let mut machine = receiver(1);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    commit(&mut machine, SENDER, 1, &slots);
    look_up(&mut machine, &[1, 1]);
    machine.delete(START, &[key(1)]);
    machine.handle_deadline(seconds(1000));
    assert_eq!(machine.status().locked.slots, 1);
    machine.unlock(seconds(1000), &[key(1)]);
    machine.delete(seconds(1000), &[key(1)]);
    machine.check_invariants();
    assert_eq!(machine.status().free_bytes(), PAGE);
}

#[test]
fn a_loaded_chunk_makes_room_and_an_unread_one_does_not() {
    let mut machine = receiver(1);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    commit(&mut machine, SENDER, 1, &slots);
    assert!(matches!(reserve(&mut machine, SENDER, 2, &[2], 0), Some(ReserveAnswer::Busy { .. })));
    let grant = machine.begin_load(START, &key(1), PAGE).unwrap();
    machine.end_load(START, grant.ticket, LoadOutcome::Copied);
    assert_eq!(tickets(reserve(&mut machine, SENDER, 3, &[2], 0)).len(), 1);
}

#[test]
fn the_next_deadline_is_always_in_the_future() {
    let mut machine = receiver(2);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    tickets(reserve(&mut machine, OTHER, 1, &[2], 0));
    // One falls silent ten seconds before the other.
    machine.handle_heartbeat(seconds(10), OTHER, false).unwrap();
    let mut now = START;
    while let Some(deadline) = machine.next_deadline() {
        assert!(deadline > now, "{deadline:?} is over at {now:?}");
        now = deadline;
        machine.handle_deadline(now);
    }
    assert_eq!(now, seconds(10 + 30 + 30));
    assert_eq!(machine.poll_action(), Some(ReceiverAction::ReplaceRegion));
}

#[test]
fn the_work_of_a_turn_does_not_grow_with_the_number_of_senders() {
    let visited = |senders: u64| {
        let mut machine = receiver(4);
        (100..100 + senders).for_each(|epoch| drop(machine.handle_handshake(START, &handshake(Epoch(epoch))).unwrap()));
        let before = machine.sessions.visited.get();
        let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
        machine.handle_heartbeat(seconds(1), SENDER, false).unwrap();
        commit(&mut machine, SENDER, 1, &slots);
        machine.handle_deadline(seconds(2));
        poll(&mut machine, seconds(2));
        let _ = (machine.next_deadline(), machine.status(), machine.must_poll_channel());
        machine.sessions.visited.get() - before
    };
    assert_eq!((visited(1), visited(200)), (0, 0));
}

#[test]
fn replaced_memory_is_free_and_requests_for_the_old_memory_are_refused() {
    let mut machine = receiver(1);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    machine.handle_deadline(seconds(30));
    machine.handle_deadline(seconds(60));
    let region = Region { number: RegionNumber(2), ..machine.region.clone() };
    machine.handle_region_replaced(seconds(60), region, &replaced());
    machine.check_invariants();
    assert_eq!(machine.status().free_bytes(), PAGE);
    machine.handle_handshake(seconds(60), &handshake(OTHER)).unwrap();
    let refused = Refusal::StaleRegion { got: RegionNumber(1), current: RegionNumber(2) };
    assert_eq!(reserve(&mut machine, OTHER, 1, &[1], 0), Some(ReserveAnswer::Refused(refused)));
}
