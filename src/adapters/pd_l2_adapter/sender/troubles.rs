//! What a sender reports as its trouble: no more than it knows.

use super::{
    peer::PeerCondition,
    tests::{IN_USE, MEMORY, MIB, START, TASK, WRITE, chunk, connected, result, welcome, writing},
    *,
};
use crate::{
    adapters::pd_l2_adapter::protocol::ReserveAnswer,
    transfer::{TerminalStatus, WriteEnd},
};

/// What an operator should check if the channel does not work.
const ADVICE: &str = "let the firewall pass the channel's ports";
/// When the first heartbeat is sent, and with it a probe: nothing was written before.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// When that probe and that heartbeat are late.
const LATE: Duration = Duration::from_secs(10);

#[test]
fn a_full_receiver_is_reported_while_stores_wait_for_room() {
    let mut machine = connected();
    machine.submit_store(START, TASK, vec![chunk(1, MIB)]);
    assert!(matches!(machine.poll_action(), Some(SenderAction::Call(SenderCall::Reserve(_)))));
    let busy = ReserveAnswer::Busy { occupied_bytes: 4 * MIB, capacity_bytes: 4 * MIB };
    machine.handle_reserve_answer(START, RequestId(1), Ok(busy));
    let status = machine.status();
    assert!(status.trouble().is_some_and(|trouble| trouble.contains("buffer is full")), "{status:?}");
    assert_eq!((status.why_unreached(), status.is_ready()), (None, true), "the receiver is there");
    machine.handle_deadline(Duration::from_secs(60));
    assert_eq!((machine.status().open_tasks, machine.status().trouble()), (0, None));
}

#[test]
fn a_task_without_a_receiver_fails_at_its_deadline() {
    let mut machine = SenderMachine::new(SenderSettings::default(), Epoch(7));
    machine.submit_store(START, TASK, vec![chunk(1, MIB)]);
    machine.handle_handshake(START, 1, Err(ConnectFailure::Unreachable("nothing listens".to_owned())));
    assert_eq!(result(&mut machine), None);
    machine.handle_deadline(Duration::from_secs(60));
    let failure = result(&mut machine).and_then(|result| result.failure).unwrap();
    assert!(failure.contains("nothing listens"), "{failure}");
}

/// A sender with an unanswered heartbeat and an unanswered probe.
fn probing() -> SenderMachine {
    let mut machine = connected();
    machine.settings.channel_advice = ADVICE;
    machine.handle_deadline(HEARTBEAT);
    let actions: Vec<_> = std::iter::from_fn(|| machine.poll_action()).collect();
    assert!(actions.iter().any(|action| matches!(action, SenderAction::Probe { .. })), "{actions:?}");
    let beats = |action: &&SenderAction| matches!(action, SenderAction::Call(SenderCall::Heartbeat { .. }));
    assert_eq!(actions.iter().filter(beats).count(), 1, "each that is not answered counts: {actions:?}");
    machine
}

fn assert_the_channel_is_blamed(machine: &SenderMachine) {
    let trouble = machine.status().why_unreached().unwrap();
    assert!(trouble.contains("own connection to it does not work") && trouble.ends_with(ADVICE), "{trouble}");
}

fn assert_the_receiver_is_said_to_be_silent(machine: &SenderMachine) {
    let trouble = machine.status().why_unreached().unwrap();
    assert!(trouble.contains("has not responded on its ports") && trouble.contains("not stopped"), "{trouble}");
    assert!(!trouble.contains(ADVICE), "{trouble}");
}

#[test]
fn the_channel_is_blamed_if_heartbeats_are_answered_and_probes_do_not_arrive() {
    let mut machine = probing();
    machine.handle_heartbeat_answer(HEARTBEAT, IN_USE, Ok(MEMORY.region));
    assert_eq!(machine.status().why_unreached(), None, "the probe is not late");
    machine.handle_deadline(LATE);
    assert_the_channel_is_blamed(&machine);
}

#[test]
fn the_channel_is_not_blamed_for_a_receiver_that_answers_nothing() {
    let mut machine = probing();
    machine.handle_deadline(LATE);
    assert_eq!((machine.status().peer, machine.status().is_connected), (PeerCondition::Draining, true));
    assert_the_receiver_is_said_to_be_silent(&machine);
    // The reason does not change with each missed heartbeat: each change would be a line of the log.
    let reason = machine.status().why_unreached();
    machine.handle_heartbeat_answer(LATE, IN_USE, Err(CallFailure::Unanswered));
    assert_eq!(machine.status().why_unreached(), reason);
}

#[test]
fn the_channel_is_blamed_once_a_stopped_receiver_answers_again() {
    let mut machine = probing();
    machine.handle_deadline(LATE);
    machine.handle_heartbeat_answer(LATE, IN_USE, Err(CallFailure::Unanswered));
    machine.handle_heartbeat_answer(LATE + HEARTBEAT, IN_USE, Ok(MEMORY.region));
    assert_the_channel_is_blamed(&machine);
    // The receiver stops again: one answer may be late for another reason.
    machine.handle_heartbeat_answer(LATE + 2 * HEARTBEAT, IN_USE, Err(CallFailure::Unanswered));
    assert_the_channel_is_blamed(&machine);
    machine.handle_heartbeat_answer(LATE + 3 * HEARTBEAT, IN_USE, Err(CallFailure::Unanswered));
    assert_the_receiver_is_said_to_be_silent(&machine);
}

#[test]
fn the_channel_is_blamed_for_a_failed_write_once_the_receiver_answers_a_later_call() {
    let mut machine = writing();
    machine.settings.channel_advice = ADVICE;
    machine.handle_write_ended(HEARTBEAT, WriteEnd { write: WRITE, status: TerminalStatus::simulated_breach() });
    // A receiver that is killed ends both connections, and the end of this one may be seen first.
    assert_the_receiver_is_said_to_be_silent(&machine);
    machine.handle_heartbeat_answer(HEARTBEAT + Duration::from_millis(1), IN_USE, Ok(MEMORY.region));
    assert_the_channel_is_blamed(&machine);
    // The trouble started when the write failed, whatever has failed since.
    machine.handle_peer_added(LATE, MEMORY.receiver, Err("no route".to_owned()));
    assert_the_channel_is_blamed(&machine);
    assert!(machine.status().why_unreached().is_some_and(|trouble| trouble.contains("no route")));
}

#[test]
fn a_receiver_that_was_just_reached_is_not_a_failure() {
    let mut machine = SenderMachine::new(SenderSettings::default(), Epoch(7));
    machine.handle_deadline(START);
    machine.handle_handshake(START, IN_USE, Ok(welcome(MEMORY)));
    assert_eq!(machine.status().why_unreached().as_deref(), Some("no write has arrived at the receiver yet"));
}
