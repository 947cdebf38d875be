//! Every stage of a request with every event, as one table: what the sender does, and which state remains.

use std::fmt::Write as _;

use super::{
    peer::PeerCondition,
    tests::{IN_USE, MEMORY, MIB, TASK, WRITE, chunk, connected, half_posted, peer_becomes_ready, welcome, writing},
    *,
};
use crate::{
    adapters::pd_l2_adapter::protocol::{
        CommitAnswer, CommitResult, Destination, Identity, KeyAnswer, RankPorts, RegionNumber, RequestWrites,
        ReserveAnswer, SlotTicket,
    },
    transfer::{TerminalStatus, WriteEnd},
};

const NOW: Duration = Duration::from_secs(10);
const LATER: Duration = Duration::from_secs(11);
const REQUEST: RequestId = RequestId(1);

const STAGES: &[(&str, fn() -> SenderMachine)] = &[
    ("not connected", || {
        let mut machine = SenderMachine::new(SenderSettings::default(), Epoch(7));
        machine.submit_store(NOW, TASK, vec![chunk(1, MIB)]);
        machine
    }),
    ("reserving", || {
        let mut machine = connected();
        machine.submit_store(NOW, TASK, vec![chunk(1, MIB)]);
        machine
    }),
    ("writing", writing),
    ("writing, with a slot that waits for staging memory", half_posted),
    ("committing", || {
        let mut machine = writing();
        machine.handle_write_ended(NOW, ended(true));
        machine
    }),
    ("given up, with a write in flight", || {
        let mut machine = writing();
        machine.close(NOW);
        machine
    }),
    ("cancelling", || {
        let mut machine = writing();
        machine.handle_write_ended(NOW, ended(false));
        machine
    }),
];

const EVENTS: &[(&str, fn(&mut SenderMachine))] = &[
    ("reserve: write", |machine| reserve_answer(machine, granted(write()))),
    ("reserve: present", |machine| reserve_answer(machine, granted(KeyAnswer::Present))),
    ("reserve: pending", |machine| reserve_answer(machine, granted(KeyAnswer::Pending))),
    ("reserve: of too many keys", |machine| {
        reserve_answer(machine, Ok(super::tests::granted(vec![KeyAnswer::Present; 9])));
    }),
    ("reserve: busy", |machine| {
        reserve_answer(machine, Ok(ReserveAnswer::Busy { occupied_bytes: 1, capacity_bytes: 1 }));
    }),
    ("reserve: too large", |machine| {
        reserve_answer(machine, Ok(ReserveAnswer::TooLarge { requested_bytes: 2, capacity_bytes: 1 }));
    }),
    ("reserve: unknown epoch", |machine| {
        reserve_answer(machine, Ok(ReserveAnswer::Refused(Refusal::UnknownEpoch)));
    }),
    ("reserve: stale region", |machine| {
        let refusal = Refusal::StaleRegion { got: RegionNumber(1), current: RegionNumber(2) };
        reserve_answer(machine, Ok(ReserveAnswer::Refused(refusal)));
    }),
    ("reserve: request ended", |machine| {
        reserve_answer(machine, Ok(ReserveAnswer::Refused(Refusal::RequestEnded)));
    }),
    ("reserve: closing", |machine| reserve_answer(machine, Ok(ReserveAnswer::Refused(Refusal::Closing)))),
    ("reserve: unanswered", |machine| reserve_answer(machine, Err(CallFailure::Unanswered))),
    ("the write ends well", |machine| machine.handle_write_ended(NOW, ended(true))),
    ("the write fails", |machine| machine.handle_write_ended(NOW, ended(false))),
    ("the write breaks off", |machine| {
        machine.handle_write_ended(NOW, WriteEnd { write: WRITE, status: TerminalStatus::simulated_breach() });
    }),
    ("the write breaks off, and the peer recovers", |machine| {
        machine.handle_write_ended(NOW, WriteEnd { write: WRITE, status: TerminalStatus::simulated_breach() });
        peer_becomes_ready(machine, LATER);
    }),
    ("the write breaks off, and the peer cannot be added", |machine| {
        machine.handle_write_ended(NOW, WriteEnd { write: WRITE, status: TerminalStatus::simulated_breach() });
        machine.handle_peer_added(NOW, MEMORY.receiver, Err("no route".to_owned()));
    }),
    ("the write is refused", |machine| refused(machine, false)),
    ("the write is refused: the peer is lost", |machine| refused(machine, true)),
    ("a probe does not arrive in time", |machine| {
        for now in [NOW + Duration::from_secs(5), NOW + Duration::from_secs(10)] {
            machine.handle_deadline(now);
        }
    }),
    ("the write does not end in time", |machine| machine.handle_deadline(Duration::from_secs(31))),
    ("reserve: granted elsewhere", |machine| {
        let destination = Destination { tp_rank: 1, ..MEMORY };
        reserve_answer(machine, Ok(ReserveAnswer::Granted { destination, keys: vec![write()] }));
    }),
    ("reserve: wrong destination", |machine| {
        let identity = Identity { receiver: Epoch(1), tp_rank: 1, ports: RankPorts::default() };
        reserve_answer(machine, Ok(ReserveAnswer::Refused(Refusal::WrongDestination(identity))));
    }),
    ("commit: committed", |machine| commit_answer(machine, Ok(CommitResult::Committed))),
    ("commit: stale", |machine| commit_answer(machine, Ok(CommitResult::Stale))),
    ("commit: wrong checksum", |machine| commit_answer(machine, Ok(CommitResult::WrongChecksum))),
    ("commit: unknown epoch", |machine| {
        machine.handle_commit_answer(NOW, REQUEST, Ok(CommitAnswer::Refused(Refusal::UnknownEpoch)));
    }),
    ("commit: unanswered", |machine| commit_answer(machine, Err(CallFailure::Unanswered))),
    ("cancel: answered", |machine| machine.handle_cancel_answer(NOW, REQUEST, Ok(()))),
    ("cancel: unanswered", |machine| machine.handle_cancel_answer(NOW, REQUEST, Err(CallFailure::Unanswered))),
    ("the connection is lost", |machine| machine.handle_connection_lost(NOW, IN_USE, "reset".to_owned())),
    ("the receiver restarts", |machine| {
        machine.handle_connection_lost(NOW, IN_USE, "reset".to_owned());
        machine.handle_deadline(LATER);
        drain(machine);
        let other = Destination { receiver: Epoch(2), ..MEMORY };
        machine.handle_handshake(LATER, machine.next_attempt - 1, Ok(welcome(other)));
        machine.handle_deadline(LATER);
    }),
    ("the task reaches its deadline", |machine| machine.handle_deadline(Duration::from_secs(80))),
    ("the adapter closes", |machine| machine.close(NOW)),
];

