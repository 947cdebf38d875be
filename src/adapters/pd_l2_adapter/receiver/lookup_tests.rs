//! Waiting lookups, one rule at a time.

use super::{
    tests::{
        MEMORY, OTHER, PAGE, SENDER, START, answer, cancel, commit, key, receiver_with, reserve, slot_commit, tickets,
    },
    *,
};
use crate::adapter::{ChunkLayout, GroupLayouts, Tensor};
use crate::adapters::pd_l2_adapter::protocol::{
    CommitRequest, LayoutFingerprint, RequestId, RequestWrites, ReserveRequest, SlotCommit, SpokenBySender, WantedChunk,
};

const GRACE: Duration = Duration::from_millis(500);
const WAIT: Duration = Duration::from_secs(30);

fn patient(pages: u64) -> ReceiverMachine {
    receiver_with(pages, ReceiverSettings { lookup_wait: WAIT, lookup_grace: GRACE, ..ReceiverSettings::default() })
}

/// A receiver whose lookups wait only for keys that are being written.
fn without_grace(pages: u64) -> ReceiverMachine {
    let lookup_grace = Duration::ZERO;
    receiver_with(pages, ReceiverSettings { lookup_wait: WAIT, lookup_grace, ..ReceiverSettings::default() })
}

fn ask(machine: &mut ReceiverMachine, now: Duration, lookup: u64, keys: Vec<ObjectKey>) -> Vec<(u64, Vec<usize>)> {
    machine.handle_lookup(now, LookupId(lookup), keys, WantedLayouts::default());
    answered(machine)
}

/// The lookups answered since the last call, and the positions of the keys that they found.
fn answered(machine: &mut ReceiverMachine) -> Vec<(u64, Vec<usize>)> {
    machine.check_invariants();
    let answer = |action| match action {
        ReceiverAction::AnswerLookup { lookup, found } => Some((lookup.0, found.ones().collect())),
        _ => None,
    };
    std::iter::from_fn(|| machine.poll_action()).filter_map(answer).collect()
}

fn named(names: &[u8]) -> Vec<ObjectKey> {
    names.iter().map(|name| key(*name)).collect()
}

fn of_rank(kv_rank: u32, name: u8) -> ObjectKey {
    ObjectKey::new("model", kv_rank, &[name]).unwrap()
}

fn reserve_keys(machine: &mut ReceiverMachine, request: u64, keys: &[ObjectKey]) -> Vec<SlotTicket> {
    let chunks = keys.iter().map(|key| WantedChunk { key: key.clone(), length_bytes: PAGE }).collect();
    let (epoch, request, destination) = (SENDER, RequestId(request), MEMORY);
    machine.handle_reserve(START, CallId(1), ReserveRequest { epoch, request, destination, chunks, wait_ms: 0 });
    tickets(answer(machine))
}

fn commit_at(machine: &mut ReceiverMachine, now: Duration, request: u64, ticket: SlotTicket) {
    let (epoch, request, slots) = (SENDER, RequestId(request), vec![slot_commit(ticket, None)]);
    machine.handle_commit(
        now,
        CommitRequest { epoch, request, destination: MEMORY, slots },
        &SpokenBySender::simulated(),
        &[],
    );
}

fn ends(machine: &ReceiverMachine) -> Vec<(&'static str, u64)> {
    machine.status().counters.lookup_waits.ends().filter(|(_, count)| *count > 0).collect()
}

#[test]
fn a_lookup_waits_for_keys_that_are_being_written_and_locks_them() {
    let mut machine = without_grace(4);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1, 2], 0));
    assert_eq!(ask(&mut machine, START, 1, named(&[1, 2, 1])), []);
    commit(&mut machine, SENDER, 1, &slots[..1]);
    assert_eq!(answered(&mut machine), []);
    commit(&mut machine, SENDER, 1, &slots[1..]);
    assert_eq!(answered(&mut machine), [(1, vec![0, 1, 2])]);
    // One lock for each key, though the call names key 1 twice.
    machine.unlock(START, &named(&[1, 2]));
    assert_eq!((machine.status().locked.slots, ends(&machine)), (0, vec![("whole", 1)]));
}

#[test]
fn a_lookup_waits_for_a_key_that_is_being_written_behind_a_missing_one() {
    let mut machine = without_grace(4);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[3], 0));
    assert_eq!(ask(&mut machine, START, 1, named(&[1, 2, 3])), []);
    commit(&mut machine, SENDER, 1, &slots);
    assert_eq!(answered(&mut machine), [(1, vec![2])]);
}

