//! What a receiver keeps for others has a bound, and what happens there.

use super::{
    tests::{PAGE, SENDER, START, answer, cancel, key, receiver_with, reserve},
    *,
};
use crate::adapters::pd_l2_adapter::protocol::{Refusal, RequestWrites};

/// A look-up of one key that is being written: whether it waits.
fn waits(machine: &mut ReceiverMachine, lookup: u64) -> bool {
    machine.handle_lookup(START, LookupId(lookup), vec![key(1)], WantedLayouts::default());
    machine.check_invariants();
    !std::iter::from_fn(|| machine.poll_action()).any(|action| matches!(action, ReceiverAction::AnswerLookup { .. }))
}

#[test]
fn reserve_calls_that_wait_take_so_many_bytes_at_once_and_others_are_busy() {
    let parked_bytes_max = 3 * waiting_key_bytes(&key(1));
    let mut machine = receiver_with(2, ReceiverSettings { parked_bytes_max, ..ReceiverSettings::default() });
    reserve(&mut machine, SENDER, 1, &[1, 2], 0);
    assert_eq!(reserve(&mut machine, SENDER, 2, &[3], 5000), None);
    assert_eq!(reserve(&mut machine, SENDER, 3, &[4, 5], 5000), None, "it takes the last byte");
    let busy = ReserveAnswer::Busy { occupied_bytes: 2 * PAGE, capacity_bytes: 2 * PAGE };
    assert_eq!(reserve(&mut machine, SENDER, 4, &[6], 5000), Some(busy));
    // A call that waits no longer leaves its bytes to the next.
    cancel(&mut machine, 3, RequestWrites::Ended);
    assert_eq!(answer(&mut machine), Some(ReserveAnswer::Refused(Refusal::RequestEnded)));
    assert_eq!(reserve(&mut machine, SENDER, 5, &[6], 5000), None);
    assert_eq!(machine.status().parked_calls, 2);
}

#[test]
fn look_ups_that_wait_take_so_many_bytes_at_once_and_others_are_answered() {
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
