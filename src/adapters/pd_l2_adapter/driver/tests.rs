//! Tests of single turns of a receiver.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use super::{LoadId, NotLent, Pause, ReceiverDriver, ReceiverEvent, ReceiverWorld};
use crate::{
    adapter::{Bitmap, ObjectKey},
    adapters::pd_l2_adapter::{
        protocol::{
            CallId, CancelRequest, CommitAnswer, CommitRequest, CommitResult, ControlAnswer, ControlCall, Destination,
            Epoch, HandshakeRequest, KeyAnswer, PROTOCOL_VERSION, Refusal, Region, RegionNumber, RequestId,
            RequestWrites, ReserveAnswer, ReserveRequest, SlotCommit, SlotTicket, SpokenBySender, WantedChunk,
        },
        receiver::{LookupId, ReceiverMachine, ReceiverSettings, ReceiverStatus, WantedLayouts},
    },
    transfer::{ChannelRegion, Polled, RegionReplaced},
};

const PAGE: u64 = 4096;
const SENDER: Epoch = Epoch(7);
const MEMORY: Destination = Destination { receiver: Epoch(1), tp_rank: 0, region: RegionNumber(1) };

/// A world that records its calls. Every range hashes to its offset.
#[derive(Debug, Default)]
struct Notes {
    /// In the order of the calls.
    results: Vec<String>,
    answers: BTreeMap<CallId, ControlAnswer>,
    hashed: Vec<u64>,
    copied: Vec<(usize, Range<u64>)>,
    /// Whether the receiver has returned the buffers to the callers.
    is_over: bool,
    listens: bool,
    time: Duration,
    poll_takes: Duration,
}

impl ReceiverWorld for Notes {
    fn now(&self) -> Duration {
        self.time
    }

    fn poll_channel(&mut self) -> Polled {
        self.time += self.poll_takes;
        Polled::simulated()
    }

    fn hash(&mut self, offset_bytes: u64, _: u64) -> Option<u64> {
        self.hashed.push(offset_bytes);
        Some(offset_bytes)
    }