fn ended(succeeded: bool) -> WriteEnd {
    WriteEnd { write: WRITE, status: TerminalStatus::simulated(succeeded) }
}

fn refused(machine: &mut SenderMachine, is_peer_lost: bool) {
    machine.handle_write_refused(NOW, WRITE, WriteRefusal { reason: "no descriptors".to_owned(), is_peer_lost });
}

fn write() -> KeyAnswer {
    KeyAnswer::Write { ticket: SlotTicket { slot: 0, generation: 1 }, offset_bytes: 0 }
}

fn granted(answer: KeyAnswer) -> Result<ReserveAnswer, CallFailure> {
    Ok(super::tests::granted(vec![answer]))
}

fn reserve_answer(machine: &mut SenderMachine, answer: Result<ReserveAnswer, CallFailure>) {
    machine.handle_reserve_answer(NOW, REQUEST, answer);
}

fn commit_answer(machine: &mut SenderMachine, answer: Result<CommitResult, CallFailure>) {
    machine.handle_commit_answer(NOW, REQUEST, answer.map(|result| CommitAnswer::Results(vec![result])));
}

fn drain(machine: &mut SenderMachine) -> String {
    let actions = std::iter::from_fn(|| machine.poll_action()).map(|action| match action {
        SenderAction::Connect { .. } => "connect",
        SenderAction::AddPeer { .. } => "add the peer",
        SenderAction::RemovePeer(_) => "remove the peer",
        SenderAction::Probe { .. } => "probe",
        SenderAction::LeaveConnection => "leave the connection",
        SenderAction::CloseConnection(_) => "close an earlier connection",
        SenderAction::Call(SenderCall::Reserve(_)) => "reserve",
        SenderAction::Call(SenderCall::Commit(_)) => "commit",
        SenderAction::Call(SenderCall::Cancel(CancelRequest { writes: RequestWrites::Ended, .. })) => "cancel",
        SenderAction::Call(SenderCall::Cancel(CancelRequest { writes: RequestWrites::BrokenOff, .. })) => {
            "cancel after a break-off"
        }
        SenderAction::Call(SenderCall::Cancel(_)) => "cancel with a write in flight",
        SenderAction::Call(SenderCall::Heartbeat { .. }) => "heartbeat",
        SenderAction::Write { .. } => "write",
        SenderAction::Complete { result, .. } if result.is_successful() => "succeed",
        SenderAction::Complete { .. } => "fail",
    });
    actions.collect::<Vec<_>>().join(", ")
}

fn state(machine: &SenderMachine) -> String {
    let status = machine.status();
    let stage = machine.requests.values().next().map(|request| match (request.task, request.stage) {
        (None, _) => "given up".to_owned(),
        (Some(_), stage) => format!("{stage:?}").to_lowercase(),
    });
    let parts = [
        (!status.is_connected).then(|| "not connected".to_owned()),
        (status.peer != PeerCondition::Ready).then(|| format!("peer {}", status.peer.name())),
        stage,
        (status.writes_in_flight > 0).then(|| format!("{} in flight", status.writes_in_flight)),
        (status.open_cancellations > 0).then(|| "cancelling".to_owned()),
        (status.open_tasks > 0 && status.open_requests == 0).then(|| "a task waits".to_owned()),
    ];
    let state = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if state.is_empty() { "nothing is left".to_owned() } else { state }
}

#[test]
fn every_stage_of_a_request_with_every_event() {
    let mut table = String::new();
    for (stage, arrange) in STAGES {
        writeln!(table, "{stage}").unwrap();
        for (event, happen) in EVENTS {
            let mut machine = arrange();
            drain(&mut machine);
            happen(&mut machine);
            machine.check_invariants();
            let does = drain(&mut machine);
            let does = if does.is_empty() { "-" } else { &does };
            writeln!(table, "    {event:<52} {:<52} {does}", state(&machine)).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}