#[test]
fn the_wait_for_a_write_is_bounded() {
    let mut machine = patient(4);
    reserve(&mut machine, SENDER, 1, &[1], 0);
    assert_eq!(ask(&mut machine, START, 1, named(&[1])), []);
    for epoch in [SENDER, OTHER] {
        machine.handle_heartbeat(Duration::from_secs(20), epoch, false).unwrap();
    }
    machine.handle_deadline(WAIT - Duration::from_nanos(1));
    assert_eq!(answered(&mut machine), []);
    assert_eq!(machine.next_deadline(), Some(WAIT));
    machine.handle_deadline(WAIT);
    assert_eq!((answered(&mut machine), ends(&machine)), (vec![(1, vec![])], vec![("too_long", 1)]));
    assert_eq!(machine.status().counters.lookup_waits.waited, WAIT);
}

#[test]
fn the_grace_for_unannounced_keys_restarts_with_each_chunk_that_arrives() {
    let mut machine = patient(4);
    assert_eq!(ask(&mut machine, START, 1, named(&[1, 2])), []);
    let late = GRACE - Duration::from_nanos(1);
    machine.handle_deadline(late);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    commit_at(&mut machine, late, 1, slots[0]);
    machine.handle_deadline(GRACE);
    assert_eq!(answered(&mut machine), []);
    assert_eq!(machine.next_deadline(), Some(late + GRACE));
    machine.handle_deadline(late + GRACE);
    assert_eq!((answered(&mut machine), ends(&machine)), (vec![(1, vec![0])], vec![("unannounced", 1)]));
}

#[test]
fn the_grace_ends_with_the_longest_wait() {
    let settings = ReceiverSettings { lookup_wait: GRACE / 2, lookup_grace: GRACE, ..ReceiverSettings::default() };
    let mut machine = receiver_with(4, settings);
    assert_eq!(ask(&mut machine, START, 1, named(&[1])), []);
    machine.handle_deadline(GRACE / 2);
    assert_eq!((answered(&mut machine), ends(&machine)), (vec![(1, vec![])], vec![("too_long", 1)]));
}

#[test]
fn a_write_without_a_commit_ends_the_wait_of_its_row_only() {
    let mut machine = without_grace(4);
    let slots = reserve_keys(&mut machine, 1, &[of_rank(0, 1), of_rank(0, 2)]);
    let others = reserve_keys(&mut machine, 2, &[of_rank(1, 1)]);
    let group = of_rank(0, 1).with_object_group_id(1);
    let of_group = reserve_keys(&mut machine, 3, std::slice::from_ref(&group));
    let keys = vec![of_rank(0, 1), of_rank(0, 2), of_rank(1, 1), group];
    assert_eq!(ask(&mut machine, START, 1, keys), []);
    commit(&mut machine, SENDER, 1, &slots[..1]);
    cancel(&mut machine, 1, RequestWrites::InProgress);
    assert_eq!(answered(&mut machine), []);
    commit(&mut machine, SENDER, 2, &others);
    commit(&mut machine, SENDER, 3, &of_group);
    assert_eq!((answered(&mut machine), ends(&machine)), (vec![(1, vec![0, 2, 3])], vec![("write_ended", 1)]));
}

#[test]
fn a_key_of_an_ended_row_is_found_if_it_arrives_while_another_row_waits() {
    let mut machine = without_grace(4);
    reserve_keys(&mut machine, 1, &[of_rank(0, 1)]);
    let others = reserve_keys(&mut machine, 2, &[of_rank(1, 1)]);
    assert_eq!(ask(&mut machine, START, 1, vec![of_rank(0, 1), of_rank(1, 1)]), []);
    cancel(&mut machine, 1, RequestWrites::Ended);
    let again = reserve_keys(&mut machine, 3, &[of_rank(0, 1)]);
    commit(&mut machine, SENDER, 3, &again);
    assert_eq!(answered(&mut machine), []);
    commit(&mut machine, SENDER, 2, &others);
    assert_eq!(answered(&mut machine), [(1, vec![0, 1])]);
}

#[test]
fn a_lookup_continues_to_wait_for_a_key_that_another_sender_takes_over() {
    let mut machine = without_grace(4);
    reserve(&mut machine, SENDER, 1, &[1], 0);
    assert_eq!(reserve(&mut machine, OTHER, 2, &[1], 5000), None);
    assert_eq!(ask(&mut machine, START, 1, named(&[1])), []);
    machine.take_for_dead(START, SENDER);
    let slots = tickets(answer(&mut machine));
    commit(&mut machine, OTHER, 2, &slots);
    assert_eq!(answered(&mut machine), [(1, vec![0])]);
}

