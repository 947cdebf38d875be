//! Scenarios that failed once, or that random runs reach too rarely.

use super::{
    tests::{
        MEMORY, OTHER, PAGE, SENDER, START, answer, cancel, commit, handshake, key, look_up, receiver, replaced,
        reserve, seconds, slot_commit, tickets,
    },
    *,
};
use crate::adapters::pd_l2_adapter::protocol::{
    CommitAnswer, CommitRequest, CommitResult, Destination, KeyAnswer, Refusal, RegionNumber, RequestId, RequestWrites,
    ReserveRequest, SpokenBySender, WantedChunk,
};

const COMMITTED: CommitResult = CommitResult::Committed;
const STALE: CommitResult = CommitResult::Stale;

fn results(results: &[CommitResult]) -> CommitAnswer {
    CommitAnswer::Results(results.to_vec())
}

fn granted(keys: Vec<KeyAnswer>) -> ReserveAnswer {
    ReserveAnswer::Granted { destination: MEMORY, keys }
}

/// Stores one chunk, and loads it if requested.
fn store(machine: &mut ReceiverMachine, request: u64, name: u8, loaded: bool) -> SlotTicket {
    let slots = tickets(reserve(machine, SENDER, request, &[name], 0));
    assert_eq!(commit(machine, SENDER, request, &slots), results(&[COMMITTED]));
    if loaded {
        let grant = machine.begin_load(START, &key(name), PAGE).unwrap();
        machine.end_load(START, grant.ticket, LoadOutcome::Copied);
    }
    slots[0]
}

fn silence(machine: &mut ReceiverMachine) {
    machine.handle_deadline(seconds(30));
    machine.check_invariants();
}

#[test]
fn a_repeated_reserve_call_gets_the_same_slots() {
    let mut machine = receiver(2);
    let first = reserve(&mut machine, SENDER, 1, &[1], 0);
    assert_eq!(reserve(&mut machine, SENDER, 1, &[1], 0), first);
    assert_eq!(machine.status().reserved.slots, 1);
}

#[test]
fn a_repeated_reserve_call_never_gets_present_for_a_key_that_another_request_is_writing() {
    let mut machine = receiver(2);
    tickets(reserve(&mut machine, OTHER, 1, &[2], 0));
    let first = reserve(&mut machine, SENDER, 1, &[1, 2], 0);
    assert!(matches!(&first, Some(ReserveAnswer::Granted { keys, .. }) if keys[1] == KeyAnswer::Pending), "{first:?}");
    assert_eq!(reserve(&mut machine, SENDER, 1, &[1, 2], 0), first);
}

#[test]
fn a_request_does_not_evict_chunks_that_its_answer_reports_as_present() {
    let mut machine = receiver(2);
    store(&mut machine, 1, 1, true);
    store(&mut machine, 2, 2, true);
    let Some(ReserveAnswer::Granted { keys: answers, .. }) = reserve(&mut machine, OTHER, 1, &[1, 3], 0) else {
        panic!("no room")
    };
    assert_eq!(answers[0], KeyAnswer::Present);
    assert_eq!((look_up(&mut machine, &[1]).count(), look_up(&mut machine, &[2]).count()), (1, 0));
}

#[test]
fn nothing_is_evicted_for_a_chunk_that_would_still_not_fit() {
    let mut machine = receiver(5);
    // The loaded pages may be evicted and the pages between them may not: there are three free or evictable pages, but no two
    // adjacent ones.
    for name in 1..=5 {
        store(&mut machine, u64::from(name), name, name % 2 == 1);
    }
    let chunks = vec![WantedChunk { key: key(9), length_bytes: 2 * PAGE }];
    let wanted = ReserveRequest { epoch: OTHER, request: RequestId(1), destination: MEMORY, chunks, wait_ms: 0 };
    machine.handle_reserve(START, CallId(9), wanted.clone());
    assert!(matches!(answer(&mut machine), Some(ReserveAnswer::Busy { .. })));
    assert_eq!((machine.status().counters.evicted_chunks, machine.status().committed.slots), (0, 5));
    machine.check_invariants();
    // Once one of the others may be evicted, too, the oldest three make room, and the last stays.
    let grant = machine.begin_load(START, &key(2), PAGE).unwrap();
    machine.end_load(START, grant.ticket, LoadOutcome::Copied);
    machine.handle_reserve(START, CallId(10), ReserveRequest { request: RequestId(2), ..wanted });
    assert_eq!(tickets(answer(&mut machine)).len(), 1);
    assert!(machine.status().committed.slots >= 2, "{:?}", machine.status());
    machine.check_invariants();
}

