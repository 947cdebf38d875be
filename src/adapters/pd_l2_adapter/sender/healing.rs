//! How a sender recovers its channel's connection, rule by rule.

use super::{
    peer::PeerCondition,
    tests::{IN_USE, MEMORY, MIB, TASK, WRITE, chunk, connected, peer_becomes_ready, welcome, writing},
    *,
};
use crate::{
    adapters::pd_l2_adapter::protocol::{Destination, RegionNumber},
    transfer::{TerminalStatus, WriteEnd},
};

const NOW: Duration = Duration::from_millis(100);

fn actions(machine: &mut SenderMachine) -> Vec<SenderAction> {
    machine.check_invariants();
    std::iter::from_fn(|| machine.poll_action()).collect()
}

fn adds_peer(machine: &mut SenderMachine) -> bool {
    actions(machine).iter().any(|action| matches!(action, SenderAction::AddPeer { .. }))
}

fn probe(machine: &mut SenderMachine) -> Option<WriteId> {
    actions(machine).into_iter().find_map(|action| match action {
        SenderAction::Probe { write, .. } => Some(write),
        _ => None,
    })
}

fn end(machine: &mut SenderMachine, write: WriteId, status: TerminalStatus) {
    machine.handle_write_ended(NOW, WriteEnd { write, status });
}

/// A sender whose peer broke off during a write, and that is adding it again.
fn adding_again() -> SenderMachine {
    let mut machine = writing();
    end(&mut machine, WRITE, TerminalStatus::simulated_breach());
    assert!(adds_peer(&mut machine));
    machine
}

#[test]
fn a_peer_is_ready_when_a_probe_has_arrived_and_not_when_it_was_added() {
    let mut machine = SenderMachine::new(SenderSettings::default(), Epoch(7));
    machine.handle_deadline(NOW);
    machine.handle_handshake(NOW, 1, Ok(welcome(MEMORY)));
    machine.submit_store(NOW, TASK, vec![chunk(1, MIB)]);
    assert!(adds_peer(&mut machine));
    machine.handle_peer_added(NOW, MEMORY.receiver, Ok(()));
    assert_eq!(machine.status().peer, PeerCondition::Connecting);
    assert!(machine.status().trouble().is_some(), "it is healthy before a write has arrived");
    let probe = probe(&mut machine).unwrap();
    end(&mut machine, probe, TerminalStatus::simulated(true));
    assert_eq!((machine.status().peer, machine.status().trouble()), (PeerCondition::Ready, None));
    assert!(actions(&mut machine).iter().any(|action| matches!(action, SenderAction::Call(SenderCall::Reserve(_)))));
}

#[test]
fn a_peer_is_not_added_again_while_a_write_to_it_is_in_progress() {
    let mut machine = connected();
    machine.submit_store(NOW, TASK, vec![chunk(1, MIB)]);
    machine.handle_deadline(Duration::from_secs(6));
    let probe = probe(&mut machine).expect("nothing was written since the last heartbeat");
    machine.handle_deadline(Duration::from_secs(12));
    assert_eq!(machine.status().peer, PeerCondition::Draining, "the probe is late");
    machine.handle_deadline(Duration::from_secs(59));
    assert!(!adds_peer(&mut machine), "the probe is in progress");
    end(&mut machine, probe, TerminalStatus::simulated_breach());
    assert!(adds_peer(&mut machine));
}

#[test]
fn a_late_write_that_arrives_makes_the_peer_ready_again() {
    let mut machine = writing();
    machine.handle_deadline(Duration::from_secs(30));
    let trouble = machine.status().trouble().unwrap();
    assert!(trouble.contains("a write did not end within 30 s"), "{trouble}");
    end(&mut machine, WRITE, TerminalStatus::simulated(true));
    // The probe of a heartbeat may be in flight, too.
    if let Some(probe) = probe(&mut machine) {
        end(&mut machine, probe, TerminalStatus::simulated(true));
    }
    assert_eq!((machine.status().peer, adds_peer(&mut machine)), (PeerCondition::Ready, false));
}

