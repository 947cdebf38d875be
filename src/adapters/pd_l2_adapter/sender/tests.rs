//! The sender's rules, one by one.

use super::{peer::PeerCondition, *};
use crate::{
    adapters::pd_l2_adapter::protocol::{
        CommitAnswer, CommitResult, Destination, HandshakeAnswer, KeyAnswer, RankPorts, Region, RegionNumber,
        RequestWrites, ReserveAnswer, SlotTicket,
    },
    transfer::{ChannelRegion, TerminalStatus, WriteEnd},
};

pub(super) const MIB: u64 = 1 << 20;
pub(super) const START: Duration = Duration::ZERO;
pub(super) const TASK: TaskId = TaskId(1);
/// The attempt that made the connection of [`connected`].
pub(super) const IN_USE: u64 = 1;
pub(super) const MEMORY: Destination = Destination { receiver: Epoch(1), tp_rank: 0, region: RegionNumber(1) };
/// The id of the first write of a chunk: the probe before it has the id 1.
pub(super) const WRITE: WriteId = WriteId(2);

pub(super) fn connected() -> SenderMachine {
    let mut machine = SenderMachine::new(SenderSettings::default(), Epoch(7));
    machine.handle_deadline(START);
    assert!(matches!(machine.poll_action(), Some(SenderAction::Connect { attempt: 1, .. })));
    machine.handle_handshake(START, 1, Ok(welcome(MEMORY)));
    peer_becomes_ready(&mut machine, START);
    machine
}

/// The handshake answer of a receiver with this memory.
pub(super) fn welcome(memory: Destination) -> HandshakeAnswer {
    let region = Region {
        number: memory.region,
        memory: ChannelRegion { base_address: 0, length_bytes: 4 * MIB + 64, metadata: Vec::new() },
        probe_offset_bytes: 4 * MIB,
        slot_alignment_bytes: 4096,
    };
    let Destination { receiver: epoch, tp_rank, .. } = memory;
    HandshakeAnswer { epoch, tp_rank, ports: RankPorts::default(), region, lease_ms: 30_000 }
}

/// Adds the peer and lets its probe arrive. Discards other actions.
pub(super) fn peer_becomes_ready(machine: &mut SenderMachine, now: Duration) {
    machine.handle_deadline(now);
    while let Some(action) = machine.poll_action() {
        match action {
            SenderAction::AddPeer { peer, .. } => machine.handle_peer_added(now, peer, Ok(())),
            SenderAction::Probe { write, .. } => {
                machine.handle_write_ended(now, WriteEnd { write, status: TerminalStatus::simulated(true) });
            }
            SenderAction::Call(SenderCall::Heartbeat { connection, .. }) => {
                machine.handle_heartbeat_answer(now, connection, Ok(MEMORY.region));
            }
            _ => {}
        }
        machine.handle_deadline(now);
    }
    machine.check_invariants();
}

pub(super) fn chunk(name: u8, length_bytes: u64) -> ChunkToStore {
    ChunkToStore {
        key: ObjectKey::new("model", 0, &[name]).unwrap(),
        length_bytes,
        layout: None,
        source: ChunkSource::Caller,
    }
}

pub(super) fn granted(keys: Vec<KeyAnswer>) -> ReserveAnswer {
    ReserveAnswer::Granted { destination: MEMORY, keys }
}

/// A sender with one task, whose only write is in progress.
pub(super) fn writing() -> SenderMachine {
    let mut machine = connected();
    machine.submit_store(START, TASK, vec![chunk(1, MIB)]);
    assert!(matches!(machine.poll_action(), Some(SenderAction::Call(SenderCall::Reserve(_)))));
    let ticket = SlotTicket { slot: 0, generation: 1 };
    let granted = granted(vec![KeyAnswer::Write { ticket, offset_bytes: 0 }]);
    machine.handle_reserve_answer(START, RequestId(1), Ok(granted));
    assert!(matches!(machine.poll_action(), Some(SenderAction::Write { .. })));
    machine.handle_write_posted(START, WRITE, vec![None]);
    machine.check_invariants();
    machine
}

fn end_write(machine: &mut SenderMachine, succeeded: bool) {
    let status = TerminalStatus::simulated(succeeded);
    machine.handle_write_ended(START, WriteEnd { write: WRITE, status });
    machine.check_invariants();
}

