//! Every state of a slot with every event, as one table. Its snapshot documents the slot machine, including refusals,
//! duplicates and stale epochs.

use std::fmt::Write as _;

use super::{
    tests::{
        MEMORY, OTHER, PAGE, SENDER, START, answer, handshake, key, look_up, poll, receiver, replaced, reserve, tickets,
    },
    *,
};
use crate::adapters::pd_l2_adapter::protocol::{
    CancelRequest, CommitAnswer, CommitRequest, Destination, KeyAnswer, RegionNumber, RequestId, RequestWrites,
    SlotCommit, SpokenBySender,
};

const STRANGER: Epoch = Epoch(99);

/// Brings the one slot of a receiver into a state. The slot belongs to key 1 and to request 1 of the sender.
type Arrange = fn(&mut ReceiverMachine) -> SlotTicket;

const STATES: &[(&str, Arrange)] = &[
    ("free", |_| SlotTicket { slot: 0, generation: 0 }),
    ("reserved", reserved),
    ("committed", committed),
    ("committed, loaded", |machine| {
        let ticket = committed(machine);
        machine.begin_load(START, &key(1), PAGE).unwrap();
        machine.end_load(START, ticket, LoadOutcome::Copied);
        ticket
    }),
    ("locked", |machine| {
        let ticket = committed(machine);
        look_up(machine, &[1]);
        ticket
    }),
    ("being copied", |machine| {
        let ticket = committed(machine);
        machine.begin_load(START, &key(1), PAGE).unwrap();
        ticket
    }),
    ("condemned", |machine| {
        let ticket = committed(machine);
        let [_, _] = [(); 2].map(|()| machine.begin_load(START, &key(1), PAGE).unwrap());
        machine.end_load(START, ticket, LoadOutcome::Corrupt);
        ticket
    }),
    ("quarantined, cancelled", |machine| {
        let ticket = reserved(machine);
        machine.handle_cancel(START, cancel(SENDER, RequestWrites::InProgress), &SpokenBySender::simulated()).unwrap();
        ticket
    }),
    ("quarantined, silent", |machine| {
        let ticket = reserved(machine);
        machine.handle_heartbeat(Duration::from_secs(1), OTHER, false).unwrap();
        machine.handle_deadline(Duration::from_secs(30));
        ticket
    }),
    ("quarantined, dead", |machine| {
        let ticket = reserved(machine);
        machine.take_for_dead(START, SENDER);
        ticket
    }),
];

/// Applies an event; returns the answer.
type Happen = fn(&mut ReceiverMachine, SlotTicket) -> String;

