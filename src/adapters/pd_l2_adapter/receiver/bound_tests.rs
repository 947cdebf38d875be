//! Tests of the limits on the state that a receiver keeps.

use super::{
    tests::{MEMORY, OTHER, PAGE, SENDER, START, answer, cancel, commit, key, receiver_with, reserve, tickets},
    *,
};
use crate::adapters::pd_l2_adapter::protocol::{Refusal, RequestId, RequestWrites, ReserveRequest, WantedChunk};

/// A lookup of one key that is being written. Whether it waits.
fn waits(machine: &mut ReceiverMachine, lookup: u64) -> bool {
    machine.handle_lookup(START, LookupId(lookup), vec![key(1)], WantedLayouts::default());
    machine.check_invariants();
    !std::iter::from_fn(|| machine.poll_action()).any(|action| matches!(action, ReceiverAction::AnswerLookup { .. }))
}

#[test]
fn the_bytes_of_waiting_reserve_calls_are_bounded_and_further_calls_are_busy() {
    let parked_bytes_max = 3 * waiting_key_bytes(&key(1));
    let mut machine = receiver_with(2, ReceiverSettings { parked_bytes_max, ..ReceiverSettings::default() });
    reserve(&mut machine, SENDER, 1, &[1, 2], 0);
    assert_eq!(reserve(&mut machine, SENDER, 2, &[3], 5000), None);
    assert_eq!(reserve(&mut machine, SENDER, 3, &[4, 5], 5000), None, "it takes the last byte");
    let busy = ReserveAnswer::Busy { occupied_bytes: 2 * PAGE, capacity_bytes: 2 * PAGE };
    assert_eq!(reserve(&mut machine, SENDER, 4, &[6], 5000), Some(busy));
    // A call that stops waiting leaves its bytes to the next.
    cancel(&mut machine, 3, RequestWrites::Ended);
    assert_eq!(answer(&mut machine), Some(ReserveAnswer::Refused(Refusal::RequestEnded)));
    assert_eq!(reserve(&mut machine, SENDER, 5, &[6], 5000), None);
    assert_eq!(machine.status().parked_calls, 2);
}

#[test]
fn the_bytes_of_waiting_lookups_are_bounded_and_further_ones_are_answered_at_once() {
    let waiting_lookup_bytes_max = 2 * waiting_key_bytes(&key(1));
    let mut machine = receiver_with(4, ReceiverSettings { waiting_lookup_bytes_max, ..ReceiverSettings::default() });
    reserve(&mut machine, SENDER, 1, &[1], 0);
    assert_eq!([1, 2, 3].map(|lookup| waits(&mut machine, lookup)), [true, true, false]);
    cancel(&mut machine, 1, RequestWrites::Ended);
    assert_eq!(machine.status().waiting_lookups, 0);
    while machine.poll_action().is_some() {}
    reserve(&mut machine, SENDER, 2, &[1], 0);
    assert_eq!([4, 5, 6].map(|lookup| waits(&mut machine, lookup)), [true, true, false]);
}

/// Memory for each of many keys: in a waiting lookup, in one that must look again because all writes have ended, and in a waiting
/// reserve call.
fn bytes_of_a_waiting_key(named: impl Fn(u16) -> ObjectKey) -> [i64; 3] {
    // Hash maps that have just grown have the most room to spare.
    const KEYS: u16 = 3600;
    let mut machine = receiver_with(u64::from(KEYS), ReceiverSettings::default());
    let of_lookup = allocation_counter::measure(|| {
        machine.handle_lookup(START, LookupId(1), (0..KEYS).map(&named).collect(), WantedLayouts::default());
    });
    assert_eq!(machine.status().waiting_lookups, 1);
    let mut waiting = waiting::Waiting::new();
    let of_ended = allocation_counter::measure(|| {
        let (keys, found) = ((0..KEYS).map(&named).collect(), vec![None; KEYS.into()]);
        let lookup = waiting::WaitingLookup::new((LookupId(1), WantedLayouts::default()), keys, found, START);
        assert!(waiting.add(lookup.wait_until(Duration::MAX, START), START, 0, |_| true).is_ok());
        (0..KEYS).for_each(|number| waiting.write_has_ended(&named(number)));
    });
    let mut machine = receiver_with(u64::from(KEYS), ReceiverSettings::default());
    reserve(&mut machine, SENDER, 1, &[1], 0);
    let of_call = allocation_counter::measure(|| {
        let chunks = (0..KEYS).map(|number| WantedChunk { key: named(number), length_bytes: PAGE }).collect();
        let (epoch, request, destination) = (SENDER, RequestId(2), MEMORY);
        let wanted = ReserveRequest { epoch, request, destination, chunks, wait_ms: 5000 };
        machine.handle_reserve(START, CallId(2), wanted);
    });
    assert_eq!(machine.status().parked_calls, 1);
    [of_lookup, of_ended, of_call].map(|measured| measured.bytes_current / i64::from(KEYS))
}

#[test]
fn a_waiting_key_takes_no_more_memory_than_is_counted() {
    for hash_bytes in [2, 32, 33, 1025] {
        let named = |number: u16| {
            let mut hash = vec![7; hash_bytes];
            hash[..2].copy_from_slice(&number.to_le_bytes());
            key(1).with_chunk_hash(&hash)
        };
        let (bytes, counted) = (bytes_of_a_waiting_key(named), waiting_key_bytes(&named(0)) as i64);
        assert!(bytes.iter().all(|bytes| *bytes <= counted), "{bytes:?}, counted {counted}");
        assert!(bytes.iter().any(|bytes| *bytes > counted / 2), "{bytes:?}, counted {counted}");
    }
}

/// Ends more requests than the receiver remembers individually.
fn end_many(machine: &mut ReceiverMachine) {
    (100..5100).for_each(|request| cancel(machine, request, RequestWrites::Ended));
}

#[test]
fn an_open_request_stays_open_however_many_later_ones_end() {
    let mut machine = receiver_with(1, ReceiverSettings::default());
    let slots = tickets(reserve(&mut machine, SENDER, 1, &[1], 0));
    assert_eq!(reserve(&mut machine, SENDER, 2, &[2], 5000), None);
    end_many(&mut machine);
    assert_eq!(tickets(reserve(&mut machine, SENDER, 1, &[1], 0)), slots, "the same call again");
    cancel(&mut machine, 1, RequestWrites::Ended);
    let slots = tickets(answer(&mut machine));
    commit(&mut machine, SENDER, 2, &slots);
    // Both have ended now, and nothing is left that distinguishes them from the others.
    for request in [1, 2] {
        let again = reserve(&mut machine, SENDER, request, &[1], 0);
        assert_eq!(again, Some(ReserveAnswer::Refused(Refusal::RequestEnded)));
    }
}

#[test]
fn a_waiting_request_ends_with_its_cancel_however_many_later_ones_have_ended() {
    let mut machine = receiver_with(1, ReceiverSettings::default());
    reserve(&mut machine, OTHER, 1, &[1], 0);
    assert_eq!(reserve(&mut machine, SENDER, 1, &[2], 5000), None);
    assert_eq!(reserve(&mut machine, SENDER, 1, &[2], 5000), None, "the same call again");
    end_many(&mut machine);
    machine.handle_call_abandoned(START, CallId(1));
    cancel(&mut machine, 1, RequestWrites::Ended);
    assert_eq!(answer(&mut machine), Some(ReserveAnswer::Refused(Refusal::RequestEnded)));
    assert_eq!(machine.status().parked_calls, 0);
}