#[test]
fn a_full_buffer_is_reported_after_a_store_timed_out_and_until_there_is_room() {
    let mut machine = receiver(1);
    store(&mut machine, 1, 1, false);
    assert_eq!(machine.status().trouble(), None, "a full buffer alone is not a trouble");
    assert!(matches!(reserve(&mut machine, SENDER, 2, &[2], 0), Some(ReserveAnswer::Busy { .. })));
    let trouble = machine.status().trouble().unwrap();
    assert!(trouble.contains("a store of 4096 bytes found no room in time, and 0 of 4096 bytes are free"), "{trouble}");
    let grant = machine.begin_load(START, &key(1), PAGE).unwrap();
    machine.end_load(START, grant.ticket, LoadOutcome::Copied);
    assert_eq!(machine.status().trouble(), None, "a loaded chunk makes room");
    tickets(reserve(&mut machine, SENDER, 3, &[2], 0));
    assert_eq!(machine.status().trouble(), None, "the room was given");
}

#[test]
fn a_full_buffer_stays_reported_if_a_smaller_store_fits_or_the_free_bytes_are_fragmented() {
    let mut machine = receiver(4);
    for name in 1..=4 {
        store(&mut machine, u64::from(name), name, name % 2 == 1);
    }
    let large = |machine: &mut ReceiverMachine, request| {
        let chunks = vec![WantedChunk { key: key(9), length_bytes: 2 * PAGE }];
        let wanted =
            ReserveRequest { epoch: OTHER, request: RequestId(request), destination: MEMORY, chunks, wait_ms: 0 };
        machine.handle_reserve(START, CallId(request), wanted);
        answer(machine)
    };
    assert!(
        matches!(large(&mut machine, 1), Some(ReserveAnswer::Busy { .. })),
        "the free bytes of two pages are fragmented"
    );
    assert!(machine.status().trouble().is_some());
    tickets(reserve(&mut machine, SENDER, 5, &[5], 0));
    assert!(machine.status().trouble().is_some(), "the large one still has no room");
    machine.delete(START, &[key(2)]);
    tickets(large(&mut machine, 2));
    assert_eq!(machine.status().trouble(), None);
}

#[test]
fn a_chunk_reported_as_present_is_kept_like_an_unread_one() {
    let mut machine = receiver(1);
    store(&mut machine, 1, 1, true);
    assert_eq!(reserve(&mut machine, OTHER, 1, &[1], 0), Some(granted(vec![KeyAnswer::Present])));
    assert!(matches!(reserve(&mut machine, OTHER, 2, &[2], 0), Some(ReserveAnswer::Busy { .. })));
}

#[test]
fn a_repeated_commit_gets_the_same_answer() {
    let mut machine = receiver(1);
    let slot = store(&mut machine, 1, 1, false);
    assert_eq!(commit(&mut machine, SENDER, 1, &[slot]), results(&[COMMITTED]));
    assert_eq!(machine.status().counters.committed_chunks, 1);
}

#[test]
fn a_commit_of_another_requests_slot_changes_nothing() {
    let mut machine = receiver(1);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    assert_eq!(commit(&mut machine, OTHER, 1, &slots), results(&[STALE]));
    assert_eq!(commit(&mut machine, SENDER, 2, &slots), results(&[STALE]));
    assert_eq!(machine.status().reserved.slots, 1);
}

#[test]
fn a_commit_of_a_slot_in_quarantine_frees_it_but_only_for_its_own_request() {
    let mut machine = receiver(1);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    silence(&mut machine);
    assert_eq!(commit(&mut machine, SENDER, 2, &slots), results(&[STALE]));
    assert_eq!(machine.status().quarantined.slots, 1);
    assert_eq!(commit(&mut machine, SENDER, 1, &slots), results(&[STALE]));
    assert_eq!(machine.status().free_bytes(), PAGE);
}

#[test]
fn a_commit_is_accepted_until_the_end_of_the_lease_is_handled() {
    let mut machine = receiver(1);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    machine.handle_deadline(seconds(30) - Duration::from_millis(1));
    assert_eq!(commit(&mut machine, SENDER, 1, &slots), results(&[COMMITTED]));
}

