//! Which of a sender's connections stay open, and when it makes the next one.

use super::{
    tests::{IN_USE, MEMORY, START, connected, welcome, writing},
    *,
};

/// The attempts whose connections are closed next.
fn closed(machine: &mut SenderMachine) -> Vec<u64> {
    let closed = |action| if let SenderAction::CloseConnection(attempt) = action { Some(attempt) } else { None };
    std::iter::from_fn(|| machine.poll_action()).filter_map(closed).collect()
}

#[test]
fn connections_are_kept_until_a_later_one_is_attached_and_then_closed_even_with_a_write_in_flight() {
    let mut machine = writing();
    machine.handle_connection_lost(START, IN_USE, "reset".to_owned());
    assert_eq!(closed(&mut machine), [0; 0], "the receiver still watches it");
    let now = Duration::from_secs(1);
    machine.handle_deadline(now);
    machine.handle_handshake(now, 2, Err(ConnectFailure::Unreachable("cut".to_owned())));
    machine.handle_deadline(Duration::from_secs(2));
    assert_eq!(closed(&mut machine), [0; 0], "it may have attached attempt 2");
    machine.handle_handshake(Duration::from_secs(2), 3, Ok(welcome(MEMORY)));
    assert_eq!(closed(&mut machine), [1, 2]);
    assert_eq!(machine.chunk_writes_in_flight(), 1);
}

#[test]
fn the_end_of_an_abandoned_connection_changes_nothing() {
    let mut machine = connected();
    machine.handle_connection_lost(START, 7, "reset".to_owned());
    assert!(machine.status().is_connected);
}

#[test]
fn after_many_failed_attempts_the_oldest_connection_is_closed_unless_a_write_is_in_flight() {
    let failures = |machine: &mut SenderMachine, attempts: std::ops::RangeInclusive<u64>| -> Vec<u64> {
        let fail = |attempt| {
            let now = Duration::from_secs(10 * attempt);
            machine.handle_deadline(now);
            machine.handle_handshake(now, attempt, Err(ConnectFailure::Unreachable("cut".to_owned())));
            closed(machine)
        };
        attempts.flat_map(fail).collect()
    };
    let mut machine = SenderMachine::new(SenderSettings::default(), Epoch(7));
    assert_eq!(failures(&mut machine, 1..=64), [0; 0]);
    assert_eq!(failures(&mut machine, 65..=67), [1, 2, 3]);
    let mut machine = writing();
    machine.handle_connection_lost(START, IN_USE, "reset".to_owned());
    assert_eq!(failures(&mut machine, 2..=70), [0; 0]);
}

#[test]
fn attempts_back_off_if_a_receiver_accepts_and_hangs_up_until_it_answers_a_call() {
    let delays = |random_seed| {
        let settings = SenderSettings { random_seed, ..SenderSettings::default() };
        let mut machine = SenderMachine::new(settings, Epoch(7));
        let mut now = START;
        let delays: Vec<_> = (1..=8)
            .map(|attempt| {
                machine.handle_deadline(now);
                machine.handle_handshake(now, attempt, Ok(welcome(MEMORY)));
                machine.handle_connection_lost(now, attempt, "hung up".to_owned());
                let next = machine.link_deadline().unwrap();
                let delay = next - now;
                now = next;
                delay
            })
            .collect();
        machine.handle_deadline(now);
        machine.handle_handshake(now, 9, Ok(welcome(MEMORY)));
        machine.handle_heartbeat_answer(now, 9, Ok(MEMORY.region));
        machine.handle_connection_lost(now, 9, "hung up".to_owned());
        assert!(machine.link_deadline().unwrap() - now <= Duration::from_millis(100));
        delays
    };
    let (first, second) = (delays(1), delays(2));
    assert_ne!(first, second, "two senders reconnect in step");
    for (doublings, delay) in first.iter().enumerate() {
        let whole = (Duration::from_millis(100) * (1 << doublings)).min(Duration::from_secs(2));
        assert!((whole / 2..=whole).contains(delay), "{delay:?} after {doublings} doublings");
    }
}
