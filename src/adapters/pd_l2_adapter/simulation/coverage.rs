//! States that the seeds have reached. A simulation proves nothing about a state that it does not reach.

use std::fmt;

macro_rules! seen {
    ($($name:ident,)*) => {
        /// An event that must happen in some seed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Seen { $($name,)* }

        impl Seen {
            pub(super) const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

seen! {
    // Faults of the network.
    MessageLost, MessageDuplicated, MessageOvertaken, MessageCut, MessageAfterCut, CutToReceiver, CutToSender, CutBoth,
    ConnectionBroken, ConnectionHalfOpen, CloseCut, CloseArrived,
    // Faults of nodes.
    SenderKilled, SenderLostPower, SenderFrozen, SenderFrozenBeyondLease, SenderClosed, SenderRestarted, SenderBatched, WritesInterrupted,
    ReceiverKilled, ReceiverFrozen, ReceiverClosed, ReceiverRestarted, ReceiverBatched, ReceiverReadsFirst, ClocksDisagree,
    // Faults of transfers.
    WriteRefused, WriteFailed, WriteSlow, BytesCorrupted, BytesRotten, LandedAfterDeath, LandsAfterBreach, LandsFromSocket, WriteStuck, PeerBroken, PeerAdded, PeerNotAdded, PeerHealed, ProbeArrived, ProbeFailed, LandedInQuarantine,
    LandedNowhere, PostedIntoQuarantine, NameSharedByLiving,
    // States of slots.
    Reserved, Quarantined, Committed, Locked, Lent,
    // Answers of the receiver.
    Granted, Pending, Present, Busy, TooLarge, Parked, SameSlotsAgain, CommitStale, CommitAgain, WrongChecksum, CorruptLoad,
    UnknownEpoch, StaleRegion, RequestEnded, Closing, DeadEpoch, NameInUse, Superseded,
    // Events of the receiver.
    LeaseRanOut, IncarnationDied, EarlierConnectionClosed, AttachedTooLate, RegionReplaced, ReplacementFailed, Evicted, Expired, Deleted, CallAbandoned,
    // Events of the sender.
    FreshEpoch, GrantDropped, ConnectionHeld, EarlierClosedUnderWrite, CancelUnconfirmed, CancelBrokenOff, CancelConfirmed,
    HeartbeatsMissed, TaskStored, TaskStoredWithoutWriting, TaskLate, TaskFailed, TaskTooLarge, WriteTooSlow, FromArena, FromStaging,
    // Events of the server.
    Hit, Miss, Loaded, LookupWaits, LookupWhole, LookupUnannounced, LookupLostWrite, LookupTooLong, LookupMadeWay,
    LookupClosed,
}

/// How often each event has happened.
#[derive(Clone)]
pub(super) struct Coverage {
    counts: Vec<u64>,
    pub(super) events: u64,
    pub(super) fewest_events: u64,
}

impl Coverage {
    pub(super) fn new() -> Self {
        Self { counts: vec![0; Seen::ALL.len()], events: 0, fewest_events: u64::MAX }
    }

    pub(super) fn see(&mut self, what: Seen) {
        self.counts[what as usize] += 1;
    }

    pub(super) fn count(&self, what: Seen) -> u64 {
        self.counts[what as usize]
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, theirs)| *mine += theirs);
        self.events += other.events;
        self.fewest_events = self.fewest_events.min(other.fewest_events);
    }

    pub(super) fn never_seen(&self) -> Vec<Seen> {
        Seen::ALL.iter().copied().filter(|what| self.count(*what) == 0).collect()
    }
}

impl fmt::Debug for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "events: {} (at least {} in a seed)", self.events, self.fewest_events)?;
        Seen::ALL.iter().try_for_each(|what| write!(f, ", {what:?}: {}", self.count(*what)))
    }
}