#[test]
fn attempts_to_add_an_unreachable_peer_back_off_and_the_reason_is_reported() {
    let delays = |random_seed| {
        let mut machine = adding_again();
        machine.peer = peer::Peer::new(random_seed);
        machine.peer_met(NOW, MEMORY);
        let mut now = NOW;
        let mut delays = Vec::new();
        for _ in 0..8 {
            machine.handle_deadline(now);
            assert!(adds_peer(&mut machine));
            machine.handle_peer_added(now, MEMORY.receiver, Err("no route".to_owned()));
            assert!(machine.status().trouble().is_some_and(|trouble| trouble.contains("no route")));
            assert!(machine.status().is_connected, "the control connection is not lost");
            let next = machine.peer_deadline().unwrap();
            delays.push(next - now);
            now = next;
        }
        delays
    };
    let (first, second) = (delays(1), delays(2));
    assert_ne!(first, second, "two senders come back in step");
    for delays in [first, second] {
        assert_eq!(delays[0], Duration::ZERO);
        for (doublings, delay) in delays[1..].iter().enumerate() {
            let whole = (Duration::from_millis(100) * (1 << doublings)).min(Duration::from_secs(2));
            assert!((whole / 2..=whole).contains(delay), "{delay:?} after {doublings} doublings");
        }
    }
}

#[test]
fn a_healthy_peer_is_not_added_again_when_the_control_connection_is_restored() {
    let mut machine = connected();
    machine.handle_connection_lost(NOW, IN_USE, "reset".to_owned());
    machine.handle_deadline(Duration::from_secs(1));
    machine.handle_handshake(Duration::from_secs(1), 2, Ok(welcome(MEMORY)));
    assert_eq!((adds_peer(&mut machine), machine.status().peer), (false, PeerCondition::Ready));
    // New memory is another peer.
    machine.handle_connection_lost(Duration::from_secs(2), 2, "reset".to_owned());
    machine.handle_deadline(Duration::from_secs(3));
    let new = Destination { region: RegionNumber(2), ..MEMORY };
    machine.handle_handshake(Duration::from_secs(3), 3, Ok(welcome(new)));
    assert!(adds_peer(&mut machine));
}

#[test]
fn a_peer_with_new_memory_is_added_again_once_its_late_write_has_ended_successfully() {
    let mut machine = writing();
    machine.handle_deadline(Duration::from_secs(30));
    assert_eq!(machine.status().peer, PeerCondition::Draining);
    let probe = probe(&mut machine);
    machine.handle_connection_lost(Duration::from_secs(31), IN_USE, "reset".to_owned());
    machine.handle_deadline(Duration::from_secs(32));
    let new = Destination { region: RegionNumber(2), ..MEMORY };
    machine.handle_handshake(Duration::from_secs(32), 2, Ok(welcome(new)));
    assert!(!adds_peer(&mut machine), "a write to it is in progress");
    for write in std::iter::once(WRITE).chain(probe) {
        end(&mut machine, write, TerminalStatus::simulated(true));
    }
    machine.handle_deadline(Duration::from_secs(33));
    assert!(adds_peer(&mut machine));
}

#[test]
fn a_broken_peer_recovers_even_if_the_control_connection_is_lost_meanwhile() {
    let mut machine = adding_again();
    machine.handle_connection_lost(NOW, IN_USE, "reset".to_owned());
    machine.handle_peer_added(NOW, MEMORY.receiver, Ok(()));
    assert_eq!(probe(&mut machine), None, "the receiver would not poll for it");
    machine.handle_deadline(Duration::from_secs(1));
    machine.handle_handshake(Duration::from_secs(1), 2, Ok(welcome(MEMORY)));
    peer_becomes_ready(&mut machine, Duration::from_secs(1));
    assert_eq!(machine.status().peer, PeerCondition::Ready);
}

#[test]
fn a_grant_of_other_memory_is_not_written_and_ends_the_connection() {
    let mut machine = connected();
    machine.submit_store(NOW, TASK, vec![chunk(1, MIB)]);
    actions(&mut machine);
    let destination = Destination { tp_rank: 1, ..MEMORY };
    let granted = protocol_answer(destination);
    machine.handle_reserve_answer(NOW, RequestId(1), Ok(granted));
    let actions = actions(&mut machine);
    assert!(actions.contains(&SenderAction::LeaveConnection), "{actions:?}");
    assert!(!actions.iter().any(|action| matches!(action, SenderAction::Write { .. })), "{actions:?}");
}

fn protocol_answer(destination: Destination) -> super::super::protocol::ReserveAnswer {
    use super::super::protocol::{KeyAnswer, ReserveAnswer, SlotTicket};
    let ticket = SlotTicket { slot: 0, generation: 1 };
    ReserveAnswer::Granted { destination, keys: vec![KeyAnswer::Write { ticket, offset_bytes: 0 }] }
}
