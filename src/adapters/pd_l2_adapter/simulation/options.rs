//! The options that a seed decides: the shape of the world, and its faults. Most seeds switch some kinds of faults off, so that
//! others occur alone.

use super::{clock::MILLISECOND, clock::Micros, sabotage::Sabotage};

/// A fault that strikes at a certain moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    BreakConnection,
    HalfOpenConnection,
    CutToReceiver,
    CutToSender,
    CutBoth,
    KillSender,
    PowerLossOfSender,
    FreezeSender,
    CloseSender,
    KillReceiver,
    FreezeReceiver,
    CloseReceiver,
    Rot,
    /// The transfer channel's own connection dies; the control connection does not.
    BreakPeer,
}

impl Fault {
    const ALL: [Self; 14] = [
        Self::BreakConnection,
        Self::HalfOpenConnection,
        Self::CutToReceiver,
        Self::CutToSender,
        Self::CutBoth,
        Self::KillSender,
        Self::PowerLossOfSender,
        Self::FreezeSender,
        Self::CloseSender,
        Self::KillReceiver,
        Self::FreezeReceiver,
        Self::CloseReceiver,
        Self::Rot,
        Self::BreakPeer,
    ];
}

/// For options that are drawn separately, so that the seeds in the replay list keep their meaning. With this number none of
/// them has writes that break off.
const OF_ITS_OWN: u64 = 6 << 40;

/// Chances are in a thousand.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) seed: u64,
    pub(super) sabotage: Option<Sabotage>,
    pub(super) senders: usize,
    pub(super) keys: usize,
    pub(super) capacity_pages: u64,
    pub(super) staging_pages: u64,
    pub(super) checksum: bool,
    pub(super) node_names: bool,
    pub(super) watermark: bool,
    pub(super) arena: bool,
    pub(super) clocks_disagree: bool,
    /// Events before the faults end.
    pub(super) events: u64,
    /// Mostly longer than any call waits for its answer, sometimes shorter.
    pub(super) lease: Micros,
    pub(super) reserve_wait: Micros,
    pub(super) lookup_wait: Micros,
    pub(super) lookup_grace: Micros,
    pub(super) lookups_in_grace: usize,
    pub(super) task_interval: Micros,
    pub(super) read_interval: Micros,
    pub(super) delay_max: Micros,
    pub(super) overtake: u32,
    pub(super) lose: u32,
    pub(super) duplicate: u32,
    pub(super) write_max: Micros,
    pub(super) write_slow: u32,
    pub(super) write_refused: u32,
    pub(super) write_failed: u32,
    /// Whether a failed write may land later.
    pub(super) writes_break_off: bool,
    /// A write stays in progress for long, and then breaks off.
    pub(super) write_stuck: u32,
    pub(super) add_peer_fails: u32,
    /// All senders have the same name.
    pub(super) one_name: bool,
    pub(super) corrupt: u32,
    pub(super) replacement_fails: u32,
    /// Whether bytes move while the sender's process is stopped.
    pub(super) moves_while_frozen: bool,
    pub(super) fault_interval: Micros,
    pub(super) faults: Vec<Fault>,
    /// Whether a node closes its connection before another one is accepted: its incarnation may be declared dead.
    pub(super) closes_first: bool,
    /// Whether senders that are dead when the faults end are restarted.
    pub(super) dead_come_back: bool,
}

