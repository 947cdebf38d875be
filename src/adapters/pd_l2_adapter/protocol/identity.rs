//! Names of incarnations, requests, regions of memory, and tenancies of a slot.

use std::fmt;

/// One start of a process. Random, so that a restarted process has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Epoch(pub(crate) u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// One reserve call of a sender's incarnation. Ascending, never used twice in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RequestId(pub(crate) u64);

/// One registration of a receiver's staging memory. Starts at random for each TP rank and each start, so that no two regions
/// share a number. Memory that is registered again gets the next number, and writes to the old region can no longer reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RegionNumber(pub(crate) u64);

impl RegionNumber {
    /// The number after this one.
    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// The memory that a connection, a grant or a commit is about: one region of one TP rank of one start of a receiver.
///
/// A write carries no name: its grant decides which memory it may hit. So both sides compare this value on every connection,
/// grant and commit, and misdirected ports are detected before a byte moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Destination {
    pub(crate) receiver: Epoch,
    pub(crate) tp_rank: u32,
    pub(crate) region: RegionNumber,
}

/// The two ports of one TP rank on which the receiver listens. Behind NAT a sender uses others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RankPorts {
    pub(crate) init: u16,
    pub(crate) alloc: u16,
}

impl fmt::Display for RankPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "init port {}, alloc port {}", self.init, self.alloc)
    }
}

/// The owner of a pair of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) receiver: Epoch,
    pub(crate) tp_rank: u32,
    pub(crate) ports: RankPorts,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TP rank {} of receiver {} ({})", self.tp_rank, self.receiver, self.ports)
    }
}

/// One tenancy of a slot: its index, and how often the slot has been handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SlotTicket {
    pub(crate) slot: u32,
    pub(crate) generation: u64,
}

impl fmt::Display for SlotTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot {} generation {}", self.slot, self.generation)
    }
}
