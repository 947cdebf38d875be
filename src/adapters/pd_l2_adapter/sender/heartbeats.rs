//! Heartbeats count only for the connection that they were sent over.

use std::time::Duration;

use super::{
    tests::{MEMORY, START, connected, welcome},
    *,
};

#[test]
fn unanswered_heartbeats_of_an_earlier_connection_do_not_count_against_the_next_one() {
    let mut machine = connected();
    machine.handle_connection_lost(START, 1, "reset".to_owned());
    let now = Duration::from_secs(1);
    machine.handle_deadline(now);
    machine.handle_handshake(now, 2, Ok(welcome(MEMORY)));
    for _ in 0..3 {
        machine.handle_heartbeat_answer(now, 1, Err(CallFailure::Unanswered));
    }
    assert!(machine.status().is_connected, "{:?}", machine.status());
    for _ in 0..3 {
        machine.handle_heartbeat_answer(now, 2, Err(CallFailure::Unanswered));
    }
    assert!(!machine.status().is_connected);
}