#[test]
fn a_dead_or_silent_sender_ends_the_wait_for_its_writes() {
    let mut machine = patient(4);
    reserve(&mut machine, SENDER, 1, &[1], 0);
    reserve(&mut machine, OTHER, 2, &[2], 0);
    assert_eq!(ask(&mut machine, START, 1, named(&[1])), []);
    assert_eq!(ask(&mut machine, START, 2, named(&[2])), []);
    machine.take_for_dead(START, SENDER);
    assert_eq!(answered(&mut machine), [(1, vec![])]);
    machine.handle_deadline(ReceiverSettings::default().lease);
    assert_eq!(answered(&mut machine), [(2, vec![])]);
}

#[test]
fn the_number_of_lookups_in_grace_is_bounded_and_further_ones_do_not_wait_in_grace() {
    let mut machine = patient(4);
    let most = ReceiverSettings::default().lookups_in_grace_max as u64;
    for lookup in 0..most {
        assert_eq!(ask(&mut machine, START, lookup, named(&[1])), []);
    }
    assert_eq!(ask(&mut machine, START, 9, named(&[2])), [(9, vec![])]);
    // A lookup whose key is being written no longer counts as waiting in grace.
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    assert_eq!(ask(&mut machine, START, 10, named(&[2])), []);
    commit(&mut machine, SENDER, 1, &slots);
    assert_eq!(answered(&mut machine).len() as u64, most);
    assert_eq!(machine.status().waiting_lookups, 1);
}

#[test]
fn the_number_of_waiting_lookups_is_bounded_and_further_ones_are_answered_at_once() {
    let waiting_lookups_max = 2;
    let mut machine = receiver_with(4, ReceiverSettings { waiting_lookups_max, ..ReceiverSettings::default() });
    reserve(&mut machine, SENDER, 1, &[1], 0);
    let answers: Vec<_> = (0..3).flat_map(|lookup| ask(&mut machine, START, lookup, named(&[1]))).collect();
    assert_eq!(answers, [(2, vec![])]);
}

#[test]
fn a_reserve_call_blocked_only_by_waiting_lookups_ends_them_oldest_first() {
    let mut machine = patient(2);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1, 2], 0));
    commit(&mut machine, SENDER, 1, &slots);
    // Both wait for a key that needs the room of the chunks they hold.
    assert_eq!(ask(&mut machine, START, 1, named(&[1, 3])), []);
    assert_eq!(ask(&mut machine, START, 2, named(&[2, 4])), []);
    // Room for one chunk is enough.
    assert_eq!(reserve(&mut machine, SENDER, 2, &[3], 5000), None);
    assert_eq!(ends(&machine), [("room", 1)]);
    assert_eq!(machine.status().waiting_lookups, 1);
    // The server loads the chunk and unlocks it.
    let grant = machine.begin_load(START, &key(1), PAGE).unwrap();
    machine.end_load(START, grant.ticket, LoadOutcome::Copied);
    machine.unlock(START, &named(&[1]));
    assert_eq!(tickets(answer(&mut machine)).len(), 1);
    assert_eq!(machine.status().waiting_lookups, 1);
}

#[test]
fn a_reserve_call_that_does_not_wait_also_ends_blocking_lookups() {
    let mut machine = patient(1);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    commit(&mut machine, SENDER, 1, &slots);
    assert_eq!(ask(&mut machine, START, 1, named(&[1, 2])), []);
    machine.handle_reserve(START, CallId(2), {
        let chunks = vec![WantedChunk { key: key(2), length_bytes: PAGE }];
        ReserveRequest { epoch: SENDER, request: RequestId(2), destination: MEMORY, chunks, wait_ms: 0 }
    });
    assert_eq!(answered(&mut machine), [(1, vec![0])]);
}

#[test]
fn waiting_lookups_continue_if_a_reserve_call_can_get_room_elsewhere() {
    let mut machine = patient(3);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1, 2], 0));
    commit(&mut machine, SENDER, 1, &slots);
    reserve(&mut machine, SENDER, 2, &[3], 0);
    assert_eq!(ask(&mut machine, START, 1, named(&[1, 3])), []);
    // Chunk 2 is unlocked and unread: it is evicted when it expires or was loaded.
    assert_eq!(reserve(&mut machine, SENDER, 3, &[4], 5000), None);
    assert_eq!(answered(&mut machine), []);
}

#[test]
fn an_unlock_does_not_release_the_lock_of_a_waiting_lookup() {
    let mut machine = patient(4);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    commit(&mut machine, SENDER, 1, &slots);
    assert_eq!(ask(&mut machine, START, 1, named(&[1, 2])), []);
    machine.unlock(START, &named(&[1]));
    machine.check_invariants();
    assert_eq!(machine.status().locked.slots, 1);
}