const EVENTS: &[(&str, Happen)] = &[
    ("the same reserve call again", |machine, _| reserve_answer(reserve(machine, SENDER, 1, &[1], 0))),
    ("its sender reserves the key again", |machine, _| reserve_answer(reserve(machine, SENDER, 2, &[1], 0))),
    ("another sender reserves the key", |machine, _| reserve_answer(reserve(machine, OTHER, 1, &[1], 0))),
    ("another sender reserves another key", |machine, _| reserve_answer(reserve(machine, OTHER, 1, &[2], 0))),
    ("a stranger reserves the key", |machine, _| reserve_answer(reserve(machine, STRANGER, 1, &[1], 0))),
    ("commit", |machine, ticket| commit(machine, SENDER, 1, ticket, PAGE)),
    ("commit of another length", |machine, ticket| commit(machine, SENDER, 1, ticket, 1)),
    ("commit for another request", |machine, ticket| commit(machine, SENDER, 7, ticket, PAGE)),
    ("commit by another sender", |machine, ticket| commit(machine, OTHER, 1, ticket, PAGE)),
    ("commit by a stranger", |machine, ticket| commit(machine, STRANGER, 1, ticket, PAGE)),
    ("commit of the generation before", |machine, ticket| {
        let before = SlotTicket { generation: ticket.generation.wrapping_sub(1), ..ticket };
        commit(machine, SENDER, 1, before, PAGE)
    }),
    ("cancel, writes in progress", |machine, _| cancelled(machine, cancel(SENDER, RequestWrites::InProgress))),
    ("cancel, a write broke off", |machine, _| cancelled(machine, cancel(SENDER, RequestWrites::BrokenOff))),
    ("cancel, a write broke off, and a poll in time", |machine, _| {
        let said = cancelled(machine, cancel(SENDER, RequestWrites::BrokenOff));
        poll(machine, Duration::from_secs(2));
        said
    }),
    ("cancel, a write broke off, and a poll too early", |machine, _| {
        let said = cancelled(machine, cancel(SENDER, RequestWrites::BrokenOff));
        poll(machine, Duration::from_secs(1));
        said
    }),
    ("cancel, writes ended", |machine, _| cancelled(machine, cancel(SENDER, RequestWrites::Ended))),
    ("cancel by another sender", |machine, _| cancelled(machine, cancel(OTHER, RequestWrites::Ended))),
    ("cancel by a stranger", |machine, _| cancelled(machine, cancel(STRANGER, RequestWrites::Ended))),
    ("commit for another rank", |machine, ticket| {
        commit_for(machine, SENDER, ticket, Destination { tp_rank: 1, ..MEMORY })
    }),
    ("commit for another region", |machine, ticket| {
        commit_for(machine, SENDER, ticket, Destination { region: RegionNumber(2), ..MEMORY })
    }),
    ("a poll after any grace", |machine, _| done(|| poll(machine, Duration::from_secs(25)))),
    ("lookup", |machine, _| format!("{} found", look_up(machine, &[1]).count())),
    ("unlock", |machine, _| done(|| machine.unlock(START, &[key(1)]))),
    ("delete", |machine, _| done(|| machine.delete(START, &[key(1)]))),
    ("load", |machine, _| match machine.begin_load(START, &key(1), PAGE) {
        Some(_) => "lent".to_owned(),
        None => "nothing".to_owned(),
    }),
    ("load of another length", |machine, _| match machine.begin_load(START, &key(1), 1) {
        Some(_) => "lent".to_owned(),
        None => "nothing".to_owned(),
    }),
    ("the copy succeeds", |machine, ticket| done(|| machine.end_load(START, ticket, LoadOutcome::Copied))),
    ("the copy finds it corrupt", |machine, ticket| done(|| machine.end_load(START, ticket, LoadOutcome::Corrupt))),
    ("its time to live ends", |machine, _| {
        // Both senders stay alive.
        for epoch in [SENDER, OTHER] {
            let _ = machine.handle_heartbeat(Duration::from_secs(110), epoch, false);
        }
        done(|| machine.handle_deadline(Duration::from_secs(120)))
    }),
    ("its sender is silent for a lease", |machine, _| {
        let _ = machine.handle_heartbeat(Duration::from_secs(20), OTHER, false);
        done(|| machine.handle_deadline(Duration::from_secs(30)))
    }),
    ("its sender dies", |machine, _| done(|| machine.take_for_dead(START, SENDER))),
    ("its sender dies, and the grace is over", |machine, _| {
        machine.take_for_dead(START, SENDER);
        machine.handle_deadline(Duration::from_secs(2));
        done(|| poll(machine, Duration::from_secs(2)))
    }),
    ("another sender dies, and the grace is over", |machine, _| {
        machine.take_for_dead(START, OTHER);
        done(|| poll(machine, Duration::from_secs(2)))
    }),
    ("its sender repeats the handshake", |machine, _| match machine.handle_handshake(START, &handshake(SENDER)) {
        Ok(_) => "accepted".to_owned(),
        Err(refusal) => refusal.to_string(),
    }),
    ("the region is replaced", |machine, _| {
        let region = Region { number: RegionNumber(2), ..machine.region.clone() };
        // Requested only if nothing but quarantined slots is left.
        match machine.slots.tallies().reserved.slots + machine.slots.tallies().committed.slots {
            0 => done(|| machine.handle_region_replaced(START, region, &replaced())),
            _ => "never requested".to_owned(),
        }
    }),
    ("the receiver closes", |machine, _| done(|| machine.close(START))),
];