pub(super) fn result(machine: &mut SenderMachine) -> Option<StoreResult> {
    std::iter::from_fn(|| machine.poll_action()).find_map(|action| match action {
        SenderAction::Complete { result, .. } => Some(result),
        _ => None,
    })
}

#[test]
fn a_task_succeeds_when_its_commit_is_acknowledged_and_not_before() {
    let mut machine = writing();
    end_write(&mut machine, true);
    assert!(matches!(machine.poll_action(), Some(SenderAction::Call(SenderCall::Commit(_)))));
    assert_eq!(result(&mut machine), None);
    machine.handle_commit_answer(START, RequestId(1), Ok(CommitAnswer::Results(vec![CommitResult::Committed])));
    assert_eq!(result(&mut machine), Some(StoreResult::success(MIB)));
    assert_eq!(machine.status().staged_bytes, 0);
}

#[test]
fn after_a_failed_write_the_slot_is_released_and_the_chunk_is_written_again() {
    let mut machine = writing();
    end_write(&mut machine, false);
    let Some(SenderAction::Call(SenderCall::Cancel(cancel))) = machine.poll_action() else { panic!("no cancel") };
    assert_eq!(cancel.writes, RequestWrites::Ended);
    assert!(matches!(machine.poll_action(), Some(SenderAction::AddPeer { peer: Epoch(1), .. })));
    assert_eq!((machine.status().peer, machine.poll_action()), (PeerCondition::Connecting, None));
    machine.handle_peer_added(START, Epoch(1), Ok(()));
    peer_becomes_ready(&mut machine, START);
    machine.handle_deadline(Duration::from_millis(20));
    assert!(reserved_again(&mut machine));
}

#[test]
fn staging_memory_stays_taken_until_the_write_ends_even_if_its_task_has_failed() {
    let mut machine = writing();
    machine.handle_deadline(Duration::from_secs(61));
    let Some(SenderAction::Call(SenderCall::Cancel(cancel))) = machine.poll_action() else { panic!("no cancel") };
    assert_eq!(cancel.writes, RequestWrites::InProgress);
    assert!(result(&mut machine).is_some_and(|result| !result.is_successful()));
    assert_eq!((machine.status().staged_bytes, machine.chunk_writes_in_flight()), (MIB, 1));
    end_write(&mut machine, true);
    assert_eq!((machine.status().staged_bytes, machine.chunk_writes_in_flight()), (0, 0));
    let last = std::iter::from_fn(|| machine.poll_action()).last();
    assert!(
        matches!(
            last,
            Some(SenderAction::Call(SenderCall::Cancel(CancelRequest { writes: RequestWrites::Ended, .. })))
        ),
        "{last:?}"
    );
}

#[test]
fn a_task_larger_than_the_receivers_buffer_fails_at_once_and_names_both_sizes() {
    let mut machine = connected();
    machine.submit_store(START, TASK, (0..5).map(|name| chunk(name, MIB)).collect());
    let failure = result(&mut machine).and_then(|result| result.failure).unwrap();
    assert!(failure.contains("5242880") && failure.contains("4194304"), "{failure}");
}

#[test]
fn closing_fails_open_tasks_once() {
    let mut machine = writing();
    machine.close(START);
    assert!(result(&mut machine).is_some());
    machine.close(START);
    end_write(&mut machine, true);
    assert_eq!(result(&mut machine), None);
}

/// A task of two chunks: the first is being written, and the second waits for staging memory.
pub(super) fn half_posted() -> SenderMachine {
    let settings = SenderSettings { staging_bytes: MIB, ..SenderSettings::default() };
    let mut machine = SenderMachine::new(settings, Epoch(7));
    connect(&mut machine, 1);
    machine.submit_store(START, TASK, vec![chunk(1, MIB), chunk(2, MIB)]);
    let grant =
        |slot| KeyAnswer::Write { ticket: SlotTicket { slot, generation: 1 }, offset_bytes: u64::from(slot) * MIB };
    machine.handle_reserve_answer(START, RequestId(1), Ok(granted(vec![grant(0), grant(1)])));
    assert_eq!(writes(&mut machine), 1);
    machine
}

