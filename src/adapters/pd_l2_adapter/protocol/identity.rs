//! Names of what lives and dies: processes, requests, regions of memory, tenancies of a slot.

use std::fmt;

/// One start of a process: random, so that a process that was restarted is another one.
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

/// One registration of a receiver's staging memory. Ascending within the receiver's epoch: memory that is registered anew
/// has a new number, and writes to the old one can no longer reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RegionNumber(pub(crate) u64);

/// One tenancy of a slot: its index, and how often the slot was handed out.
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