impl Options {
    pub(super) fn draw(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let keys = random.usize(4..20);
        let demand: u64 = (0..keys).map(super::memory::pages_of).sum();
        let checksum = random.bool();
        let mut faults: Vec<Fault> = Fault::ALL.into_iter().filter(|_| random.u8(..) < 90).collect();
        if !checksum {
            faults.retain(|fault| *fault != Fault::Rot);
        }
        let mut chance = |most: u32| if random.bool() { random.u32(1..=most) } else { 0 };
        let (overtake, lose, duplicate) = (chance(100), chance(120), chance(150));
        let (write_slow, write_refused, write_failed) = (chance(200), chance(60), chance(120));
        let (corrupt, replacement_fails) = (chance(60), chance(500));
        let mut options = Self {
            seed,
            sabotage,
            senders: if random.u8(..) < 64 { 3 } else { 2 },
            keys,
            capacity_pages: (demand / [1, 2, 4, 4][random.usize(..4)]).max(3),
            staging_pages: random.u64(3..10),
            checksum,
            node_names: random.bool(),
            watermark: random.u8(..) < 64,
            arena: random.bool(),
            clocks_disagree: random.bool(),
            events: random.u64(220..420),
            lease: if random.u8(..) < 64 { random.u64(60..250) } else { 600 } * MILLISECOND,
            reserve_wait: if random.u8(..) < 64 { random.u64(80..400) } else { 80 } * MILLISECOND,
            lookup_wait: 0,
            lookup_grace: 0,
            lookups_in_grace: 0,
            task_interval: random.u64(5..60) * MILLISECOND,
            read_interval: random.u64(5..60) * MILLISECOND,
            delay_max: if random.bool() { MILLISECOND } else { random.u64(1..25) * MILLISECOND },
            overtake,
            lose,
            duplicate,
            write_max: random.u64(1..60) * MILLISECOND,
            write_slow,
            write_refused,
            write_failed,
            writes_break_off: false,
            write_stuck: 0,
            add_peer_fails: 0,
            one_name: false,
            corrupt: if checksum { corrupt } else { 0 },
            replacement_fails,
            moves_while_frozen: random.bool(),
            fault_interval: random.u64(40..500) * MILLISECOND,
            faults,
            closes_first: random.bool(),
            dead_come_back: random.bool(),
        };
        options.draw_apart();
        if sabotage.is_some() {
            options.provoke();
        }
        options
    }

    fn draw_apart(&mut self) {
        let mut random = fastrand::Rng::with_seed(self.seed ^ OF_ITS_OWN);
        self.writes_break_off = random.bool();
        self.write_stuck = if random.u8(..) < 64 { random.u32(1..=40) } else { 0 };
        self.add_peer_fails = if random.bool() { random.u32(1..=400) } else { 0 };
        self.one_name = random.u8(..) < 40;
        self.node_names |= self.one_name;
        self.lookup_wait = if random.u8(..) < 64 { 0 } else { random.u64(20..1500) } * MILLISECOND;
        self.lookup_grace = if random.bool() { 0 } else { random.u64(1..200) } * MILLISECOND;
        self.lookups_in_grace = random.usize(1..=4);
    }

    /// The options for a sabotaged machine, whose fault shows if connections break and slow writes outlive them.
    fn provoke(&mut self) {
        self.faults.extend([Fault::BreakConnection, Fault::BreakConnection, Fault::FreezeSender]);
        self.fault_interval = 80 * MILLISECOND;
        self.write_slow = 300;
        if matches!(self.sabotage, Some(Sabotage::BreachTakenForEnd | Sabotage::PollNothing | Sabotage::EarlyBreach)) {
            self.writes_break_off = true;
            self.write_failed = 300;
        }
        if self.sabotage == Some(Sabotage::PollNothing) {
            self.faults.extend([Fault::FreezeReceiver, Fault::BreakPeer, Fault::FreezeReceiver, Fault::BreakPeer]);
        }
        if self.sabotage == Some(Sabotage::NameTakenForDeath) {
            (self.one_name, self.node_names) = (true, true);
            self.lease = 60 * MILLISECOND;
            self.faults.extend([Fault::CutBoth; 3]);
        }
        if self.sabotage == Some(Sabotage::KeepBrokenPeer) {
            self.faults.push(Fault::BreakPeer);
        }
        self.arena &= self.sabotage != Some(Sabotage::StageInOnePlace);
    }
}