fn connect(machine: &mut SenderMachine, attempt: u64) {
    machine.handle_deadline(Duration::from_secs(attempt));
    let connects = std::iter::from_fn(|| machine.poll_action())
        .any(|action| matches!(action, SenderAction::Connect { attempt: made, .. } if made == attempt));
    assert!(connects, "attempt {attempt} is not made");
    let now = Duration::from_secs(attempt);
    machine.handle_handshake(now, attempt, Ok(welcome(MEMORY)));
    if machine.status().peer != PeerCondition::Ready {
        peer_becomes_ready(machine, now);
    }
    machine.check_invariants();
}

fn writes(machine: &mut SenderMachine) -> usize {
    std::iter::from_fn(|| machine.poll_action()).filter(|action| matches!(action, SenderAction::Write { .. })).count()
}

#[test]
fn a_grant_does_not_outlive_the_connection_it_came_over() {
    let mut machine = half_posted();
    machine.handle_connection_lost(START, IN_USE, "reset".to_owned());
    end_write(&mut machine, true);
    assert_eq!(writes(&mut machine), 0);
    connect(&mut machine, 2);
    assert_eq!(writes(&mut machine), 0, "a slot of the lost connection is written");
}

#[test]
fn a_request_of_a_lost_connection_is_cancelled_and_its_task_reserves_again_over_the_next() {
    let mut machine = half_posted();
    machine.handle_connection_lost(START, IN_USE, "reset".to_owned());
    end_write(&mut machine, true);
    connect(&mut machine, 2);
    machine.handle_deadline(Duration::from_secs(3));
    let actions: Vec<_> = std::iter::from_fn(|| machine.poll_action()).collect();
    let asks = |action: &SenderAction| matches!(action, SenderAction::Call(SenderCall::Reserve(it)) if it.request == RequestId(2));
    assert!(actions.iter().any(asks), "{actions:?}");
}

#[test]
fn an_answer_after_the_loss_of_its_connection_grants_nothing() {
    let mut machine = connected();
    machine.submit_store(START, TASK, vec![chunk(1, MIB)]);
    machine.handle_connection_lost(START, IN_USE, "reset".to_owned());
    let write = KeyAnswer::Write { ticket: SlotTicket { slot: 0, generation: 1 }, offset_bytes: 0 };
    machine.handle_reserve_answer(START, RequestId(1), Ok(granted(vec![write])));
    machine.check_invariants();
    assert_eq!(writes(&mut machine), 0);
}

#[test]
fn a_node_that_was_declared_dead_reconnects_with_a_fresh_epoch_once_its_writes_have_ended() {
    let mut machine = half_posted();
    machine.handle_connection_lost(START, IN_USE, "reset".to_owned());
    assert_eq!(machine.poll_action(), Some(SenderAction::LeaveConnection));
    machine.handle_deadline(Duration::from_secs(1));
    assert!(matches!(machine.poll_action(), Some(SenderAction::Connect { attempt: 2, .. })));
    machine.handle_handshake(Duration::from_secs(1), 2, Err(ConnectFailure::DeadEpoch { fresh: Epoch(8) }));
    machine.handle_deadline(Duration::from_secs(10));
    assert_eq!((machine.poll_action(), machine.epoch()), (None, Epoch(7)), "a write of the old epoch is in flight");
    let status = TerminalStatus::simulated(true);
    machine.handle_write_ended(Duration::from_secs(11), WriteEnd { write: WRITE, status });
    assert_eq!(machine.epoch(), Epoch(8));
    let Some(SenderAction::Connect { request, .. }) = machine.poll_action() else { panic!("it does not connect") };
    assert_eq!(request.epoch, Epoch(8));
}

#[test]
fn cancellations_of_a_dead_epoch_are_discarded_with_it() {
    let mut machine = half_posted();
    machine.handle_connection_lost(START, IN_USE, "reset".to_owned());
    end_write(&mut machine, true);
    machine.handle_deadline(Duration::from_secs(1));
    machine.handle_handshake(Duration::from_secs(1), 2, Err(ConnectFailure::DeadEpoch { fresh: Epoch(8) }));
    connect(&mut machine, 3);
    let cancels = std::iter::from_fn(|| machine.poll_action())
        .any(|action| matches!(action, SenderAction::Call(SenderCall::Cancel(_))));
    assert!(!cancels, "the fresh epoch cancels a request it never made");
}