#[test]
fn a_chunk_that_turns_out_corrupt_while_a_lookup_waits_is_not_found() {
    let mut machine = patient(4);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    commit(&mut machine, SENDER, 1, &slots);
    assert_eq!(ask(&mut machine, START, 1, named(&[1, 2])), []);
    let grant = machine.begin_load(START, &key(1), PAGE).unwrap();
    machine.end_load(START, grant.ticket, LoadOutcome::Corrupt);
    assert_eq!(answered(&mut machine), [(1, vec![])]);
}

#[test]
fn a_chunk_that_is_stored_again_after_it_was_corrupt_is_found_while_another_row_waits() {
    let mut machine = without_grace(4);
    let slots = reserve_keys(&mut machine, 1, &[of_rank(0, 1), of_rank(1, 1)]);
    commit(&mut machine, SENDER, 1, &slots[..1]);
    assert_eq!(ask(&mut machine, START, 1, vec![of_rank(0, 1), of_rank(1, 1)]), []);
    // Another load still copies it while it is stored again.
    let [grant, _] = [(); 2].map(|()| machine.begin_load(START, &of_rank(0, 1), PAGE).unwrap());
    machine.end_load(START, grant.ticket, LoadOutcome::Corrupt);
    let again = reserve_keys(&mut machine, 2, &[of_rank(0, 1)]);
    commit(&mut machine, SENDER, 2, &again);
    assert_eq!(answered(&mut machine), []);
    commit(&mut machine, SENDER, 1, &slots[1..]);
    assert_eq!(answered(&mut machine), [(1, vec![0, 1])]);
}

/// A layout of float16.
fn wanted(bytes: u64) -> WantedLayouts {
    WantedLayouts::from(&GroupLayouts::from_iter([(0, layout("float16", bytes))]))
}

fn layout(dtype: &str, bytes: u64) -> ChunkLayout {
    ChunkLayout::new([Tensor { dtype, element_bytes: 2, shape: &[bytes / 2] }]).unwrap()
}

fn commit_as(machine: &mut ReceiverMachine, request: u64, ticket: SlotTicket, dtype: &str) {
    let layout = Some(LayoutFingerprint::of(&layout(dtype, PAGE)));
    let (epoch, request, slots) =
        (SENDER, RequestId(request), vec![SlotCommit { layout, ..slot_commit(ticket, None) }]);
    machine.handle_commit(
        START,
        CommitRequest { epoch, request, destination: MEMORY, slots },
        &SpokenBySender::simulated(),
        &[],
    );
}

#[test]
fn a_chunk_of_another_layout_is_neither_found_nor_locked_nor_waited_for() {
    let mut machine = patient(4);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1, 2], 0));
    commit_as(&mut machine, 1, slots[0], "float16");
    commit_as(&mut machine, 1, slots[1], "bfloat16");
    machine.handle_lookup(START, LookupId(1), named(&[1, 2, 3]), wanted(PAGE));
    assert_eq!((answered(&mut machine), machine.status().locked.slots), (vec![(1, vec![0])], 1));
    assert_eq!(machine.status().counters.other_layout_chunks, 1);
    // A lookup without layouts finds it, and so does one that expects another size.
    assert_eq!(ask(&mut machine, START, 2, named(&[2])), [(2, vec![0])]);
    machine.handle_lookup(START, LookupId(3), named(&[2]), wanted(2 * PAGE));
    assert_eq!(answered(&mut machine), [(3, vec![0])]);
}

#[test]
fn a_chunk_of_another_layout_ends_the_wait_of_lookups_that_do_not_expect_it() {
    let mut machine = patient(4);
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    machine.handle_lookup(START, LookupId(1), named(&[1, 2]), wanted(PAGE));
    assert_eq!(ask(&mut machine, START, 2, named(&[1])), []);
    commit_as(&mut machine, 1, slots[0], "bfloat16");
    assert_eq!(answered(&mut machine), [(1, vec![]), (2, vec![0])]);
    assert_eq!(ends(&machine), [("whole", 1), ("other_layout", 1)]);
    assert_eq!((machine.status().locked.slots, machine.status().counters.other_layout_chunks), (1, 1));
}

#[test]
fn closing_answers_waiting_lookups_and_later_ones_at_once() {
    let mut machine = patient(4);
    assert_eq!(ask(&mut machine, START, 1, named(&[1])), []);
    machine.close(START);
    assert_eq!((answered(&mut machine), ends(&machine)), (vec![(1, vec![])], vec![("closed", 1)]));
    assert_eq!(ask(&mut machine, START, 2, named(&[1])), [(2, vec![])]);
}