    fn begin_replacing_region(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn replaced_region(&mut self) -> Option<Result<(Region, RegionReplaced), String>> {
        None
    }

    fn copy_out(&mut self, _: LoadId, index: usize, _: u64, part: Range<u64>) -> Result<(), NotLent> {
        self.copied.push((index, part));
        if self.is_over { Err(NotLent) } else { Ok(()) }
    }

    fn hash_copy(&mut self, _: LoadId, _: usize) -> Result<u64, NotLent> {
        Ok(0)
    }

    fn release_buffer(&mut self, _: LoadId, index: usize) {
        self.results.push(format!("buffer {index} is released"));
    }

    fn wants_accesses(&self) -> bool {
        self.listens
    }

    fn keys_stored(&mut self, keys: Vec<(ObjectKey, u64)>) {
        self.results.push(format!("{} keys are stored", keys.len()));
    }

    fn keys_accessed(&mut self, keys: Vec<ObjectKey>) {
        self.results.push(format!("{} keys are accessed", keys.len()));
    }

    fn keys_deleted(&mut self, _: Vec<(ObjectKey, u64)>) {}

    fn publish(&mut self, status: ReceiverStatus) {
        self.results.push(format!("{} chunks are committed", status.committed.slots));
    }

    fn answer(&mut self, call: CallId, answer: ControlAnswer) {
        self.results.push(format!("call {} is answered", call.0));
        assert!(self.answers.insert(call, answer).is_none(), "{call:?} is answered twice");
    }

    fn answer_lookup(&mut self, _: LookupId, found: Bitmap) {
        self.results.push(format!("{} keys are found", found.count()));
    }

    fn end_load(&mut self, _: LoadId, loaded: Bitmap) {
        self.results.push(format!("{} chunks are loaded", loaded.count()));
    }
}

fn key(name: u8) -> ObjectKey {
    ObjectKey::new("model", 0, &[name]).unwrap()
}

/// A receiver that hashes and copies one page a turn.
fn driver(checksum: bool) -> ReceiverDriver {
    let region = Region {
        number: MEMORY.region,
        memory: ChannelRegion { base_address: 0, length_bytes: 17 * PAGE, metadata: Vec::new() },
        probe_offset_bytes: 16 * PAGE,
        slot_alignment_bytes: PAGE,
    };
    let (lookup_wait, lookup_grace) = (Duration::ZERO, Duration::ZERO);
    let settings = ReceiverSettings { checksum, lookup_wait, lookup_grace, ..ReceiverSettings::default() };
    ReceiverDriver::new(ReceiverMachine::new(settings, MEMORY.receiver, region)).with_parts_of(PAGE)
}

fn call(driver: &mut ReceiverDriver, call: u64, request: ControlCall) {
    driver.handle(Duration::ZERO, ReceiverEvent::Call { call: CallId(call), request });
}

/// A sender connects and reserves slots for this many chunks.
fn reserved(driver: &mut ReceiverDriver, world: &mut Notes, chunks: u8, checksum: bool) -> Vec<(SlotTicket, u64)> {
    let request = HandshakeRequest {
        protocol_version: PROTOCOL_VERSION,
        epoch: SENDER,
        node_name: None,
        tp_rank: 0,
        rank_count: 1,
        transfer_channel: "mock_memory".to_owned(),
        checksum,
        next_request: RequestId(1),
    };
    call(driver, 1, ControlCall::Handshake(request));
    let chunks = (0..chunks).map(|name| WantedChunk { key: key(name), length_bytes: PAGE }).collect();
    let (epoch, request, destination) = (SENDER, RequestId(1), MEMORY);
    call(driver, 2, ControlCall::Reserve(ReserveRequest { epoch, request, destination, chunks, wait_ms: 0 }));
    driver.turn(world);
    let Some(ControlAnswer::Reserve(ReserveAnswer::Granted { keys, .. })) = world.answers.remove(&CallId(2)) else {
        panic!("not granted: {:?}", world.answers)
    };
    let place = |answer| match answer {
        KeyAnswer::Write { ticket, offset_bytes } => (ticket, offset_bytes),
        answer => panic!("{answer:?}"),
    };
    world.results.clear();
    keys.into_iter().map(place).collect()
}

fn commit(driver: &mut ReceiverDriver, number: u64, slots: &[(SlotTicket, u64)], checksum: bool) {
    let slot = |(ticket, offset_bytes): &(SlotTicket, u64)| SlotCommit {
        ticket: *ticket,
        length_bytes: PAGE,
        checksum: checksum.then_some(*offset_bytes),
        layout: None,
    };
    let slots = slots.iter().map(slot).collect();
    let commit = CommitRequest { epoch: SENDER, request: RequestId(1), destination: MEMORY, slots };
    call(driver, number, ControlCall::Commit(commit, SpokenBySender::simulated()));
}

#[test]
fn a_heartbeat_is_answered_while_a_long_commit_is_being_hashed() {
    let (mut driver, mut world) = (driver(true), Notes::default());
    let slots = reserved(&mut driver, &mut world, 4, true);
    commit(&mut driver, 3, &slots, true);
    driver.turn(&mut world);
    assert_eq!((world.hashed.len(), driver.rest(Duration::ZERO).pause), (1, Pause::None));
    call(&mut driver, 4, ControlCall::Heartbeat { epoch: SENDER, is_probing: false });
    driver.turn(&mut world);
    assert!(world.answers.contains_key(&CallId(4)) && !world.answers.contains_key(&CallId(3)), "{world:?}");
    while !world.answers.contains_key(&CallId(3)) {
        driver.turn(&mut world);
    }
    let expected = CommitAnswer::Results(vec![CommitResult::Committed; 4]);
    assert!(matches!(&world.answers[&CallId(3)], ControlAnswer::Commit(answer) if *answer == expected), "{world:?}");
    let offsets: Vec<u64> = slots.iter().map(|(_, offset_bytes)| *offset_bytes).collect();
    assert_eq!(world.hashed, offsets, "each slot is hashed once, in their order");
}

#[test]
fn a_receiver_that_closes_refuses_a_commit_that_is_being_hashed() {
    let (mut driver, mut world) = (driver(true), Notes::default());
    let slots = reserved(&mut driver, &mut world, 2, true);
    commit(&mut driver, 3, &slots, true);
    driver.turn(&mut world);
    driver.handle(Duration::ZERO, ReceiverEvent::Close);
    driver.turn(&mut world);
    assert!(driver.is_over());
    let refused = CommitAnswer::Refused(Refusal::Closing);
    assert!(matches!(&world.answers[&CallId(3)], ControlAnswer::Commit(answer) if *answer == refused), "{world:?}");
}

#[test]
fn listeners_and_status_see_a_commit_before_its_sender_is_answered() {
    let (mut driver, mut world) = (driver(false), Notes::default());
    let slots = reserved(&mut driver, &mut world, 2, false);
    commit(&mut driver, 3, &slots, false);
    driver.turn(&mut world);
    let results: Vec<&str> = world.results.iter().map(String::as_str).take(3).collect();
    assert_eq!(results, ["2 keys are stored", "2 chunks are committed", "call 3 is answered"]);
}

/// One load of two committed chunks, with a missing one between them.
fn loading(world: &mut Notes) -> ReceiverDriver {
    let mut driver = driver(false);
    let slots = reserved(&mut driver, world, 2, false);
    commit(&mut driver, 3, &slots, false);
    let layouts = WantedLayouts::default();
    driver.turn(world);
    driver.handle(Duration::ZERO, ReceiverEvent::LookUp { lookup: LookupId(1), keys: vec![key(0), key(1)], layouts });
    driver.turn(world);
    world.results.clear();
    let chunks = vec![(key(0), PAGE), (key(9), PAGE), (key(1), PAGE)];
    driver.handle(Duration::ZERO, ReceiverEvent::Load { load: LoadId(1), chunks });
    driver
}

#[test]
fn a_load_copies_one_part_each_turn_and_ends_after_its_buffers_were_released() {
    let mut world = Notes::default();
    let mut driver = loading(&mut world);
    driver.turn(&mut world);
    assert_eq!(world.copied, [(0, 0..PAGE)]);
    driver.turn(&mut world);
    assert_eq!(world.copied, [(0, 0..PAGE), (2, 0..PAGE)], "a missing chunk is skipped");
    let released = world.results.iter().filter(|result| result.contains("released")).count();
    assert_eq!((released, world.results.last().map(String::as_str)), (3, Some("2 chunks are loaded")));
    assert_ne!(driver.rest(Duration::ZERO).pause, Pause::None);
}

#[test]
fn listeners_hear_of_a_load_once_and_before_its_caller() {
    let mut world = Notes { listens: true, ..Notes::default() };
    let mut driver = loading(&mut world);
    for _ in 0..2 {
        driver.turn(&mut world);
    }
    let told: Vec<&str> = world.results.iter().map(String::as_str).collect();
    assert_eq!(told[told.len() - 3..], ["2 keys are accessed", "2 chunks are committed", "2 chunks are loaded"]);
    assert_eq!(told.iter().filter(|told| told.contains("accessed")).count(), 1);
}

#[test]
fn a_chunk_whose_buffer_was_returned_to_its_caller_is_not_loaded() {
    let mut world = Notes { is_over: true, ..Notes::default() };
    let mut driver = loading(&mut world);
    while !world.results.iter().any(|result| result == "0 chunks are loaded") {
        driver.turn(&mut world);
    }
    assert_eq!(world.copied.len(), 2, "each is tried once");
}

#[test]
fn closing_a_receiver_ends_its_loads_in_one_turn() {
    let mut world = Notes::default();
    let mut driver = loading(&mut world);
    driver.turn(&mut world);
    driver.handle(Duration::ZERO, ReceiverEvent::Close);
    driver.turn(&mut world);
    assert_eq!(world.results.last().map(String::as_str), Some("1 chunks are loaded"));
    assert!(driver.is_over());
    assert_eq!(world.copied.len(), 1, "nothing is copied any more");
}

fn cancel(driver: &mut ReceiverDriver, number: u64, writes: RequestWrites) {
    let cancel = CancelRequest { epoch: SENDER, request: RequestId(1), writes };
    call(driver, number, ControlCall::Cancel(cancel, SpokenBySender::simulated()));
}

#[test]
fn a_commit_that_repeats_a_slot_hashes_it_once() {
    let (mut driver, mut world) = (driver(true), Notes::default());
    let slots = reserved(&mut driver, &mut world, 1, true);
    commit(&mut driver, 3, &[slots[0]; 1000], true);
    while !world.answers.contains_key(&CallId(3)) {
        driver.turn(&mut world);
    }
    assert_eq!(world.hashed.len(), 1);
}

#[test]
fn a_commit_of_another_senders_slots_hashes_nothing() {
    let (mut driver, mut world) = (driver(true), Notes::default());
    let slots = reserved(&mut driver, &mut world, 1, true);
    let slot = SlotCommit { ticket: slots[0].0, length_bytes: PAGE, checksum: Some(0), layout: None };
    let commit =
        CommitRequest { epoch: Epoch(99), request: RequestId(5), destination: MEMORY, slots: vec![slot; 1000] };
    call(&mut driver, 3, ControlCall::Commit(commit, SpokenBySender::simulated()));
    while !world.answers.contains_key(&CallId(3)) {
        driver.turn(&mut world);
    }
    assert_eq!(world.hashed.len(), 0);
}

#[test]
fn a_commit_whose_caller_has_disconnected_is_not_hashed_further() {
    let (mut driver, mut world) = (driver(true), Notes::default());
    let slots = reserved(&mut driver, &mut world, 4, true);
    commit(&mut driver, 3, &slots, true);
    driver.turn(&mut world);
    driver.handle(Duration::ZERO, ReceiverEvent::CallAbandoned(CallId(3)));
    driver.turn(&mut world);
    let status = driver.status();
    assert_eq!(
        (world.hashed.len(), status.committed.slots, status.reserved.slots),
        (1, 1, 0),
        "what was hashed counts"
    );
}

#[test]
fn a_commit_whose_request_was_cancelled_is_not_hashed_further() {
    let (mut driver, mut world) = (driver(true), Notes::default());
    let slots = reserved(&mut driver, &mut world, 4, true);
    commit(&mut driver, 3, &slots, true);
    driver.turn(&mut world);
    cancel(&mut driver, 4, RequestWrites::Ended);
    while !world.answers.contains_key(&CallId(3)) {
        driver.turn(&mut world);
    }
    assert_eq!(world.hashed.len(), 1);
}

#[test]
fn a_poll_that_began_too_early_is_not_evidence() {
    let (mut driver, mut world) = (driver(false), Notes::default());
    reserved(&mut driver, &mut world, 1, false);
    cancel(&mut driver, 3, RequestWrites::BrokenOff);
    // Stopped in the middle of the poll.
    world.poll_takes = Duration::from_secs(3);
    driver.turn(&mut world);
    assert_eq!(driver.status().quarantined.slots, 1);
}