#[test]
fn a_broken_off_write_is_reported_as_such_and_frees_its_staging_memory() {
    let mut machine = writing();
    let status = TerminalStatus::simulated_breach();
    machine.handle_write_ended(START, WriteEnd { write: WRITE, status });
    machine.check_invariants();
    let Some(SenderAction::Call(SenderCall::Cancel(cancel))) = machine.poll_action() else { panic!("no cancel") };
    assert_eq!(cancel.writes, RequestWrites::BrokenOff);
    assert_eq!((machine.status().staged_bytes, machine.chunk_writes_in_flight()), (0, 0));
    assert_eq!(result(&mut machine), None, "the chunk is written again");
}

fn reserved_again(machine: &mut SenderMachine) -> bool {
    std::iter::from_fn(|| machine.poll_action())
        .any(|action| matches!(action, SenderAction::Call(SenderCall::Reserve(_))))
}

#[test]
fn a_refused_reserve_call_is_cancelled_because_an_earlier_copy_may_have_been_granted() {
    let mut machine = connected();
    machine.submit_store(START, TASK, vec![chunk(1, MIB)]);
    machine.poll_action();
    machine.handle_reserve_answer(START, RequestId(1), Ok(ReserveAnswer::Refused(Refusal::RequestEnded)));
    let cancel = CancelRequest { epoch: Epoch(7), request: RequestId(1), writes: RequestWrites::Ended };
    assert_eq!(machine.poll_action(), Some(SenderAction::Call(SenderCall::Cancel(cancel))));
}

#[test]
fn reserve_calls_to_a_busy_receiver_become_rarer() {
    let mut machine = connected();
    machine.submit_store(START, TASK, vec![chunk(1, MIB)]);
    let mut now = START;
    let mut delays = Vec::new();
    for request in 1..=7 {
        assert!(reserved_again(&mut machine));
        let busy = ReserveAnswer::Busy { occupied_bytes: 1, capacity_bytes: 1 };
        machine.handle_reserve_answer(now, RequestId(request), Ok(busy));
        let next = machine.next_deadline().unwrap();
        delays.push((next - now).as_millis());
        now = next;
        machine.handle_deadline(now);
    }
    assert_eq!(delays, [40, 80, 160, 320, 640, 640, 640]);
}

#[test]
fn a_task_fails_at_its_deadline_and_not_before() {
    let mut machine = connected();
    machine.submit_store(START, TASK, vec![chunk(1, MIB)]);
    machine.handle_deadline(Duration::from_secs(60) - Duration::from_millis(1));
    assert_eq!(result(&mut machine), None);
    machine.handle_deadline(Duration::from_secs(60));
    let failure = result(&mut machine).and_then(|result| result.failure).unwrap();
    assert!(failure.contains("raise its `buffer_size`"), "{failure}");
}

#[test]
fn the_deadline_of_a_write_starts_when_it_is_posted() {
    let mut machine = half_posted();
    let end = |write| WriteEnd { write: WriteId(write), status: TerminalStatus::simulated(true) };
    // The second write waits for staging memory until the first has ended.
    machine.handle_write_ended(Duration::from_secs(29), end(2));
    assert_eq!(writes(&mut machine), 1);
    machine.handle_deadline(Duration::from_secs(58));
    assert_eq!(result(&mut machine), None);
    machine.handle_deadline(Duration::from_secs(59));
    let failure = result(&mut machine).and_then(|result| result.failure).unwrap();
    assert!(failure.contains("`write_seconds`"), "{failure}");
}

#[test]
fn a_task_with_a_failed_write_posts_no_further_one() {
    let mut machine = half_posted();
    end_write(&mut machine, false);
    assert_eq!(writes(&mut machine), 0);
}

#[test]
fn an_epoch_that_was_declared_dead_is_not_used_again() {
    let mut machine = half_posted();
    machine.handle_connection_lost(START, IN_USE, "reset".to_owned());
    machine.handle_deadline(Duration::from_secs(1));
    machine.handle_handshake(Duration::from_secs(1), 2, Err(ConnectFailure::DeadEpoch { fresh: Epoch(8) }));
    let connects = |machine: &mut SenderMachine| {
        std::iter::from_fn(|| machine.poll_action()).any(|action| matches!(action, SenderAction::Connect { .. }))
    };
    connects(&mut machine);
    machine.handle_deadline(Duration::from_secs(20));
    assert!(!connects(&mut machine));
}