fn reserved(machine: &mut ReceiverMachine) -> SlotTicket {
    tickets(reserve(machine, SENDER, 1, &[1], 0))[0]
}

fn committed(machine: &mut ReceiverMachine) -> SlotTicket {
    let ticket = reserved(machine);
    commit(machine, SENDER, 1, ticket, PAGE);
    ticket
}

fn done(act: impl FnOnce()) -> String {
    act();
    "-".to_owned()
}

fn reserve_answer(answer: Option<ReserveAnswer>) -> String {
    match answer {
        Some(ReserveAnswer::Granted { keys: answers, .. }) => match answers[..] {
            [KeyAnswer::Write { .. }] => "write".to_owned(),
            [KeyAnswer::Present] => "present".to_owned(),
            [KeyAnswer::Pending] => "pending".to_owned(),
            _ => panic!("{answers:?}"),
        },
        Some(ReserveAnswer::Busy { .. }) => "busy".to_owned(),
        Some(ReserveAnswer::Refused(refusal)) => refusal.to_string(),
        answer => panic!("{answer:?}"),
    }
}

fn commit(machine: &mut ReceiverMachine, epoch: Epoch, request: u64, ticket: SlotTicket, length_bytes: u64) -> String {
    let slots = vec![SlotCommit { ticket, length_bytes, checksum: None, layout: None }];
    committed_as(machine, CommitRequest { epoch, request: RequestId(request), destination: MEMORY, slots })
}

fn commit_for(machine: &mut ReceiverMachine, epoch: Epoch, ticket: SlotTicket, destination: Destination) -> String {
    let slots = vec![SlotCommit { ticket, length_bytes: PAGE, checksum: None, layout: None }];
    committed_as(machine, CommitRequest { epoch, request: RequestId(1), destination, slots })
}

fn committed_as(machine: &mut ReceiverMachine, commit: CommitRequest) -> String {
    match machine.handle_commit(START, commit, &SpokenBySender::simulated(), &[]) {
        CommitAnswer::Results(results) => format!("{:?}", results[0]).to_lowercase(),
        CommitAnswer::Refused(refusal) => refusal.to_string(),
    }
}

fn cancel(epoch: Epoch, writes: RequestWrites) -> CancelRequest {
    CancelRequest { epoch, request: RequestId(1), writes }
}

fn cancelled(machine: &mut ReceiverMachine, cancel: CancelRequest) -> String {
    match machine.handle_cancel(START, cancel, &SpokenBySender::simulated()) {
        Ok(()) => "answered".to_owned(),
        Err(refusal) => refusal.to_string(),
    }
}

fn state(machine: &ReceiverMachine) -> String {
    let Some((_, slot)) = machine.slots.iter().next() else { return "free".to_owned() };
    let owner = |epoch: &Epoch| if *epoch == SENDER { "" } else { ", another sender's" };
    let name = if slot.key == key(1) { "" } else { ", another key" };
    match &slot.state {
        SlotState::Reserved { epoch, .. } => format!("reserved{}{name}", owner(epoch)),
        SlotState::Quarantined { epoch, .. } => format!("quarantined{}", owner(epoch)),
        SlotState::Committed(it) => {
            let marks = [
                (it.consumed, ", loaded"),
                (it.locks > 0, ", locked"),
                (it.readers > 0, ", being copied"),
                (it.condemned, ", condemned"),
            ];
            let marks: String = marks.iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| *mark).collect();
            format!("committed{}{marks}", owner(&it.writer.0))
        }
    }
}

#[test]
fn every_state_of_a_slot_with_every_event() {
    let mut table = String::new();
    for (before, arrange) in STATES {
        writeln!(table, "{before}").unwrap();
        for (event, happen) in EVENTS {
            let mut machine = receiver(1);
            let ticket = arrange(&mut machine);
            answer(&mut machine);
            let said = happen(&mut machine, ticket);
            machine.check_invariants();
            writeln!(table, "    {event:<48} {:<40} {said}", state(&machine)).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}