#[test]
fn a_commit_for_replaced_memory_does_not_change_the_slot_at_the_same_place() {
    let mut machine = receiver(1);
    let old = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    silence(&mut machine);
    machine.handle_deadline(seconds(60));
    let region = Region { number: RegionNumber(2), ..machine.region.clone() };
    machine.handle_region_replaced(seconds(60), region, &replaced());
    machine.handle_handshake(seconds(60), &handshake(OTHER)).unwrap();
    let chunks = vec![WantedChunk { key: key(1), length_bytes: PAGE }];
    let wanted = ReserveRequest {
        epoch: OTHER,
        request: RequestId(1),
        destination: Destination { region: RegionNumber(2), ..MEMORY },
        chunks,
        wait_ms: 0,
    };
    machine.handle_reserve(seconds(60), CallId(9), wanted);
    let new = tickets(answer(&mut machine));
    assert_eq!((new[0].slot, new[0].generation > old[0].generation), (old[0].slot, true));
    machine.handle_handshake(seconds(60), &handshake(SENDER)).unwrap();
    let stale = Refusal::StaleRegion { got: RegionNumber(1), current: RegionNumber(2) };
    assert_eq!(commit(&mut machine, SENDER, 1, &old), CommitAnswer::Refused(stale));
    assert_eq!(machine.status().reserved.slots, 1);
}

#[test]
fn an_incarnation_that_died_before_its_handshake_stays_dead() {
    let mut machine = receiver(1);
    machine.take_for_dead(START, Epoch(99));
    assert!(machine.handle_handshake(START, &handshake(Epoch(99))).is_err());
}

#[test]
fn a_call_of_a_dead_incarnation_is_refused() {
    let mut machine = receiver(1);
    machine.take_for_dead(START, SENDER);
    let refused = ReserveAnswer::Refused(Refusal::UnknownEpoch);
    assert_eq!(reserve(&mut machine, SENDER, 1, &[1], 0), Some(refused));
}

#[test]
fn a_waiting_call_of_a_silent_sender_gets_no_slots() {
    let mut machine = receiver(1);
    tickets(reserve(&mut machine, OTHER, 1, &[1], 0));
    assert_eq!(reserve(&mut machine, SENDER, 1, &[2], 60_000), None);
    machine.handle_heartbeat(seconds(20), OTHER, false).unwrap();
    silence(&mut machine);
    assert_eq!(answer(&mut machine), Some(ReserveAnswer::Refused(Refusal::UnknownEpoch)));
}

#[test]
fn a_call_that_waits_is_answered_when_its_request_is_cancelled() {
    let mut machine = receiver(1);
    tickets(reserve(&mut machine, OTHER, 1, &[1], 0));
    assert_eq!(reserve(&mut machine, SENDER, 1, &[2], 60_000), None);
    cancel(&mut machine, 1, RequestWrites::Ended);
    assert_eq!(answer(&mut machine), Some(ReserveAnswer::Refused(Refusal::RequestEnded)));
    assert_eq!(machine.status().parked_calls, 0);
}

#[test]
fn a_call_that_waits_for_others_is_answered_when_one_of_them_commits() {
    let mut machine = receiver(2);
    let slots = tickets(reserve(&mut machine, OTHER, 1, &[1, 2], 0));
    assert_eq!(reserve(&mut machine, SENDER, 1, &[1, 2], 60_000), None);
    commit(&mut machine, OTHER, 1, &slots[..1]);
    let answers = vec![KeyAnswer::Present, KeyAnswer::Pending];
    assert_eq!(answer(&mut machine), Some(granted(answers)));
}

#[test]
fn a_call_waits_no_longer_than_the_receiver_allows() {
    let mut machine = receiver(1);
    tickets(reserve(&mut machine, OTHER, 1, &[1], 0));
    assert_eq!(reserve(&mut machine, SENDER, 1, &[2], u64::MAX), None);
    for at in [20, 40] {
        machine.handle_heartbeat(seconds(at), OTHER, false).unwrap();
        machine.handle_heartbeat(seconds(at), SENDER, false).unwrap();
    }
    machine.handle_deadline(seconds(60) - Duration::from_millis(1));
    assert_eq!(answer(&mut machine), None);
    machine.handle_deadline(seconds(60));
    assert!(matches!(answer(&mut machine), Some(ReserveAnswer::Busy { .. })));
}

#[test]
fn a_corrupt_chunk_is_not_found_while_another_copy_of_it_continues() {
    let mut machine = receiver(2);
    store(&mut machine, 1, 1, false);
    look_up(&mut machine, &[1]);
    let [first, second] = [(); 2].map(|()| machine.begin_load(START, &key(1), PAGE).unwrap());
    machine.end_load(START, first.ticket, LoadOutcome::Corrupt);
    machine.check_invariants();
    assert_eq!((look_up(&mut machine, &[1]).count(), machine.status().committed.slots), (0, 1));
    machine.end_load(START, second.ticket, LoadOutcome::Copied);
    machine.check_invariants();
    assert_eq!(machine.status().free_bytes(), 2 * PAGE);
}

