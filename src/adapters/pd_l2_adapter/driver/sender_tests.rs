//! What one turn of a sender does, and what it leaves for the next.

use std::time::Duration;

use super::{Announcement, Announcer, Answered, Pause, SenderDriver, SenderEvent, SenderWorld};
use crate::{
    adapter::{ObjectKey, StoreResult, TaskId},
    adapters::pd_l2_adapter::{
        protocol::{
            Destination, Epoch, HandshakeAnswer, HandshakeRequest, KeyAnswer, RankPorts, Region, RegionNumber,
            RequestId, ReserveAnswer, SlotTicket,
        },
        sender::{
            ChunkSource, ChunkToStore, ChunkWrite, SenderCall, SenderMachine, SenderSettings, SenderStatus,
            WriteRefusal,
        },
    },
    transfer::{ChannelRegion, TerminalStatus, WriteEnd, WriteId},
};

const MIB: u64 = 1 << 20;
const MEMORY: Destination = Destination { receiver: Epoch(1), tp_rank: 0, region: RegionNumber(1) };

/// A world that records what is asked of it. A write has ended when the channel is polled next.
#[derive(Debug, Default)]
struct Notes {
    did: Vec<String>,
    posted: Vec<WriteId>,
}

impl SenderWorld for Notes {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn poll_channel(&mut self, ended: &mut Vec<WriteEnd>) {
        let end = |write| WriteEnd { write, status: TerminalStatus::simulated(true) };
        ended.extend(self.posted.drain(..).map(end));
    }

    fn connect(&mut self, _: u64, _: HandshakeRequest) {}
    fn leave_connection(&mut self) {}
    fn close_connection(&mut self, _: u64) {}

    fn call(&mut self, call: SenderCall) {
        match call {
            SenderCall::Reserve(call) => self.did.push(format!("reserve {}", call.request.0)),
            SenderCall::Commit(call) => self.did.push(format!("commit {}", call.request.0)),
            SenderCall::Cancel(_) | SenderCall::Heartbeat { .. } => {}
        }
    }

    fn add_peer(&mut self, _: Epoch, _: Region) -> Result<(), String> {
        Ok(())
    }

    fn remove_peer(&mut self, _: Epoch) {}

    fn probe(&mut self, write: WriteId, _: Epoch, _: u64) -> Result<(), WriteRefusal> {
        self.posted.push(write);
        Ok(())
    }

    fn write(&mut self, write: WriteId, _: Epoch, chunks: &[ChunkWrite]) -> Result<Vec<Option<u64>>, WriteRefusal> {
        self.posted.push(write);
        self.did.extend(chunks.iter().map(|chunk| format!("write of task {}", chunk.task)));
        Ok(vec![None; chunks.len()])
    }

    fn publish(&mut self, _: SenderStatus) {}
    fn announce(&mut self, _: Announcement) {}
    fn complete(&mut self, _: TaskId, _: StoreResult) {}
}

/// A driver that is connected to a receiver.
fn connected(world: &mut Notes) -> SenderDriver {
    let machine = SenderMachine::new(SenderSettings::default(), Epoch(7));
    let announcer = Announcer::new(Duration::from_secs(60), Duration::ZERO);
    let mut driver = SenderDriver::new(machine, announcer, Duration::ZERO).with_parts_of(MIB);
    driver.turn(world);
    let region = Region {
        number: MEMORY.region,
        memory: ChannelRegion { base_address: 0, length_bytes: 4 * MIB + 64, metadata: Vec::new() },
        probe_offset_bytes: 4 * MIB,
        slot_alignment_bytes: 4096,
    };
    let ports = RankPorts::default();
    let answer = HandshakeAnswer { epoch: MEMORY.receiver, tp_rank: 0, ports, region, lease_ms: 30_000 };
    driver.handle(Duration::ZERO, SenderEvent::Connected { attempt: 1, result: Ok(answer) });
    // The probe is posted, and arrives.
    driver.turn(world);
    driver.turn(world);
    driver
}

/// Two tasks of one chunk each, whose slots are granted.
fn two_grants(world: &mut Notes, length_bytes: u64) -> SenderDriver {
    let mut driver = connected(world);
    for name in [1, 2] {
        let chunk = ChunkToStore {
            key: ObjectKey::new("model", 0, &[name]).unwrap(),
            length_bytes,
            layout: None,
            source: ChunkSource::Arena { offset_bytes: 0 },
        };
        let store = SenderEvent::Store { task: TaskId(u64::from(name)), chunks: vec![chunk] };
        driver.handle(Duration::ZERO, store);
    }
    driver.turn(world);
    assert_eq!(world.did, ["reserve 1", "reserve 2"]);
    world.did.clear();
    for number in [1, 2] {
        let ticket = SlotTicket { slot: number, generation: 1 };
        let keys = vec![KeyAnswer::Write { ticket, offset_bytes: 0 }];
        let granted =
            Answered::Reserve(RequestId(u64::from(number)), Ok(ReserveAnswer::Granted { destination: MEMORY, keys }));
        driver.handle(Duration::ZERO, SenderEvent::Answered(granted));
    }
    driver
}

#[test]
fn a_large_write_is_committed_before_the_next_one_is_posted() {
    let mut world = Notes::default();
    let mut driver = two_grants(&mut world, MIB);
    let mut turns = Vec::new();
    for _ in 0..4 {
        driver.turn(&mut world);
        turns.push((world.did.join(", "), matches!(driver.rest(Duration::ZERO).pause, Pause::None | Pause::Yield)));
        world.did.clear();
    }
    let expected = ["write of task 1", "commit 1", "write of task 2", "commit 2"].map(str::to_owned);
    assert_eq!(turns.iter().map(|(did, _)| did).collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    assert!(turns.iter().take(3).all(|(_, goes_on)| *goes_on), "{turns:?}");
}

#[test]
fn small_writes_are_posted_in_one_turn() {
    let mut world = Notes::default();
    let mut driver = two_grants(&mut world, MIB / 2);
    driver.turn(&mut world);
    assert_eq!(world.did, ["write of task 1", "write of task 2"]);
}