#[test]
fn a_chunk_in_quarantine_cannot_be_loaded() {
    let mut machine = receiver(1);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    cancel(&mut machine, 1, RequestWrites::InProgress);
    assert_eq!(machine.begin_load(START, &key(1), PAGE), None);
}

#[test]
fn an_unlock_counts_as_a_use_unless_there_is_no_lock() {
    let mut machine = receiver(1);
    store(&mut machine, 1, 1, false);
    look_up(&mut machine, &[1]);
    machine.unlock(seconds(1000), &[key(1)]);
    machine.unlock(seconds(1100), &[key(1)]);
    machine.handle_deadline(seconds(1120) - Duration::from_millis(1));
    assert_eq!(machine.status().committed.slots, 1);
    machine.handle_deadline(seconds(1120));
    machine.check_invariants();
    assert_eq!(machine.status().committed.slots, 0);
}

#[test]
fn an_unlock_after_a_delete_does_not_unlock_a_newer_chunk_of_the_key() {
    let mut machine = receiver(1);
    store(&mut machine, 1, 1, false);
    machine.delete(START, &[key(1)]);
    store(&mut machine, 2, 1, false);
    machine.unlock(START, &[key(1)]);
    machine.check_invariants();
    assert_eq!(look_up(&mut machine, &[1]).count(), 1);
}

#[test]
fn a_chunk_stored_at_time_zero_lives_its_full_time() {
    let mut machine = receiver(1);
    store(&mut machine, 1, 1, false);
    machine.handle_deadline(seconds(120) - Duration::from_millis(1));
    assert_eq!(machine.status().committed.slots, 1);
    machine.handle_deadline(seconds(120));
    assert_eq!(machine.status().committed.slots, 0);
}

#[test]
fn a_commit_does_not_evict_its_own_chunks_above_the_watermark() {
    let mut machine = receiver(4);
    machine.settings.eviction = Some(Watermark { trigger: 0.5, ratio: 1.0 });
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1, 2, 3], 0));
    commit(&mut machine, SENDER, 1, &slots);
    assert_eq!(machine.status().committed.slots, 3);
}

#[test]
fn evicting_the_last_chunk_lets_the_same_deadline_replace_the_memory() {
    let mut machine = receiver(2);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    let slots = tickets(reserve(&mut machine, OTHER, 1, &[2], 0));
    commit(&mut machine, OTHER, 1, &slots);
    machine.handle_deadline(seconds(30));
    machine.handle_deadline(seconds(119));
    machine.handle_deadline(seconds(120));
    assert_eq!(std::iter::from_fn(|| machine.poll_action()).last(), Some(ReceiverAction::ReplaceRegion));
    assert!(machine.next_deadline().is_none_or(|next| next > seconds(120)));
}

#[test]
fn no_slot_is_granted_in_memory_that_is_being_replaced() {
    let mut machine = receiver(2);
    tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    silence(&mut machine);
    machine.handle_deadline(seconds(60));
    assert_eq!(machine.poll_action(), Some(ReceiverAction::ReplaceRegion));
    machine.handle_handshake(seconds(60), &handshake(OTHER)).unwrap();
    assert!(matches!(reserve(&mut machine, OTHER, 1, &[2], 0), Some(ReserveAnswer::Busy { .. })));
}

#[test]
fn the_commit_compares_checksums() {
    let mut machine = receiver(2);
    machine.settings.checksum = true;
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1, 2], 0));
    let slots = vec![slot_commit(slots[0], Some(7)), slot_commit(slots[1], Some(8))];
    let request = CommitRequest { epoch: SENDER, request: RequestId(1), destination: MEMORY, slots };
    let answer = machine.handle_commit(START, request, &SpokenBySender::simulated(), &[Some(7), Some(7)]);
    assert_eq!(answer, results(&[COMMITTED, CommitResult::WrongChecksum]));
    assert_eq!(machine.status().free_bytes(), PAGE);
}

#[test]
fn a_missing_or_uncomputable_checksum_counts_as_wrong() {
    let mut machine = receiver(1);
    machine.settings.checksum = true;
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    let slots = vec![slot_commit(slots[0], None)];
    let request = CommitRequest { epoch: SENDER, request: RequestId(1), destination: MEMORY, slots };
    assert_eq!(
        machine.handle_commit(START, request, &SpokenBySender::simulated(), &[]),
        results(&[CommitResult::WrongChecksum])
    );
}
